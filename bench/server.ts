import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Waits for the server's first healthy answer. */
export async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/health/ready`)).ok) return;
    } catch {
      // not there yet
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('the server did not answer within 30 seconds');
}

/** The address of the embedded database that a server runs on this data directory. */
export const socketOf = (data: string): string => {
  const lines = readFileSync(join(data, 'pgdata', 'postmaster.pid'), 'utf8').split('\n');
  return `postgres://postgres@/openspine?host=${encodeURIComponent(lines[4] as string)}`;
};

/** A token of a member of staff, good for a day. */
export async function tokenFrom(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/sandbox/token`, {
    method: 'POST',
    body: JSON.stringify({ mode: 'healthcare-worker', expiresIn: 86_400 }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
