import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { childrenOf, dataDirectory, eventually, isRunning, type Program, runStandIn } from '../support/program.ts';
import { steadyLoad } from '../support/steady-load.ts';

const ask = async (url: string): Promise<{ pid: number }> => (await fetch(url)).json() as Promise<{ pid: number }>;
const workers = (program: Program) => childrenOf(program.pid);

for (const count of ['1', '2']) {
  describe(`with ${count} worker${count === '1' ? '' : 's'}`, () => {
    test('SIGTERM: a request in flight is answered, then the program ends with 0 and lets go of its directory', async () => {
      const directory = dataDirectory();
      const program = runStandIn(directory, { OPENSPINE_WORKERS: count });
      const url = await program.url;
      const slow = fetch(`${url}/slow?ms=700`);
      await pause(200);
      const code = program.stop();
      expect((await slow).status).toBe(200);
      expect(await code).toBe(0);
      const again = runStandIn(directory, { OPENSPINE_WORKERS: count });
      await again.url;
      expect(await again.stop()).toBe(0);
    });

    test('SIGINT twice ends it at once, in-flight requests or not', async () => {
      const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: count });
      const url = await program.url;
      const slow = fetch(`${url}/slow?ms=20000`).catch((error: Error) => error);
      await pause(200);
      const began = performance.now();
      program.signal('SIGINT');
      await program.printed(/Stopping/);
      await pause(300);
      program.signal('SIGINT');
      expect(await program.ended).toBe(130);
      expect(performance.now() - began).toBeLessThan(3000);
      expect(await slow).toBeInstanceOf(Error);
    });

    test('a second instance on the same directory is refused in one sentence', async () => {
      const directory = dataDirectory();
      const first = runStandIn(directory, { OPENSPINE_WORKERS: count });
      await first.url;
      const second = runStandIn(directory, { OPENSPINE_WORKERS: count });
      expect(await second.ended).toBe(1);
      expect(second.output()).toBe(
        `Another OpenSpine (process ${first.pid}) already runs on ${directory}; stop it, or give this one its own OPENSPINE_DATA.\n`,
      );
      expect(await first.stop()).toBe(0);
    });

    test('a port in use is refused in one sentence', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await new Promise((listening) => other.once('listening', listening));
      const { port } = other.address() as { port: number };
      const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: count, OPENSPINE_PORT: String(port) });
      expect(await program.ended).toBe(1);
      expect(program.output()).toBe(`Port ${port} is in use; set OPENSPINE_PORT to another.\n`);
      other.close();
    });

    test('killed with -9 under load, it starts again on the same directory and port', async () => {
      const directory = dataDirectory();
      const first = runStandIn(directory, { OPENSPINE_WORKERS: count });
      const url = await first.url;
      const load = steadyLoad(url, { callers: 4, keepAlive: true });
      await pause(200);
      first.signal('SIGKILL');
      const second = runStandIn(directory, { OPENSPINE_WORKERS: count, OPENSPINE_PORT: new URL(url).port });
      expect(await second.url).toBe(url);
      expect((await load()).failed.length).toBeGreaterThan(0);
      expect(await second.stop()).toBe(0);
    });
  });
}

