import type { Queryable } from '../../platform/db/database.ts';
import { type Statement, sql } from '../../platform/db/sql.ts';

/** Makes a range of numbers known, if it is not yet; `first` and `last` are the first nine digits. */
export async function insertNumberRange(tx: Queryable, range: string, first: number, last: number): Promise<void> {
  await tx.query(sql`
    insert into pds.number_range (range, next_number, last_number) values (${range}, ${first}, ${last})
    on conflict (range) do nothing`);
}

/** Where a range stands; nobody else takes from it until the transaction ends. */
export async function lockNumberRange(
  tx: Queryable,
  range: string,
): Promise<{ next: number; last: number } | undefined> {
  const [row] = await tx.query<{ next: number; last: number }>(sql`
    select next_number as next, last_number as last from pds.number_range where range = ${range} for update`);
  return row;
}

export async function moveNumberRange(tx: Queryable, range: string, next: number): Promise<void> {
  await tx.query(sql`update pds.number_range set next_number = ${next} where range = ${range}`);
}

/** Which of these numbers PDS holds already. */
export async function selectHeldNumbers(db: Queryable, numbers: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ nhs_number: string }>(
    sql`select nhs_number from pds.patient where nhs_number = any(${numbers}::text[])`,
  );
  return rows.map((row) => row.nhs_number);
}

/** The number a person was registered under a short while ago. */
export async function selectRegistration(db: Queryable, personKey: string): Promise<string | undefined> {
  const [row] = await db.query<{ nhs_number: string }>(
    sql`select nhs_number from pds.registration where person_key = ${personKey}`,
  );
  return row?.nhs_number;
}

/** Fails with a unique violation when the person was registered already. */
export function insertRegistration(personKey: string, nhsNumber: string, at: number): Statement {
  return sql`
    insert into pds.registration (person_key, nhs_number, registered_at)
    values (${personKey}, ${nhsNumber}, ${new Date(at)})`;
}

/** Forgets a registration whose record no longer says what it said; only if it is still that one. */
export async function deleteRegistration(db: Queryable, personKey: string, nhsNumber: string): Promise<void> {
  await db.query(sql`delete from pds.registration where person_key = ${personKey} and nhs_number = ${nhsNumber}`);
}

export function forgetOldRegistrations(before: number): Statement {
  return sql`delete from pds.registration where registered_at < ${new Date(before)}`;
}

/** One birth as its mother's deliveries know it; `birthOrder` 0 where none was given. */
export type Delivery = { readonly mother: string; readonly bornOn: string; readonly birthOrder: number };

/** The number of the baby of this birth, if it was notified before. */
export async function selectDelivery(db: Queryable, delivery: Delivery): Promise<string | undefined> {
  const [row] = await db.query<{ baby_nhs_number: string }>(sql`
    select baby_nhs_number from pds.delivery
     where nhs_number = ${delivery.mother} and born_on = ${delivery.bornOn} and birth_order = ${delivery.birthOrder}`);
  return row?.baby_nhs_number;
}

/** Fails with a unique violation when the birth was notified already. */
export function insertDelivery(delivery: Delivery, baby: string): Statement {
  return sql`
    insert into pds.delivery (nhs_number, born_on, birth_order, baby_nhs_number)
    values (${delivery.mother}, ${delivery.bornOn}, ${delivery.birthOrder}, ${baby})`;
}

export type BirthRow = {
  readonly baby: string;
  readonly mother: string;
  readonly notificationId: string;
  readonly notifiedAt: number;
  /** The notification as received, JSON text. */
  readonly notification: string;
};

export function insertBirth(birth: BirthRow): Statement {
  return sql`
    insert into pds.birth (nhs_number, mother_nhs_number, notification_id, notified_at, notification)
    values (${birth.baby}, ${birth.mother}, ${birth.notificationId}, ${new Date(birth.notifiedAt)}, ${birth.notification})`;
}

/** The id given to the notification of this baby's birth. */
export async function selectNotificationId(db: Queryable, baby: string): Promise<string | undefined> {
  const [row] = await db.query<{ notification_id: string }>(
    sql`select notification_id::text from pds.birth where nhs_number = ${baby}`,
  );
  return row?.notification_id;
}
