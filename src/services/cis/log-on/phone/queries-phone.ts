import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

export type PhoneRow = {
  readonly request_hash: Buffer;
  readonly attempt_id: string;
  readonly browser: string;
  readonly client_name: string;
  readonly number: string;
  readonly choices: string;
  readonly origin_address: string;
  readonly origin_agent: string;
  readonly levels: string;
  readonly state: string;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly level: number | null;
  readonly amr: string | null;
  readonly opened_at: Date;
  readonly expires_at: Date;
};

type Opened = Omit<PhoneRow, 'state' | 'user_id' | 'session_id' | 'level' | 'amr' | 'opened_at' | 'expires_at'>;

/**
 * Opens a request, unless `most` are open from its address; true when it was opened. Counted beforehand, in a statement of
 * its own as a cluster needs it: of many at once a few more may come through.
 */
export async function openRequest(
  db: Queryable,
  row: Opened,
  { now, expiresAt, most }: { now: number; expiresAt: number; most: number },
): Promise<boolean> {
  const at = new Date(now);
  const [open] = await db.query<{ n: number }>(sql`
    select count(*)::int as n from cis.phone_request
     where origin_address = ${row.origin_address} and expires_at > ${at} and state in ('open', 'seen')`);
  if ((open?.n ?? 0) >= most) return false;
  await db.query(sql`
    insert into cis.phone_request
      (request_hash, attempt_id, browser, client_name, number, choices, origin_address, origin_agent, levels, state,
       opened_at, expires_at)
    values (${row.request_hash}, ${row.attempt_id}, ${row.browser}, ${row.client_name}, ${row.number}, ${row.choices},
            ${row.origin_address}, ${row.origin_agent}, ${row.levels}, 'open', ${at}, ${new Date(expiresAt)})`);
  return true;
}

export async function requestRow(db: Queryable, requestHash: Buffer): Promise<PhoneRow | undefined> {
  const [row] = await db.query<PhoneRow>(sql`
    select request_hash, attempt_id, browser, client_name, number, choices, origin_address, origin_agent, levels, state,
           user_id, session_id, level, amr, opened_at, expires_at
      from cis.phone_request where request_hash = ${requestHash}`);
  return row;
}

/** Gives the request to the first who sees it; true when it is this user in this session. */
export async function seeRequest(
  db: Queryable,
  requestHash: Buffer,
  by: { userId: string; sessionId: string },
  now: number,
): Promise<boolean> {
  const rows = await db.query(sql`
    update cis.phone_request set state = 'seen', user_id = ${by.userId}, session_id = ${by.sessionId}
     where request_hash = ${requestHash} and expires_at > ${new Date(now)}
       and (state = 'open' or (state = 'seen' and user_id = ${by.userId} and session_id = ${by.sessionId}))
    returning request_hash`);
  return rows.length === 1;
}

/** How many requests a user has before them, and how many they refused since a moment. */
export async function countsOf(
  db: Queryable,
  userId: string,
  now: number,
  since: number,
): Promise<{ seen: number; refused: number }> {
  const [row] = await db.query<{ seen: number; refused: number }>(sql`
    select count(*) filter (where state = 'seen' and expires_at > ${new Date(now)})::int as seen,
           count(*) filter (where state = 'refused')::int as refused
      from cis.phone_request where user_id = ${userId} and expires_at > ${new Date(since)}`);
  return row ?? { seen: 0, refused: 0 };
}

/** Decides what this user saw in this session; true when it was still to be decided. */
export async function decideRequest(
  tx: Queryable,
  requestHash: Buffer,
  by: { userId: string; sessionId: string },
  decision: { state: 'approved' | 'refused'; level: number; amr: string; expiresAt: number },
  now: number,
): Promise<boolean> {
  const at = new Date(now);
  const rows = await tx.query(sql`
    update cis.phone_request
       set state = ${decision.state}, level = ${decision.level}, amr = ${decision.amr}, decided_at = ${at},
           expires_at = greatest(expires_at, ${new Date(decision.expiresAt)})
     where request_hash = ${requestHash} and state = 'seen' and expires_at > ${at}
       and user_id = ${by.userId} and session_id = ${by.sessionId}
    returning request_hash`);
  return rows.length === 1;
}

/** Uses up what was approved for this attempt in this browser; undefined where there is no such thing. */
export async function useRequest(
  db: Queryable,
  requestHash: Buffer,
  of: { attemptId: string; browser: string },
  now: number,
): Promise<PhoneRow | undefined> {
  const [row] = await db.query<PhoneRow>(sql`
    update cis.phone_request set state = 'used'
     where request_hash = ${requestHash} and state = 'approved' and expires_at > ${new Date(now)}
       and attempt_id = ${of.attemptId} and browser = ${of.browser}
    returning request_hash, attempt_id, browser, client_name, number, choices, origin_address, origin_agent, levels,
              state, user_id, session_id, level, amr, opened_at, expires_at`);
  return row;
}

/** Ends what this user has seen or approved and no desktop has collected. */
export async function withdrawRequests(tx: Queryable, userId: string, now: number): Promise<void> {
  const at = new Date(now);
  await tx.query(sql`
    update cis.phone_request set expires_at = ${at}
     where user_id = ${userId} and state in ('seen', 'approved') and expires_at > ${at}`);
}

export async function forgetRequests(db: Queryable, before: number): Promise<void> {
  await db.query(sql`delete from cis.phone_request where expires_at < ${new Date(before)}`);
}
