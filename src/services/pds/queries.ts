import type { Queryable } from '../../platform/db/database.ts';
import { type Statement, sql } from '../../platform/db/sql.ts';

/** A row of pds.patient as it is stored. */
export type PatientRow = {
  nhs_number: string;
  version: number;
  state: string;
  security: string;
  survivor: string | null;
  record: string;
  former: string | null;
};

export function selectPatients(db: Queryable, numbers: readonly string[]): Promise<PatientRow[]> {
  return db.query<PatientRow>(sql`
    select nhs_number, version, state, security, survivor, record, former
      from pds.patient where nhs_number = any(${numbers}::text[])`);
}

/** One change of one record, as the statements below take it; `expected` 0 makes a record that was not there. */
export type ChangeRow = {
  readonly nhsNumber: string;
  readonly expected: number;
  readonly version: number;
  readonly state: string;
  readonly security: string;
  readonly survivor: string | null;
  readonly record: string;
  readonly former: string | null;
};

const wire = (rows: readonly ChangeRow[]) =>
  JSON.stringify(
    rows.map((row) => ({
      n: row.nhsNumber,
      e: row.expected,
      v: row.version,
      t: row.state,
      s: row.security,
      u: row.survivor,
      r: row.record,
      f: row.former,
    })),
  );

/** Updates the records whose version is the expected one; answers the numbers it did. */
export function updatePatients(rows: readonly ChangeRow[]): Statement {
  return sql`
    update pds.patient p
       set version = c.v, state = c.t::"char", security = c.s::"char", survivor = c.u, record = c.r, former = c.f
      from json_to_recordset(${wire(rows)}::json) as c(n text, e int, v int, t text, s text, u text, r text, f text)
     where p.nhs_number = c.n and p.version = c.e
    returning p.nhs_number`;
}

/** Inserts records that are not there yet; answers the numbers it did. */
export function insertPatients(rows: readonly ChangeRow[]): Statement {
  return sql`
    insert into pds.patient (nhs_number, version, state, security, survivor, record, former)
    select n, v, t::"char", s::"char", u, r, f
      from json_to_recordset(${wire(rows)}::json) as c(n text, e int, v int, t text, s text, u text, r text, f text)
        on conflict (nhs_number) do nothing
    returning nhs_number`;
}

/** What is kept of a change for ever: who made version n of a record, and the record as it was before. */
export type HistoryRow = {
  readonly nhsNumber: string;
  readonly version: number;
  readonly changedAt: number;
  readonly verb: string;
  readonly requestId: string;
  readonly requestKey: string | null;
  readonly changedBy: object;
  readonly before: string | null;
  readonly beforeFormer: string | null;
  readonly beforeState: string | null;
  readonly beforeSecurity: string | null;
  readonly beforeCoverage: string | null;
};

export function insertHistory(rows: readonly HistoryRow[]): Statement {
  const text = JSON.stringify(
    rows.map((row) => ({
      n: row.nhsNumber,
      v: row.version,
      a: new Date(row.changedAt).toISOString(),
      w: row.verb,
      q: row.requestId,
      k: row.requestKey,
      c: row.changedBy,
      b: row.before,
      f: row.beforeFormer,
      t: row.beforeState,
      s: row.beforeSecurity,
      o: row.beforeCoverage,
    })),
  );
  return sql`
    insert into pds.change (nhs_number, version, changed_at, verb, request_id, request_key, changed_by, before, before_former, before_state,
                            before_security, before_coverage)
    select n, v, a, w, q, k, c, b, f, t::"char", s::"char", o
      from json_to_recordset(${text}::json)
        as h(n text, v int, a timestamptz, w text, q text, k text, c jsonb, b text, f text, t text, s text, o text)`;
}

export type HistoryRead = {
  nhs_number: string;
  version: number;
  changed_at: Date;
  verb: string;
  request_id: string;
  request_key: string | null;
  changed_by: Record<string, string>;
  before: string | null;
  before_former: string | null;
  before_state: string | null;
  before_security: string | null;
};

/** The changes of a record, newest first. */
export function selectHistory(db: Queryable, nhsNumber: string): Promise<HistoryRead[]> {
  return db.query<HistoryRead>(sql`
    select nhs_number, version, changed_at, verb, request_id, request_key, changed_by, before, before_former, before_state, before_security
      from pds.change where nhs_number = ${nhsNumber} order by version desc`);
}

/** What the record was before it became `version`. */
export async function selectBefore(
  db: Queryable,
  nhsNumber: string,
  version: number,
): Promise<HistoryRead | undefined> {
  const [row] = await db.query<HistoryRead>(sql`
    select nhs_number, version, changed_at, verb, request_id, request_key, changed_by, before, before_former, before_state, before_security
      from pds.change where nhs_number = ${nhsNumber} and version = ${version}`);
  return row;
}

export type RequestRow = {
  readonly key: string;
  readonly nhsNumber: string;
  readonly version: number;
  readonly at: number;
};

export function insertRequests(rows: readonly RequestRow[]): Statement {
  const text = JSON.stringify(
    rows.map((row) => ({ k: row.key, n: row.nhsNumber, v: row.version, a: new Date(row.at).toISOString() })),
  );
  return sql`
    insert into pds.request (request_key, nhs_number, version, received_at)
    select k, n, v, a from json_to_recordset(${text}::json) as r(k text, n text, v int, a timestamptz)`;
}

/** The record and version that a request made, if it was carried out before. */
export async function selectRequest(
  db: Queryable,
  key: string,
): Promise<{ nhs_number: string; version: number } | undefined> {
  const [row] = await db.query<{ nhs_number: string; version: number }>(
    sql`select nhs_number, version from pds.request where request_key = ${key}`,
  );
  return row;
}

export function forgetOldRequests(before: number): Statement {
  return sql`delete from pds.request where received_at < ${new Date(before)}`;
}

export async function selectRelatedPersons(db: Queryable, nhsNumber: string): Promise<string | undefined> {
  const [row] = await db.query<{ related: string }>(
    sql`select related from pds.related_person where nhs_number = ${nhsNumber}`,
  );
  return row?.related;
}

export function upsertRelatedPersons(nhsNumber: string, related: string): Statement {
  return sql`
    insert into pds.related_person (nhs_number, related) values (${nhsNumber}, ${related})
    on conflict (nhs_number) do update set related = excluded.related`;
}

export async function selectCoverage(db: Queryable, nhsNumber: string): Promise<string | undefined> {
  const [row] = await db.query<{ coverage: string }>(
    sql`select coverage from pds.coverage where nhs_number = ${nhsNumber}`,
  );
  return row?.coverage;
}

export function upsertCoverage(nhsNumber: string, coverage: string): Statement {
  return sql`
    insert into pds.coverage (nhs_number, coverage) values (${nhsNumber}, ${coverage})
    on conflict (nhs_number) do update set coverage = excluded.coverage`;
}
