import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../platform/audit/entry.ts';
import { Batch } from '../../platform/db/batch.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Lane } from '../../platform/db/lane.ts';
import type { Statement } from '../../platform/db/sql.ts';
import { insertEvents, type SpineEvent } from '../../platform/events/outbox.ts';
import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { Former, Security, StoredPatient } from './patient.ts';
import {
  type ChangeRow,
  type HistoryRow,
  insertHistory,
  insertPatients,
  insertRequests,
  type PatientRow,
  selectPatients,
  updatePatients,
} from './queries.ts';
import { replaceTrace } from './queries-trace.ts';
import { decodeRecord, encodeRecord } from './record/record-codec.ts';
import { type TraceRow, traceRows } from './trace/trace-rows.ts';

/** A record with the row it was read from, so that a change can keep what was before to the letter. */
export type LoadedPatient = StoredPatient & { readonly row: PatientRow };

/** Who makes a change, as history keeps it. */
export type ChangedBy = {
  readonly mode: string;
  readonly app: string;
  readonly ods: string;
  readonly user: string;
  readonly role: string;
};

/** One change of one record: everything that must become durable together. */
export type Change = {
  /** The record as it was; undefined for a record that is made. */
  readonly before: LoadedPatient | undefined;
  readonly after: StoredPatient;
  readonly verb: string;
  readonly requestId: string;
  /** The key of the request, so that a repetition finds what it did. */
  readonly requestKey: string | undefined;
  readonly changedBy: ChangedBy;
  readonly at: number;
  readonly events: readonly SpineEvent[];
  readonly audit: readonly AuditNote[];
  /** The card as it was, where the change is of the card. */
  readonly beforeCoverage?: string | undefined;
  /** Statements on other tables that belong to the change. */
  readonly alongside?: readonly Statement[];
};

/** `conflict`: the record was not (any more) what `before` says; nothing was written. */
export type ChangeOutcome = 'done' | 'conflict';

const states = { active: 'a', superseded: 's', invalidated: 'i' } as const;
const stateOf = { a: 'active', s: 'superseded', i: 'invalidated' } as const;

/** Reads a row. */
export function recordOf(row: PatientRow): LoadedPatient {
  const nhsNumber = row.nhs_number as NhsNumber;
  const security = row.security as Security;
  return {
    nhsNumber,
    version: row.version,
    state: stateOf[row.state as 'a' | 's' | 'i'],
    security,
    survivor: (row.survivor ?? undefined) as NhsNumber | undefined,
    patient: decodeRecord(row.record, nhsNumber, row.version, security),
    former: row.former === null ? undefined : (JSON.parse(row.former) as Former),
    row,
  };
}

/** The row of a record. */
export function rowOf(stored: StoredPatient): PatientRow {
  return {
    nhs_number: stored.nhsNumber,
    version: stored.version,
    state: states[stored.state],
    security: stored.security,
    survivor: stored.survivor ?? null,
    record: encodeRecord(stored.patient),
    former: stored.former === undefined ? null : JSON.stringify(stored.former),
  };
}

/**
 * The records of the nation. Reads of many callers are one look-up; the changes of many callers are one transaction, in
 * which each still learns its own outcome.
 */
export class PatientRecords {
  readonly #audit: AuditLog;
  readonly #lookUp: Batch<string, PatientRow | undefined>;
  readonly #changes: Batch<Change, ChangeOutcome | Error>;
  readonly #db: Database;
  /** Connections for transactions that are not in use. */
  readonly #lanes: Lane[] = [];

