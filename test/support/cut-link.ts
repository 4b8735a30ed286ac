import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll } from 'vitest';

/**
 * A link to a server that breaks: after so many bytes, in both directions together, everything on it is cut. The server is
 * one of HTTP, or PostgreSQL, at its socket too.
 */
export async function cutLink(target: string) {
  const { protocol, hostname, port, username, pathname, searchParams } = new URL(target.replace('@/', '@socket/'));
  const isDatabase = protocol === 'postgres:';
  const socket = searchParams.get('host');
  const after: number[] = [];
  const answers: RegExp[] = [];
  let isAnswerCut = false;
  let carried = 0;
  let cuts = 0;
  const open = new Set<() => void>();
  let letIn: Promise<void> = Promise.resolve();
  const server = createServer(async (near) => {
    near.on('error', () => near.destroy());
    await letIn;
    if (near.destroyed) return;
    const far = socket === null ? connect(Number(port), hostname) : connect(`${socket}/.s.PGSQL.5432`);
    const end = () => {
      open.delete(end);
      near.destroy();
      far.destroy();
    };
    open.add(end);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', end);
      from.on('close', end);
      from.on('data', (piece) => {
        carried += piece.length;
        if (from === near && answers[0]?.test(piece.toString('latin1'))) {
          answers.shift();
          isAnswerCut = true;
        } else if (from === far && isAnswerCut) {
          isAnswerCut = false;
          cuts++;
          return end();
        }
        const limit = after[0];
        if (limit !== undefined && carried >= limit) {
          after.shift();
          carried = 0;
          cuts++;
          return end();
        }
        if (!to.write(piece)) from.pause();
      });
      to.on('drain', () => from.resume());
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => void server.close());
  const here = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: isDatabase ? `postgres://${username}@${here}${pathname}` : `http://${here}`,
    /** Cuts after each of these amounts of bytes, one after the other; then no more. */
    cutAfter(...bytes: number[]): void {
      after.push(...bytes);
    },
    /** Cuts the answer to the next request with such a line: it arrives, and nobody hears of it. */
    cutAnswerTo(line: RegExp): void {
      answers.push(line);
    },
    /** Cuts everything that is on it now. */
    cutNow(): void {
      for (const end of open) end();
    },
    cuts: () => cuts,
    /** Keeps new connections waiting until what it gives is called. */
    holdNew(): () => void {
      let go: () => void = () => undefined;
      letIn = new Promise((resolve) => {
        go = resolve;
      });
      return go;
    },
  };
}
