import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { localhost } from '../../../../test/support/production.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { type Call, StreamedBody } from '../../../platform/http/operation.ts';
import { StreamedDownloads } from './streamed-downloads.ts';
import { Transfers } from './transfers.ts';

// two large downloads of one mailbox at a time, eight of all
const spine = await startSpine({ OPENSPINE_MAX_IN_FLIGHT: '32' });
const sockets: Socket[] = [];
afterAll(() => {
  for (const socket of sockets) socket.destroy();
});
const [one, two] = ['X26ABC1', 'X26ABC2'] as const;
/** More than the buffers between here and there take. */
const large = Buffer.alloc(16 * 2 ** 20, 'payload ');

async function mail(to: string, body: string | Buffer, more: Record<string, string> = {}): Promise<string> {
  const headers = { 'mex-to': to, 'mex-workflowid': 'TEST_WORKFLOW', ...more };
  const sent = await meshClient(spine.url, 'X26ABC3')('/outbox', { method: 'POST', headers, body });
  return sent.body.messageID as string;
}
const fetchAs = (mailboxId: string, id: string) => meshClient(spine.url, mailboxId)(`/inbox/${id}`);

/** Asks for a message and reads no more than how the answer begins. */
async function dawdle(mailboxId: string, id: string): Promise<Socket> {
  const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    `GET /messageexchange/${mailboxId}/inbox/${id} HTTP/1.1\r\nhost: x\r\nauthorization: ${meshToken(mailboxId)}\r\n\r\n`,
  );
  const [begun] = (await once(socket, 'data')) as [Buffer];
  expect(begun.toString('latin1')).toContain('HTTP/1.1 200 ');
  return socket.pause();
}

test('a payload that cannot be read is a failure, not the beginning of an answer; it counts as fetched by nobody', async () => {
  const id = await mail(two, large);
  const [path] = readdirSync(join(spine.dataDirectory, 'mesh', 'payloads'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)) as [string];
  const kept = readFileSync(path);
  const downloadedAt = async () =>
    (await meshClient(spine.url, 'X26ABC3')(`/outbox/tracking?messageID=${id}`)).body.downloadTimestamp;
  for (const damage of [() => rmSync(path), () => writeFileSync(path, Buffer.alloc(kept.length))]) {
    damage();
    const got = await fetchAs(two, id);
    expect(got.status).toBe(500);
    expect(got.body.message).toContain('An internal error occurred');
    expect(await downloadedAt()).toBe('');
  }
  writeFileSync(path, kept);
  expect((await fetchAs(two, id)).bytes.equals(large)).toBe(true);
  expect(await downloadedAt()).not.toBe('');
});

test('a mailbox that dawdles over large messages is asked to wait, for small ones it is not, and others are not', async () => {
  const id = await mail(one, large);
  const [small, others] = [await mail(one, 'x'), await mail(two, large)];
  const slow = [await dawdle(one, id), await dawdle(one, id)];
  const refused = await fetchAs(one, id);
  expect(refused.status).toBe(429);
  expect([refused.body.errorCode, refused.headers.get('retry-after')]).toEqual(['TooManyDownloads', '5']);
  expect((await fetchAs(one, small)).bytes.toString()).toBe('x');
  expect((await fetchAs(two, others)).bytes.equals(large)).toBe(true);
  for (const socket of slow) socket.destroy();
  let whole = await fetchAs(one, id);
  for (; whole.status !== 200; whole = await fetchAs(one, id)) await pause(20);
  expect(whole.bytes.equals(large)).toBe(true);
});

test('places are given back by downloads that end, those that are decompressed on their way too', async () => {
  const id = await mail(two, gzipSync(large), { 'content-encoding': 'gzip' });
  for (let times = 0; times < 4; times++) expect((await fetchAs(two, id)).bytes.length).toBe(large.length);
});

test('downloads asked for one behind the other on a connection that breaks give their places back', async () => {
  const id = await mail(one, large);
  for (let times = 0; times < 3; times++) {
    const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    const ask = () =>
      `GET /messageexchange/${one}/inbox/${id} HTTP/1.1\r\nhost: x\r\nauthorization: ${meshToken(one)}\r\n\r\n`;
    socket.write(ask() + ask());
    await once(socket, 'data');
    socket.pause();
    // the second has its place too, and waits for the first to go
    await expect.poll(async () => (await fetchAs(one, id)).status, { timeout: 10_000 }).toBe(429);
    socket.destroy();
    await expect.poll(async () => (await fetchAs(one, id)).status, { timeout: 10_000 }).toBe(200);
  }
});

const [cert, key] = [readFileSync(localhost.cert), readFileSync(localhost.key)];

test.each(['http', 'https'] as const)(
  'over %s a reader that takes nothing is cut off, and its place is free',
  async (scheme) => {
    const streamed = new StreamedDownloads(new Transfers({ ofMailbox: 1, largeOfMailbox: 1, large: 1 }), 300);
    const answer = () => ({ body: new StreamedBody(Readable.from(endless())) });
    const callOf = (request: IncomingMessage, response: ServerResponse) =>
      ({ headers: {}, principal: { appId: one }, raw: { request, response } }) as unknown as Call;
    let isReading = false;
    async function* endless() {
      isReading = true;
      try {
        for (;;) yield Buffer.alloc(2 ** 18);
      } finally {
        isReading = false;
      }
    }
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      try {
        pipeline(streamed.hold(callOf(request, response), answer()).body.stream, response, () => undefined);
      } catch {
        response.writeHead(429).end();
      }
    };
    const server = scheme === 'http' ? createHttp(serve) : createHttps({ cert, key }, serve);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const begin = () => {
      const socket =
        scheme === 'http'
          ? connect(port, '127.0.0.1')
          : connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: cert });
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      return socket;
    };
    for (let times = 0; times < 2; times++) {
      begin().pause();
      await expect.poll(() => isReading, { timeout: 20_000 }).toBe(true);
      await expect.poll(() => isReading, { timeout: 20_000 }).toBe(false);
    }
    server.close();
  },
);
