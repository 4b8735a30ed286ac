import { totalmem } from 'node:os';
import type pg from 'pg';
import type { Database, Queryable } from '../platform/db/database.ts';
import { patientLine, traceLines } from './copy-lines.ts';
import { CopyStream } from './copy-stream.ts';
import { capacity, indexOfNumber, numberAt } from './nhs-numbers.ts';
import { personRowAt } from './person.ts';
import {
  copyInto,
  countPeople,
  emptyKeeping,
  type ProgressRow,
  prepareSession,
  resetSession,
  restoreKept,
  runIndexStatement,
  selectAllNumbers,
  selectIndexes,
  selectNumbers,
  selectProgress,
  upsertProgress,
  vacuum,
} from './queries.ts';

export type SeedProgress = {
  readonly stage: 'load' | 'index' | 'vacuum';
  /** People loaded, or statements done. */
  readonly done: number;
  readonly target: number;
};

export type SeedOptions = {
  /** Lends at least two connections at once. */
  readonly db: Database;
  readonly seed: number;
  /** The first person's index (default 0). */
  readonly from?: number;
  readonly count: number;
  /** People a transaction in the slow way (default 100,000). */
  readonly chunk?: number;
  /** From how many people on the tables are written anew in the fast way (default 500,000). */
  readonly fastFrom?: number;
  readonly onProgress?: (progress: SeedProgress) => void;
};

/** In the fast way what was there is put aside and back; more than this stays where it is. */
const mostKept = 200_000;

/**
 * Loads people `from` to `from + count` of the nation of `seed` into PDS, and the names they are traced by. Numbers PDS
 * holds already are left as they are. Called again after it was cut short it goes on where it was.
 *
 * Few people are added in transactions of a hundred thousand, indexes in place. Many people into tables that are (nearly)
 * empty are written in one transaction a table, frozen and without indexes, which are made afterwards: cut short while
 * writing it begins anew, cut short later it goes on with the next index. Nothing else may use PDS meanwhile.
 *
 * Throws RangeError for people there are no numbers for, Error when another load of the seed is unfinished.
 */
export async function seedPatients(options: SeedOptions): Promise<void> {
  const { db, seed, count, from = 0 } = options;
  if (from < 0 || count < 0 || from + count > capacity) throw new RangeError(`There are ${capacity} people at most.`);
  const before = await selectProgress(db, seed);
  if (before !== undefined && before.stage !== 'done') {
    if (before.first_index !== from || before.target !== from + count) {
      throw new Error(
        `People ${before.first_index} to ${before.target} of seed ${seed} are not loaded to the end; finish that first.`,
      );
    }
    if (before.stage === 'load' && before.rebuild.length === 0) return loadSlowly(options, before.next_index);
    if (before.stage === 'load') await loadFast(options, before.rebuild);
    return makeIndexes(options);
  }
  const isFast = count >= (options.fastFrom ?? 500_000) && (await countPeople(db, mostKept)) < mostKept;
  if (!isFast) return loadSlowly(options, from);
  const { drop, rebuild } = await selectIndexes(db);
  await db.transaction(async (tx) => {
    await upsertProgress(tx, progressRow(options, 'load', from, rebuild));
    for (const statement of drop) await runIndexStatement(tx, statement);
  });
  await loadFast(options, rebuild);
  return makeIndexes(options);
}

function progressRow(
  options: SeedOptions,
  stage: ProgressRow['stage'],
  next: number,
  rebuild: readonly string[],
): ProgressRow {
  const from = options.from ?? 0;
  return { seed: options.seed, first_index: from, next_index: next, target: from + options.count, stage, rebuild };
}

/** Indexes of the people from `first` to before `end` who are there already. */
async function present(db: Queryable, first: number, end: number): Promise<Set<number | undefined>> {
  if (first >= end) return new Set();
  return new Set((await selectNumbers(db, numberAt(first), numberAt(end - 1))).map(indexOfNumber));
}

/** People made between two pieces sent: some two hundred kilobytes. */
const piece = 1024;

