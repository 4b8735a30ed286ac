import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type HandOverRow = {
  readonly attempt_id: string;
  readonly browser: string;
  readonly return_to: string;
  readonly user_id: string | null;
  readonly card_number: string | null;
};

export async function insertHandOver(
  db: Queryable,
  row: HandOverRow & { secret_hash: Buffer; leg: string; began_at: number; expires_at: number },
): Promise<void> {
  await db.query(sql`
    insert into cis.card_hand_over
      (secret_hash, leg, attempt_id, browser, return_to, user_id, card_number, began_at, expires_at)
    values (${row.secret_hash}, ${row.leg}, ${row.attempt_id}, ${row.browser}, ${row.return_to}, ${row.user_id},
            ${row.card_number}, ${new Date(row.began_at)}, ${new Date(row.expires_at)})`);
}

/** What the secret stands for, which it does once only. */
export async function spendHandOver(
  db: Queryable,
  secretHash: Buffer,
  leg: string,
  now: number,
): Promise<HandOverRow | undefined> {
  const at = new Date(now);
  const [row] = await db.query<HandOverRow>(sql`
    update cis.card_hand_over set spent_at = ${at}
     where secret_hash = ${secretHash} and leg = ${leg} and spent_at is null and expires_at > ${at}
    returning attempt_id, browser, return_to, user_id, card_number`);
  return row;
}

/** The same, without using it up. */
export async function handOver(
  db: Queryable,
  secretHash: Buffer,
  leg: string,
  now: number,
): Promise<HandOverRow | undefined> {
  const [row] = await db.query<HandOverRow>(sql`
    select attempt_id, browser, return_to, user_id, card_number from cis.card_hand_over
     where secret_hash = ${secretHash} and leg = ${leg} and spent_at is null and expires_at > ${new Date(now)}`);
  return row;
}

export async function forgetHandOvers(db: Queryable, before: number): Promise<void> {
  await db.query(sql`delete from cis.card_hand_over where expires_at < ${new Date(before)}`);
}
