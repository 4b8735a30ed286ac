import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

export type LogoutNotice = {
  readonly id: string;
  readonly provider: string;
  readonly client_id: string;
  readonly user_id: string;
  readonly sid: string;
  readonly attempts: number;
  readonly asked_at: Date;
};

export async function insertLogoutNotice(db: Queryable, notice: LogoutNotice, nextAt: Date): Promise<void> {
  await db.query(sql`
    insert into cis.logout_notice (id, provider, client_id, user_id, sid, attempts, next_at, asked_at)
    values (${notice.id}, ${notice.provider}, ${notice.client_id}, ${notice.user_id}, ${notice.sid}, ${notice.attempts},
            ${nextAt}, ${notice.asked_at})`);
}

export function dueLogoutNotices(db: Queryable, now: Date, limit: number): Promise<LogoutNotice[]> {
  return db.query<LogoutNotice>(sql`
    select id::text, provider, client_id, user_id, sid, attempts, asked_at from cis.logout_notice
     where next_at <= ${now} order by next_at limit ${limit}`);
}

/** Takes a notice for one more try; false when another process has it, or it is done. */
export async function claimLogoutNotice(db: Queryable, notice: LogoutNotice, nextAt: Date): Promise<boolean> {
  const rows = await db.query(sql`
    update cis.logout_notice set attempts = attempts + 1, next_at = ${nextAt}
     where id = ${notice.id}::uuid and attempts = ${notice.attempts}
    returning attempts`);
  return rows.length > 0;
}

export async function deleteLogoutNotice(db: Queryable, id: string): Promise<void> {
  await db.query(sql`delete from cis.logout_notice where id = ${id}::uuid`);
}
