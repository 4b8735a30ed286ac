import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type CardRow = {
  readonly card_number: string;
  readonly user_id: string;
  readonly state: string;
  readonly version: number;
  readonly made_at: Date;
  readonly changed_at: Date;
};

export type CertificateRow = {
  readonly serial: string;
  readonly card_number: string;
  readonly user_id: string;
  readonly usage: string;
  readonly certificate: Buffer;
  readonly not_before_at: Date;
  readonly not_after_at: Date;
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
};

/** True when the number was free. */
export async function insertCard(
  tx: Queryable,
  card: { cardNumber: string; userId: string; state: string; at: number },
): Promise<boolean> {
  const at = new Date(card.at);
  const rows = await tx.query(sql`
    insert into cis.card (card_number, user_id, state, version, made_at, changed_at)
    values (${card.cardNumber}, ${card.userId}, ${card.state}, 1, ${at}, ${at})
    on conflict (card_number) do nothing returning card_number`);
  return rows.length === 1;
}

/** The card, held until the transaction ends. */
export async function lockCardRow(tx: Queryable, cardNumber: string): Promise<CardRow | undefined> {
  const [row] = await tx.query<CardRow>(sql`
    select card_number, user_id, state, version, made_at, changed_at
      from cis.card where card_number = ${cardNumber} for update`);
  return row;
}

export async function cardRow(db: Queryable, cardNumber: string): Promise<CardRow | undefined> {
  const [row] = await db.query<CardRow>(sql`
    select card_number, user_id, state, version, made_at, changed_at from cis.card where card_number = ${cardNumber}`);
  return row;
}

export function cardRowsOf(db: Queryable, userId: string): Promise<CardRow[]> {
  return db.query<CardRow>(sql`
    select card_number, user_id, state, version, made_at, changed_at
      from cis.card where user_id = ${userId} order by made_at, card_number`);
}

export async function setCardState(tx: Queryable, cardNumber: string, state: string, at: number): Promise<void> {
  await tx.query(sql`
    update cis.card set state = ${state}, version = version + 1, changed_at = ${new Date(at)}
     where card_number = ${cardNumber}`);
}

export async function insertCertificate(
  tx: Queryable,
  row: {
    serial: string;
    cardNumber: string;
    userId: string;
    usage: string;
    certificate: Buffer;
    notBefore: number;
    notAfter: number;
  },
): Promise<void> {
  await tx.query(sql`
    insert into cis.card_certificate (serial, card_number, user_id, usage, certificate, not_before_at, not_after_at)
    values (${row.serial}, ${row.cardNumber}, ${row.userId}, ${row.usage}, ${row.certificate},
            ${new Date(row.notBefore)}, ${new Date(row.notAfter)})`);
}

/** Every certificate these cards ever carried, oldest first. */
export function certificateRows(db: Queryable, cardNumbers: readonly string[]): Promise<CertificateRow[]> {
  return db.query<CertificateRow>(sql`
    select serial, card_number, user_id, usage, certificate, not_before_at, not_after_at, revoked_at, revocation_reason
      from cis.card_certificate where card_number = any(${cardNumbers}) order by not_before_at, serial`);
}

export function certificatesBySerial(db: Queryable, serials: readonly string[]): Promise<CertificateRow[]> {
  return db.query<CertificateRow>(sql`
    select serial, card_number, user_id, usage, certificate, not_before_at, not_after_at, revoked_at, revocation_reason
      from cis.card_certificate where serial = any(${serials})`);
}

export type RevokedRow = { readonly serial: string; readonly revoked_at: Date; readonly revocation_reason: string };

/** What a revocation list names at `now`: everything revoked that has not expired. */
export function revokedRows(db: Queryable, now: number): Promise<RevokedRow[]> {
  return db.query<RevokedRow>(sql`
    select serial, revoked_at, revocation_reason
      from cis.card_certificate where revoked_at is not null and not_after_at > ${new Date(now)} order by serial`);
}

/** Revokes what a card carries, unless it is revoked for good already; a hold gives way to any other reason. */
export async function revokeCertificates(
  tx: Queryable,
  cardNumber: string,
  reason: string,
  at: number,
  except: readonly string[] = [],
): Promise<void> {
  await tx.query(sql`
    update cis.card_certificate set revoked_at = ${new Date(at)}, revocation_reason = ${reason}
     where card_number = ${cardNumber} and not (serial = any(${except}))
       and (revoked_at is null or revocation_reason = 'certificateHold')`);
}

/** Takes back a hold. */
export async function releaseCertificates(tx: Queryable, cardNumber: string): Promise<void> {
  await tx.query(sql`
    update cis.card_certificate set revoked_at = null, revocation_reason = null
     where card_number = ${cardNumber} and revocation_reason = 'certificateHold'`);
}
