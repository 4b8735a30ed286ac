import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

export type SessionRow = {
  uid: string;
  provider: string;
  user_id: string | null;
  level: number | null;
  payload: Record<string, unknown>;
  browser: string;
  remote: string;
  began_at: Date | null;
  seen_at: Date;
  expires_at: Date;
};

export type SessionToKeep = {
  readonly uid: string;
  readonly provider: string;
  readonly idHash: Buffer;
  readonly userId: string | null;
  readonly level: number | null;
  readonly payload: object;
  readonly browser: string;
  readonly remote: string;
  readonly beganAt: Date | null;
  readonly seenAt: Date;
  readonly expiresAt: Date;
};

export async function upsertSession(db: Queryable, kept: SessionToKeep): Promise<void> {
  await db.query(sql`
    insert into cis.provider_session
      (uid, provider, id_hash, user_id, level, payload, browser, remote, began_at, seen_at, expires_at)
    values (${kept.uid}, ${kept.provider}, ${kept.idHash}, ${kept.userId}, ${kept.level},
            ${JSON.stringify(kept.payload)}::json, ${kept.browser}, ${kept.remote}, ${kept.beganAt}, ${kept.seenAt}, ${kept.expiresAt})
    on conflict (uid) do update
       set id_hash = excluded.id_hash, user_id = excluded.user_id, level = excluded.level, payload = excluded.payload,
           browser = excluded.browser, remote = excluded.remote, began_at = excluded.began_at, seen_at = excluded.seen_at,
           expires_at = excluded.expires_at`);
}

export async function sessionByIdHash(
  db: Queryable,
  provider: string,
  idHash: Buffer,
  now: Date,
): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(sql`
    select uid, provider, user_id, level, payload, browser, remote, began_at, seen_at, expires_at
      from cis.provider_session where id_hash = ${idHash} and provider = ${provider} and expires_at > ${now}`);
  return row;
}

export async function sessionByUid(db: Queryable, uid: string, now: Date): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(sql`
    select uid, provider, user_id, level, payload, browser, remote, began_at, seen_at, expires_at
      from cis.provider_session where uid = ${uid} and expires_at > ${now}`);
  return row;
}

export function sessionsOfUser(db: Queryable, provider: string, userId: string, now: Date): Promise<SessionRow[]> {
  return db.query<SessionRow>(sql`
    select uid, provider, user_id, level, payload, browser, remote, began_at, seen_at, expires_at
      from cis.provider_session
     where user_id = ${userId} and provider = ${provider} and expires_at > ${now}
     order by seen_at desc limit 200`);
}

/** Removes a session; the row it had, or undefined when somebody else removed it. */
export async function deleteSession(db: Queryable, uid: string): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(sql`
    delete from cis.provider_session where uid = ${uid}
    returning uid, provider, user_id, level, payload, browser, remote, began_at, seen_at, expires_at`);
  return row;
}

export async function deleteSessionByIdHash(db: Queryable, provider: string, idHash: Buffer): Promise<void> {
  await db.query(sql`delete from cis.provider_session where id_hash = ${idHash} and provider = ${provider}`);
}

/** Ends log-ons of a user that were proved and whose browser has not gone on: it would come into a session yet. */
export async function deleteProvedLogOns(db: Queryable, provider: string, userId: string): Promise<void> {
  await db.query(sql`
    delete from cis.provider_artifact where user_id = ${userId} and kind = 'Interaction' and provider = ${provider}`);
}

/** Forgets sessions that expired before `before`; how many, at most `limit`. */
export async function forgetSessions(db: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from cis.provider_session
     where uid in (select uid from cis.provider_session where expires_at < ${before} limit ${limit})
    returning uid`);
  return rows.length;
}