  constructor(db: Database, audit: AuditLog) {
    this.#audit = audit;
    const reads = db.reader();
    this.#db = db;
    this.#lookUp = new Batch({ maxItems: 200, maxInFlight: 3 }, async (numbers) => {
      const distinct = numbers.length === 1 ? numbers : [...new Set(numbers)];
      const rows = await selectPatients(reads, distinct);
      const found = new Map(rows.map((row) => [row.nhs_number, row]));
      return numbers.map((number) => found.get(number));
    });
    this.#changes = new Batch({ maxItems: 64, maxInFlight: 2 }, (changes) => this.#write(changes));
  }

  /** The row of a number; undefined when PDS does not hold it. */
  row(nhsNumber: string): Promise<PatientRow | undefined> {
    return this.#lookUp.add(nhsNumber);
  }

  async find(nhsNumber: string): Promise<LoadedPatient | undefined> {
    const row = await this.#lookUp.add(nhsNumber);
    return row && recordOf(row);
  }

  /** The records of these numbers; those not held are left out. */
  async findAll(numbers: readonly string[]): Promise<LoadedPatient[]> {
    const rows = await Promise.all(numbers.map((number) => this.#lookUp.add(number)));
    return rows.filter((row) => row !== undefined).map(recordOf);
  }

  /** Makes a change durable: record, history, event, audit and trace rows, all or nothing. */
  async change(change: Change): Promise<ChangeOutcome> {
    const outcome = await this.#changes.add(change);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  /** Several changes that must happen together (merge, unmerge); `conflict` when any record had moved on. */
  async changeTogether(changes: readonly Change[]): Promise<ChangeOutcome> {
    const [first, ...rest] = changes as readonly [Change, ...Change[]];
    const outcome = await this.#changes.add({ ...first, together: rest } as Change & Together);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  async #write(changes: Change[]): Promise<(ChangeOutcome | Error)[]> {
    // one change a record in a transaction: the second of two on the same record is a conflict by definition of versions
    const taken = new Set<string>();
    const conflicts = new Set<Change>();
    const inThisOne: Change[] = [];
    const alone: Change[] = [];
    for (const change of changes) {
      const number = change.after.nhsNumber;
      if ((change as Change & Together).together) alone.push(change);
      else if (taken.has(number)) conflicts.add(change);
      else {
        taken.add(number);
        inThisOne.push(change);
      }
    }
    const outcomes = new Map<Change, ChangeOutcome | Error>();
    for (const change of conflicts) outcomes.set(change, 'conflict');
    await this.#writeOrSplit(inThisOne, outcomes);
    for (const change of alone) {
      const whole = [change, ...((change as Change & Together).together as Change[])];
      outcomes.set(
        change,
        await this.#transact(whole, true).then((done) => (done.size === whole.length ? 'done' : 'conflict'), asError),
      );
    }
    return changes.map((change) => outcomes.get(change) ?? 'conflict');
  }

  /** One transaction for all; when it fails, one for each, so that nobody fails for another's fault. */
  async #writeOrSplit(changes: Change[], outcomes: Map<Change, ChangeOutcome | Error>): Promise<void> {
    if (changes.length === 0) return;
    try {
      const done = await this.#transact(changes, false);
      for (const change of changes) outcomes.set(change, done.has(change.after.nhsNumber) ? 'done' : 'conflict');
    } catch (error) {
      if (changes.length === 1) outcomes.set(changes[0] as Change, asError(error));
      else for (const change of changes) await this.#writeOrSplit([change], outcomes);
    }
  }

  /** Writes the changes; the numbers that were written. With `all`, either every one or none. */
  async #transact(changes: readonly Change[], all: boolean): Promise<Set<string>> {
    const tx = this.#lanes.pop() ?? this.#db.lane();
    let audited: { recorded: Promise<unknown>; ended(isCommitted: boolean): void } | undefined;
    try {
      // in one order everywhere, so that transactions side by side wait for each other and never in a circle
      const ordered = [...changes].sort((a, b) => (a.after.nhsNumber < b.after.nhsNumber ? -1 : 1));
      const updates = ordered.filter((change) => change.before).map(changeRow);
      const inserts = ordered.filter((change) => !change.before).map(changeRow);
      const first = [begin];
      if (updates.length > 0) first.push(updatePatients(updates));
      if (inserts.length > 0) first.push(insertPatients(inserts));
      const written = new Set((await tx.unit(first)).flat().map((row) => row.nhs_number as string));
      const done = ordered.filter((change) => written.has(change.after.nhsNumber));
      if (done.length === 0 || (all && done.length < changes.length)) {
        await tx.query(rollback);
        return new Set();
      }
      // all that follows is sent at once, the commit too: should one of them fail, PostgreSQL makes it a rollback
      const running: Promise<unknown>[] = [tx.query(insertHistory(done.map(historyRow)))];
      const made = done.flatMap(({ before, requestKey, after, at }) =>
        before || requestKey === undefined ? [] : [{ key: requestKey, nhsNumber: after.nhsNumber, version: 1, at }],
      );
      if (made.length > 0) running.push(tx.query(insertRequests(made)));
      const events = done.flatMap((change) => change.events);
      if (events.length > 0) running.push(tx.query(insertEvents(events)));
      for (const change of done) for (const statement of change.alongside ?? []) running.push(tx.query(statement));
      const { remove, add } = traceDelta(done);
      if (remove.length > 0 || add.length > 0) running.push(replaceTrace(tx, remove, add));
      audited = this.#audit.recordIn(
        tx,
        done.flatMap((change) => change.audit),
      );
      running.push(audited.recorded, tx.query(commit));
      for (const result of await Promise.allSettled(running)) if (result.status === 'rejected') throw result.reason;
      audited.ended(true);
      return written;
    } catch (error) {
      audited?.ended(false);
      await tx.query(rollback).catch(() => undefined);
      throw error;
    } finally {
      this.#lanes.push(tx);
    }
  }
}

const begin: Statement = { text: 'begin', values: [], name: 'begin' };
const commit: Statement = { text: 'commit', values: [], name: 'commit' };
type Together = { readonly together?: readonly Change[] };

const rollback: Statement = { text: 'rollback', values: [], name: 'rollback' };

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function changeRow(change: Change): ChangeRow {
  const row = rowOf(change.after);
  return {
    nhsNumber: row.nhs_number,
    expected: change.before?.version ?? 0,
    version: row.version,
    state: row.state,
    security: row.security,
    survivor: row.survivor,
    record: row.record,
    former: row.former,
  };
}

function historyRow(change: Change): HistoryRow {
  const before = change.before?.row;
  return {
    nhsNumber: change.after.nhsNumber,
    version: change.after.version,
    changedAt: change.at,
    verb: change.verb,
    requestId: change.requestId,
    requestKey: change.requestKey ?? null,
    changedBy: change.changedBy,
    before: before?.record ?? null,
    beforeFormer: before?.former ?? null,
    beforeState: before?.state ?? null,
    beforeSecurity: before?.security ?? null,
    beforeCoverage: change.beforeCoverage ?? null,
  };
}

const keyOf = (row: TraceRow): string => JSON.stringify(row);

/** Trace rows that go and that come, those that stay left alone. */
function traceDelta(changes: readonly Change[]): { remove: TraceRow[]; add: TraceRow[] } {
  const remove: TraceRow[] = [];
  const add: TraceRow[] = [];
  for (const change of changes) {
    const old = new Map((change.before ? traceRows(change.before) : []).map((row) => [keyOf(row), row]));
    for (const row of traceRows(change.after)) if (!old.delete(keyOf(row))) add.push(row);
    remove.push(...old.values());
  }
  return { remove, add };
}
