import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { sql } from '../platform/db/sql.ts';
import type { PatientRow } from '../services/pds/queries.ts';
import { recordOf, rowOf } from '../services/pds/records.ts';
import { traceRows } from '../services/pds/trace/trace-rows.ts';
import { numberAt } from './nhs-numbers.ts';
import { personAt } from './person.ts';
import { selectIndexes, selectProgress } from './queries.ts';
import { type SeedOptions, type SeedProgress, seedPatients } from './seed.ts';

const seed = 20;
type Db = Awaited<ReturnType<typeof testDatabase>>;

const patients = (db: Db) =>
  db.query<PatientRow>(sql`
    select nhs_number, version, state, security, survivor, record, former from pds.patient order by nhs_number`);
const traced = (db: Db) =>
  db.query<{ row: string }>(sql`select t::text as row from pds.trace t order by nhs_number, kind, given_key`);

async function expectPeople(db: Db, from: number, count: number): Promise<void> {
  const rows = await patients(db);
  expect(rows).toEqual(Array.from({ length: count }, (_, n) => rowOf(personAt(seed, from + n))));
  const read = await db.query<Record<string, unknown>>(sql`
    select nhs_number as "nhsNumber", born_on as "bornOn", family_key as "familyKey", family_sound as "familySound",
           given_key as "givenKey", kind, gender, postcodes from pds.trace`);
  const text = (rows: readonly object[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
  expect(text(read)).toEqual(text(rows.flatMap((row) => traceRows(recordOf(row)))));
}

describe('seeding', () => {
  test('stores people as PDS itself would, with the rows PDS would trace them by', async () => {
    const db = await testDatabase();
    await seedPatients({ db, seed, from: 500, count: 1500, chunk: 400 });
    await expectPeople(db, 500, 1500);
  });

  test('in the fast way gives the same people and the same indexes', async () => {
    const db = await testDatabase();
    const before = await selectIndexes(db);
    const seen: SeedProgress[] = [];
    await seedPatients({ db, seed, count: 3000, fastFrom: 1, onProgress: (progress) => seen.push(progress) });
    await expectPeople(db, 0, 3000);
    expect(before.rebuild.length).toBeGreaterThanOrEqual(2);
    expect(await selectIndexes(db)).toEqual(before);
    expect(new Set(seen.map((one) => one.stage))).toEqual(new Set(['load', 'index', 'vacuum']));
    expect(seen).toContainEqual({ stage: 'load', done: 3000, target: 3000 });
    const [row] = await db.query<{ frozen: boolean }>(sql`
      select relallvisible = relpages as frozen from pg_class where oid = 'pds.patient'::regclass`);
    expect(row?.frozen).toBe(true);
  });

  test.each([
    ['slow', { fastFrom: 1e9, chunk: 100 }],
    ['fast', { fastFrom: 1 }],
  ])('in the %s way leaves people who are there already as they are', async (_, way) => {
    const db = await testDatabase();
    await seedPatients({ db, seed: 99, from: 40, count: 10 });
    await db.query(sql`
      insert into pds.patient values ('9000000009', 2, 'a', 'U', null, '', null)`);
    const [mine, names] = [await patients(db), await traced(db)];
    await seedPatients({ db, seed, count: 200, ...way });
    const rows = await patients(db);
    expect(rows).toHaveLength(201);
    expect(rows).toEqual(expect.arrayContaining(mine));
    expect((await traced(db)).map((one) => one.row)).toEqual(expect.arrayContaining(names.map((one) => one.row)));
    expect(rows.find((row) => row.nhs_number === numberAt(3))).toEqual(rowOf(personAt(seed, 3)));
  });

  test('cut short in the slow way, goes on with the next chunk', async () => {
    const db = await testDatabase();
    const options: SeedOptions = { db, seed, count: 1000, chunk: 250 };
    await expect(seedPatients({ ...options, onProgress: stopAt('load', 500) })).rejects.toThrow('stopped');
    expect(await patients(db)).toHaveLength(500);
    expect(await selectProgress(db, seed)).toMatchObject({ stage: 'load', next_index: 500, target: 1000 });
    await seedPatients(options);
    await expectPeople(db, 0, 1000);
    expect(await selectProgress(db, seed)).toMatchObject({ stage: 'done', next_index: 1000 });
  });

  test.each([
    ['while loading', 'load', 0],
    ['before the second index', 'index', 1],
    ['before the vacuum', 'vacuum', 0],
  ] as const)('cut short in the fast way %s, ends with everything in place', async (_, stage, done) => {
    const db = await testDatabase();
    const before = await selectIndexes(db);
    const options: SeedOptions = { db, seed, count: 1500, fastFrom: 1 };
    await expect(seedPatients({ ...options, onProgress: stopAt(stage, done) })).rejects.toThrow('stopped');
    await seedPatients(options);
    await expectPeople(db, 0, 1500);
    expect(await selectIndexes(db)).toEqual(before);
  });

  test('cut short between the two commits of the fast way, traces nobody twice', async () => {
    const db = await testDatabase();
    await seedPatients({ db, seed, count: 20 });
    const options: SeedOptions = { db, seed, count: 800, fastFrom: 1 };
    await expect(seedPatients({ ...options, onProgress: stopAt('index', 0) })).rejects.toThrow('stopped');
    // the trace table as committed, the records as they were
    await db.query(sql`delete from pds.patient where nhs_number >= ${numberAt(20)}`);
    await db.query(sql`update population.seed_progress set stage = 'load', next_index = 0`);
    await seedPatients(options);
    await expectPeople(db, 0, 800);
  });

  test('refuses to begin another load while one is unfinished, and more people than there are numbers', async () => {
    const db = await testDatabase();
    const stopped = seedPatients({ db, seed, count: 1000, chunk: 250, onProgress: stopAt('load', 250) });
    await expect(stopped).rejects.toThrow('stopped');
    await expect(seedPatients({ db, seed, count: 2000 })).rejects.toThrow(/finish that first/);
    await expect(seedPatients({ db, seed, count: 1e9 })).rejects.toThrow(RangeError);
  });

  test('a finished nation can be added to', async () => {
    const db = await testDatabase();
    await seedPatients({ db, seed, count: 100 });
    await seedPatients({ db, seed, from: 100, count: 50 });
    await expectPeople(db, 0, 150);
  });
});

function stopAt(stage: SeedProgress['stage'], done: number): (progress: SeedProgress) => void {
  return (progress) => {
    if (progress.stage === stage && progress.done === done) throw new Error('stopped');
  };
}
