import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { sendStream } from './send-stream.ts';

/** A server that answers with what `pieces` gives; its address, and whether the source has ended. */
async function serving(pieces: () => AsyncGenerator<Buffer>, length?: number) {
  const source = { hasEnded: false };
  async function* watched() {
    try {
      yield* pieces();
    } finally {
      source.hasEnded = true;
    }
  }
  const answer = (response: ServerResponse) => {
    response.writeHead(200, length === undefined ? {} : { 'content-length': length });
    void sendStream(Readable.from(watched()), response);
  };
  const server = createServer((_request, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, source };
}

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

test.each([1000, 65_536, 300_000])('pieces of %i bytes arrive as they are, and are given back', async (size) => {
  const given: Buffer[] = [];
  const sent = Buffer.alloc(1_000_000, 'what is sent ');
  async function* pieces() {
    for (let at = 0; at < sent.length; at += size) {
      const piece = Buffer.allocUnsafeSlow(Math.min(size, sent.length - at));
      sent.copy(piece, 0, at);
      given.push(piece);
      yield piece;
    }
  }
  for (const length of [sent.length, undefined]) {
    const { url } = await serving(pieces, length);
    expect((await bytesOf(url)).equals(sent)).toBe(true);
  }
  if (size > 16_384) expect(given.reduce((sum, piece) => sum + piece.length, 0)).toBe(0);
});

test('a source that fails cuts the answer off', async () => {
  async function* failing() {
    yield Buffer.alloc(100_000);
    throw new Error('the disk is gone');
  }
  for (const length of [200_000, undefined]) {
    const { url, source } = await serving(failing, length);
    await expect(bytesOf(url)).rejects.toThrow('terminated');
    expect(source.hasEnded).toBe(true);
  }
});

test('a client that goes ends the source, also one that never took anything', async () => {
  async function* endless() {
    for (;;) yield Buffer.allocUnsafeSlow(2 ** 18);
  }
  const { port, source } = await serving(endless);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'readable');
  expect(source.hasEnded).toBe(false);
  socket.destroy();
  await expect.poll(() => source.hasEnded).toBe(true);
});