describe('a supervisor', () => {
  test.for([true, false])(
    'SIGHUP replaces every worker under load without a lost request (keep-alive %s)',
    async (keepAlive) => {
      const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: '2' });
      const url = await program.url;
      const before = workers(program);
      // busy workers have connections waiting to be accepted, which must not be lost with the worker's socket
      const load = steadyLoad(`${url}/busy`, { callers: 48, keepAlive });
      for (const round of [1, 2]) {
        await pause(300);
        program.signal('SIGHUP');
        await eventually(`reload ${round}`, () => program.output().split('Reloaded.').length > round);
      }
      const after = workers(program);
      await pause(300);
      const { answered, failed, byPid } = await load();
      expect(failed).toEqual([]);
      expect(answered).toBeGreaterThan(300);
      expect(before.some((pid) => after.includes(pid))).toBe(false);
      for (const pid of [...before, ...after]) expect(byPid.get(pid) ?? 0, `answers of ${pid}`).toBeGreaterThan(0);
      expect(await program.stop()).toBe(0);
    },
  );

  test('gives up a reload to a build that does not start, and goes on with the workers it has', async () => {
    const directory = dataDirectory();
    const broken = join(directory, 'broken');
    const program = runStandIn(directory, { OPENSPINE_WORKERS: '2', OPENSPINE_TEST_BROKEN: broken });
    const url = await program.url;
    const before = workers(program);
    writeFileSync(broken, '');
    program.signal('SIGHUP');
    await program.printed(/Reload given up.*this build is broken/);
    await eventually('only the old workers are left', () => workers(program).join() === before.join());
    expect(before).toContain((await ask(url)).pid);
    rmSync(broken);
    program.signal('SIGHUP');
    await program.printed(/Reloaded\./);
    expect(await program.stop()).toBe(0);
  });

  test('replaces a worker that is killed with -9, while the other goes on', async () => {
    const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: '2' });
    const url = await program.url;
    const [victim, other] = workers(program) as [number, number];
    process.kill(victim, 'SIGKILL');
    await program.printed(/took its place/);
    const after = workers(program);
    expect(after).toHaveLength(2);
    expect(after).toContain(other);
    expect(after).not.toContain(victim);
    const answering = new Set<number>();
    await eventually('both answer', async () => {
      const response = await fetch(url, { headers: { connection: 'close' } });
      answering.add(((await response.json()) as { pid: number }).pid);
      return answering.size === 2;
    });
    expect([...answering].sort()).toEqual([...after].sort());
    expect(await program.stop()).toBe(0);
  });

  test('killed with -9, takes its workers with it', async () => {
    const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: '2' });
    await program.url;
    const orphans = workers(program);
    expect(orphans).toHaveLength(2);
    program.signal('SIGKILL');
    await program.ended;
    await eventually('the workers end', () => !orphans.some(isRunning));
  });

  test('adds up the metrics of all workers', async () => {
    const program = runStandIn(dataDirectory(), { OPENSPINE_WORKERS: '2' });
    const url = await program.url;
    const load = steadyLoad(url, { callers: 8, keepAlive: false });
    await pause(300);
    const { answered, byPid } = await load();
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(byPid.size).toBe(2);
    expect(text).toContain(`\nstand_in_answers_total ${answered}\n`);
    expect(text).toContain('\nopenspine_workers 2\n');
    expect(await program.stop()).toBe(0);
  });
});

test.for(['1', '2'])('PostgreSQL killed with -9 is started again and used again (%s workers)', async (count) => {
  const directory = dataDirectory();
  const program = runStandIn(directory, { OPENSPINE_WORKERS: count, OPENSPINE_DATABASE_URL: '' });
  const url = await program.url;
  expect((await fetch(`${url}/database`)).status).toBe(200);
  const before = findEmbedded(directory)?.pid as number;
  process.kill(before, 'SIGKILL');
  await program.printed(/PostgreSQL runs again/);
  expect(findEmbedded(directory)?.pid).not.toBe(before);
  await eventually(
    'the database answers through the program',
    async () => (await fetch(`${url}/database`)).status === 200,
  );
  expect(await program.stop()).toBe(0);
  expect(findEmbedded(directory)).toBeUndefined();
});

test('everything killed with -9 at once, the next start recovers by itself', async () => {
  const directory = dataDirectory();
  const first = runStandIn(directory, { OPENSPINE_WORKERS: '2', OPENSPINE_DATABASE_URL: '' });
  const port = new URL(await first.url).port;
  for (const pid of [first.pid, ...workers(first)]) process.kill(pid, 'SIGKILL');
  const second = runStandIn(directory, { OPENSPINE_WORKERS: '2', OPENSPINE_DATABASE_URL: '', OPENSPINE_PORT: port });
  expect((await fetch(`${await second.url}/database`)).status).toBe(200);
  expect(await second.stop()).toBe(0);
});