async function loadFast(options: SeedOptions, rebuild: readonly string[]): Promise<void> {
  const { db, seed, count, from = 0 } = options;
  const end = from + count;
  const held = await selectAllNumbers(db);
  const there = new Set(held.map(indexOfNumber));
  await inTransaction(db, async (patients, patientsTx) => {
    // The trace table is committed first; the row that says both are there is committed with the other. Cut short in
    // between, the next run keeps only what belongs to the people who were there before.
    await inTransaction(db, async (trace, traceTx) => {
      await emptyKeeping(patientsTx, 'patient', held);
      await emptyKeeping(traceTx, 'trace', held);
      const [records, names] = [
        new CopyStream(patients, copyInto('patient', true)),
        new CopyStream(trace, copyInto('trace', true)),
      ];
      for (let first = from; first < end; first += piece) {
        const made = linesOf(seed, first, Math.min(first + piece, end), there);
        await Promise.all([records.write(made.patients), names.write(made.trace)]);
        if ((first - from) % (100 * piece) === 0)
          options.onProgress?.({ stage: 'load', done: first - from, target: count });
      }
      await Promise.all([records.end(), names.end()]);
      await restoreKept(patientsTx, 'patient');
      await restoreKept(traceTx, 'trace');
    });
    await upsertProgress(patientsTx, progressRow(options, 'index', end, rebuild));
  });
  options.onProgress?.({ stage: 'load', done: count, target: count });
}

function linesOf(seed: number, first: number, end: number, there: ReadonlySet<number | undefined>) {
  let patients = '';
  let trace = '';
  for (let index = first; index < end; index++) {
    if (there.has(index)) continue;
    const person = personRowAt(seed, index);
    patients += patientLine(person);
    trace += traceLines(person);
  }
  return { patients, trace };
}

async function inTransaction(
  db: Database,
  work: (client: pg.ClientBase, tx: Queryable) => Promise<void>,
): Promise<void> {
  await db.withClient(async (client) => {
    const tx: Queryable = { query: async (statement) => (await client.query(statement)).rows };
    await prepareSession(tx, sortMegabytes());
    await client.query('begin');
    await work(client, tx);
    await client.query('commit');
    await resetSession(tx);
  });
}

const sortMegabytes = (): number => Math.round(Math.min(1024, Math.max(64, totalmem() / 2 ** 20 / 16)));

/** Makes the indexes that are still missing, one transaction each, then vacuums and says that all is done. */
async function makeIndexes(options: SeedOptions): Promise<void> {
  const { db, seed, onProgress } = options;
  const { rebuild } = (await selectProgress(db, seed)) as ProgressRow;
  for (let i = 0; i < rebuild.length; i++) {
    onProgress?.({ stage: 'index', done: i, target: rebuild.length });
    await inTransaction(db, async (_, tx) => {
      await runIndexStatement(tx, rebuild[i] as string);
      await upsertProgress(
        tx,
        progressRow(options, 'index', (options.from ?? 0) + options.count, rebuild.slice(i + 1)),
      );
    });
  }
  await finish(options);
}

async function finish(options: SeedOptions): Promise<void> {
  const { db, from = 0, count, onProgress } = options;
  const tables = ['patient', 'trace'] as const;
  for (const [done, table] of tables.entries()) {
    onProgress?.({ stage: 'vacuum', done, target: tables.length });
    await db.withClient((client) =>
      vacuum({ query: async (statement) => (await client.query(statement)).rows }, table),
    );
  }
  await upsertProgress(db, progressRow(options, 'done', from + count, []));
}

async function loadSlowly(options: SeedOptions, next: number): Promise<void> {
  const { db, seed, count, from = 0, chunk = 100_000, onProgress } = options;
  const target = from + count;
  for (let first = next; first < target; first += chunk) {
    const end = Math.min(first + chunk, target);
    const there = await present(db, first, end);
    await inTransaction(db, async (client, tx) => {
      const records = new CopyStream(client, copyInto('patient', false));
      const names: string[] = [];
      for (let at = first; at < end; at += piece) {
        const made = linesOf(seed, at, Math.min(at + piece, end), there);
        names.push(made.trace);
        await records.write(made.patients);
      }
      await records.end();
      const trace = new CopyStream(client, copyInto('trace', false));
      for (const lines of names) await trace.write(lines);
      await trace.end();
      await upsertProgress(tx, progressRow(options, 'load', end, []));
    });
    onProgress?.({ stage: 'load', done: end - from, target: count });
  }
  await finish(options);
}
