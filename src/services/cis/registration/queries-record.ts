import type { Queryable } from '../../../platform/db/database.ts';
import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { PositionContent } from './position-content.ts';

export type HistoryInsert = {
  readonly subjectId: string;
  readonly historyId: string;
  readonly verb: string;
  readonly actorId: string;
  readonly actorRoleId: string;
  readonly actorOds: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly reason: string;
  readonly requestId: string;
};

export function insertHistory(rows: readonly HistoryInsert[], now: number): Statement {
  return sql`
    insert into cis.registration_history
           (subject_id, history_id, happened_at, verb, actor_id, actor_role_id, actor_ods, before, after, reason, request_id)
    select r."subjectId", r."historyId", ${new Date(now)}::timestamptz, r.verb, r."actorId", r."actorRoleId", r."actorOds", r.before, r.after,
           r.reason, r."requestId"
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r("subjectId" text, "historyId" uuid, verb text, "actorId" text, "actorRoleId" text, "actorOds" text, before jsonb, after jsonb,
             reason text, "requestId" text)`;
}

export type HistoryRow = {
  history_id: string;
  happened_at: Date;
  verb: string;
  actor_id: string;
  actor_role_id: string;
  actor_ods: string;
  before: object | null;
  after: object | null;
  reason: string;
};

/** The latest first; at most `limit`, before the entry given. */
export function historyRows(
  db: Queryable,
  subjectId: string,
  before: string | undefined,
  limit: number,
): Promise<HistoryRow[]> {
  return db.query<HistoryRow>(sql`
    select history_id::text, happened_at, verb, actor_id, actor_role_id, actor_ods, before, after, reason
      from cis.registration_history
     where subject_id = ${subjectId} and history_id < ${before ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff'}::uuid
     order by history_id desc limit ${limit}`);
}

/** Takes a request for this transaction: undefined when it is new, else what was answered to it before. */
export async function takeRequest(
  tx: Queryable,
  key: Buffer,
  fingerprint: Buffer,
  now: number,
): Promise<{ fingerprint: Buffer; status: number | null; answer: object | null } | undefined> {
  const taken = await tx.query(sql`
    insert into cis.registration_request (request_key, fingerprint, made_at) values (${key}, ${fingerprint}, ${new Date(now)})
    on conflict (request_key) do nothing returning made_at`);
  if (taken.length > 0) return undefined;
  const [row] = await tx.query<{ fingerprint: Buffer; status: number | null; answer: object | null }>(
    sql`select fingerprint, status, answer from cis.registration_request where request_key = ${key}`,
  );
  return row;
}

export function keepAnswer(key: Buffer, status: number, answer: object | null): Statement {
  return sql`
    update cis.registration_request set status = ${status}::smallint, answer = ${JSON.stringify(answer)}::jsonb where request_key = ${key}`;
}

export function forgetOldRegistrationRequests(before: number): Statement {
  return sql`delete from cis.registration_request where made_at < ${new Date(before)}`;
}

export type ReportRow = {
  user_id: string;
  role_profile_id: string;
  position_id: string;
  ods_code: string;
  state: string;
  valid_from_on: string | null;
  valid_to_on: string | null;
  requested_by: string;
  requested_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  ended_at: Date | null;
  content: PositionContent;
};

/** Who has, or at `at` had, what in an organisation: each assignment with its position as it was approved then. */
export function assignmentsIn(
  db: Queryable,
  odsCode: string,
  { at, day, after, limit }: { at: number; day: string; after: string; limit: number },
): Promise<ReportRow[]> {
  const then = new Date(at);
  return db.query<ReportRow>(sql`
    select a.user_id, a.role_profile_id, a.position_id, a.ods_code, a.state, a.valid_from_on, a.valid_to_on, a.requested_by, a.requested_at,
           a.decided_by, a.decided_at, a.ended_at, c.content
      from cis.assignment a
      join lateral (select p.content from cis.position_proposal p
                     where p.position_id = a.position_id and p.state = 'approved' and p.decided_at <= ${then}
                     order by p.decided_at desc, p.base_version desc limit 1) c on true
     where a.ods_code = ${odsCode} and a.state in ('active', 'ended') and a.decided_at <= ${then} and (a.ended_at is null or a.ended_at > ${then})
       and coalesce(a.valid_from_on, ${day}::date) <= ${day}::date and coalesce(a.valid_to_on, ${day}::date) >= ${day}::date
       and c.content <> 'null'::jsonb and a.role_profile_id > ${after}
     order by a.role_profile_id limit ${limit}`);
}

/** Assignments of an organisation that wait for a decision. */
export function requestsIn(db: Queryable, odsCode: string, after: string, limit: number): Promise<ReportRow[]> {
  return db.query<ReportRow>(sql`
    select a.user_id, a.role_profile_id, a.position_id, a.ods_code, a.state, a.valid_from_on, a.valid_to_on, a.requested_by, a.requested_at,
           a.decided_by, a.decided_at, a.ended_at, p.content
      from cis.assignment a join cis.position p on p.position_id = a.position_id
     where a.ods_code = ${odsCode} and a.state = 'requested' and a.role_profile_id > ${after}
     order by a.role_profile_id limit ${limit}`);
}
