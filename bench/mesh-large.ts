import { connect, type Socket } from 'node:net';
import { headOf, sendHead } from './mesh-traffic.ts';

const chunkBytes = 100 * 2 ** 20;
const pieceBytes = 2 ** 20;

type Transfer = { readonly inMegabytesPerSecond: number; readonly outMegabytesPerSecond: number };

/** Sends a message of so many chunks of 100 MB, one after the other, then downloads it and compares each byte. */
export async function transferLarge(
  { host, port }: { host: string; port: number },
  { from, to, chunks, piece }: { from: string; to: string; chunks: number; piece: Buffer },
): Promise<Transfer> {
  if (piece.length !== pieceBytes) throw new Error(`a piece has ${pieceBytes} bytes`);
  const socket = connect({ host, port, noDelay: true });
  let began = performance.now();
  let messageId = '';
  for (let number = 1; number <= chunks; number++) {
    const range = `Mex-Chunk-Range: ${number}:${chunks}\r\n`;
    const path = `/outbox/${messageId}/${number}`;
    const head =
      number === 1
        ? sendHead(from, to, chunkBytes, { more: range })
        : headOf('POST', from, path, `${range}Content-Length: ${chunkBytes}\r\n`);
    const answered = answerOf(socket, undefined);
    socket.write(head);
    for (let sent = 0; sent < chunkBytes; sent += pieceBytes)
      if (!socket.write(piece)) await new Promise((drained) => socket.once('drain', drained));
    const { status, text } = await answered;
    if (status !== 202) throw new Error(`chunk ${number}: ${status} ${text}`);
    if (number === 1) messageId = (JSON.parse(text) as { messageID: string }).messageID;
  }
  const inSeconds = (performance.now() - began) / 1000;
  began = performance.now();
  for (let number = 1; number <= chunks; number++) {
    const answered = answerOf(socket, piece);
    socket.write(headOf('GET', to, `/inbox/${messageId}/${number}`));
    const { status, text } = await answered;
    if (status !== (number < chunks ? 206 : 200)) throw new Error(`chunk ${number}: ${status} ${text}`);
  }
  const outSeconds = (performance.now() - began) / 1000;
  socket.destroy();
  const megabytes = (chunks * chunkBytes) / 1e6;
  return { inMegabytesPerSecond: megabytes / inSeconds, outMegabytesPerSecond: megabytes / outSeconds };
}

/** Reads one answer; with `piece`, its body must be that again and again, and is not kept. */
function answerOf(socket: Socket, piece: Buffer | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let [status, length, got] = [0, -1, 0];
    let text = '';
    const take = (body: Buffer) => {
      if (piece && status < 300) {
        for (let at = 0; at < body.length; ) {
          const place = (got + at) % pieceBytes;
          const size = Math.min(body.length - at, pieceBytes - place);
          if (body.compare(piece, place, place + size, at, at + size) !== 0) return end(new Error('bytes differ'));
          at += size;
        }
      } else text += body.toString('utf8');
      got += body.length;
      if (got >= length) end();
    };
    const onData = (data: Buffer) => {
      if (length >= 0) return take(data);
      head = Buffer.concat([head, data]);
      const at = head.indexOf('\r\n\r\n');
      if (at < 0) return;
      status = Number(head.toString('latin1', 9, 12));
      length = Number(/content-length: *([0-9]+)/i.exec(head.toString('latin1', 0, at))?.[1] ?? 0);
      take(head.subarray(at + 4));
    };
    const onClose = () => end(new Error('the connection was closed'));
    const end = (error?: Error) => {
      socket.off('data', onData).off('close', onClose).off('error', end);
      if (error) reject(error);
      else resolve({ status, text });
    };
    socket.on('data', onData).on('close', onClose).on('error', end);
  });
}
