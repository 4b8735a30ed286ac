import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { freeBytes } from './free-bytes.ts';

/**
 * Sends a body as it is read, each piece when the one before has left, and gives that one's memory back: pieces are the
 * response's alone. A source that fails, and a client that goes, end both sides: a cut body is never taken for a whole one.
 */
export async function sendStream(stream: Readable, response: ServerResponse): Promise<void> {
  response.once('close', () => stream.destroy());
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      await written(response, piece);
      freeBytes(piece);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
