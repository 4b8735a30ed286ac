import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import { Lease, takeLease } from './lease.ts';
import { LeasedWorker, type Round } from './leased-worker.ts';

const db = await testDatabase();
const clock = new Clock();
const now = Date.parse('2026-03-15T12:00:00Z');

test('a lease is held by one, until it is over', async () => {
  expect(await takeLease(db, 'task', 'one', now, now + 1000)).toBe(true);
  expect(await takeLease(db, 'task', 'two', now + 999, now + 2000)).toBe(false);
  expect(await takeLease(db, 'task', 'two', now + 1000, now + 2000)).toBe(true);
});

/** A process's clock, and what it takes the lease for. */
function leaseAt(name: string) {
  const time = { now: Date.now() };
  const lease = new Lease({ db, clock: { wall: () => time.now } as Clock, name, millis: 1000 });
  return { time, lease };
}

test('a lease is prolonged by its holder alone, and only while it is held', async () => {
  const [one, two] = [leaseAt('long'), leaseAt('long')];
  const began = one.time.now;
  expect([await one.lease.holds(), await two.lease.holds()]).toEqual([true, false]);
  one.time.now = began + 600;
  expect(await one.lease.holds()).toBe(true);
  two.time.now = began + 1500;
  expect(await two.lease.holds()).toBe(false);
  two.time.now = began + 1600;
  expect(await two.lease.holds()).toBe(true);
  one.time.now = began + 1600;
  expect(await one.lease.holds()).toBe(false);
});

test('whose clock was set back does not believe to hold what another has taken since', async () => {
  const [one, two] = [leaseAt('back'), leaseAt('back')];
  const began = one.time.now;
  expect(await one.lease.holds()).toBe(true);
  one.time.now = began - 3_600_000;
  two.time.now = began + 1000;
  expect(await two.lease.holds()).toBe(true);
  expect(await one.lease.holds()).toBe(false);
});

test('a lease that is given back is free at once; who has it not gives nothing back', async () => {
  const [one, two] = [leaseAt('given'), leaseAt('given')];
  expect([await one.lease.holds(), await two.lease.holds()]).toEqual([true, false]);
  await two.lease.release();
  expect(await two.lease.holds()).toBe(false);
  await one.lease.release();
  expect(await two.lease.holds()).toBe(true);
});

const workerOf = (lease: string, round: Round) =>
  new LeasedWorker({ db, clock, lease, leaseMillis: 60_000, everyMillis: 10, round });
const unexpected = (error: Error) => {
  throw error;
};

test('one of two works; when it stops the other takes over without waiting for the lease to be over', async () => {
  const rounds = { one: 0, two: 0 };
  const [one, two] = (['one', 'two'] as const).map((name) => workerOf('shared', async () => rounds[name]++)) as [
    LeasedWorker,
    LeasedWorker,
  ];
  one.start(unexpected);
  await expect.poll(() => rounds.one).toBeGreaterThan(1);
  two.start(unexpected);
  await expect.poll(() => rounds.one).toBeGreaterThan(4);
  expect(rounds.two).toBe(0);
  await one.stop();
  const { one: ended } = rounds;
  await expect.poll(() => rounds.two).toBeGreaterThan(1);
  await two.stop();
  expect(rounds.one).toBe(ended);
});

test('a long round is told to end when its worker stops, and stopping waits for it', async () => {
  let state = 'not begun';
  const worker = workerOf('long round', async (goesOn) => {
    state = 'under way';
    while (await goesOn()) await pause(5);
    state = 'ended';
  });
  worker.start(unexpected);
  await expect.poll(() => state).toBe('under way');
  await worker.stop();
  expect(state).toBe('ended');
});

test('trouble is told once until a round ends well, and rounds go on', async () => {
  let [rounds, isBroken] = [0, true];
  const told: string[] = [];
  const worker = workerOf('troubled', async (_goesOn, onTrouble) => {
    rounds++;
    if (isBroken) throw new Error('broken');
    onTrouble(new Error('one of many'));
  });
  worker.start((error) => told.push(error.message));
  await expect.poll(() => rounds).toBeGreaterThan(3);
  expect(told).toEqual(['broken']);
  isBroken = false;
  await expect.poll(() => told).toContain('one of many');
  isBroken = true;
  await expect.poll(() => told.filter((words) => words === 'broken').length).toBe(2);
  await worker.stop();
});
