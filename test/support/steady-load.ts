import { Agent, get } from 'node:http';

/** What became of a load: answers, by the process that gave them, and failures by their code. */
export type LoadResult = { readonly answered: number; readonly byPid: Map<number, number>; readonly failed: string[] };

/**
 * Asks `url` again and again from `callers` at once until the returned function is called; no request is ever repeated.
 * Kept-alive connections lose requests that cross with their closing, fresh ones those that nobody accepts any more.
 */
export function steadyLoad(url: string, { callers, keepAlive }: { callers: number; keepAlive: boolean }) {
  const agent = new Agent({ keepAlive, maxSockets: callers });
  const byPid = new Map<number, number>();
  const failed: string[] = [];
  let answered = 0;
  let goesOn = true;
  const ask = () =>
    new Promise<void>((resolve) => {
      const fail = (error: NodeJS.ErrnoException) => {
        failed.push(error.code ?? error.message);
        resolve();
      };
      get(url, { agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('error', fail);
        response.on('end', () => {
          if (response.statusCode !== 200) failed.push(`status ${response.statusCode}`);
          const { pid } = JSON.parse(text) as { pid: number };
          byPid.set(pid, (byPid.get(pid) ?? 0) + 1);
          answered++;
          resolve();
        });
      }).on('error', fail);
    });
  const all = Promise.all(
    Array.from({ length: callers }, async () => {
      while (goesOn) await ask();
    }),
  );
  return async (): Promise<LoadResult> => {
    goesOn = false;
    await all;
    agent.destroy();
    return { answered, byPid, failed };
  };
}
