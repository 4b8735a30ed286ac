import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

export type SigningKeyRow = {
  kid: string;
  purpose: string;
  public_jwk: Record<string, string>;
  sealed_key: string;
  created_at: Date;
  retired_at: Date | null;
};

/** The keys in use and those retired after `since`, the newest first. */
export function signingKeys(db: Queryable, since: Date): Promise<SigningKeyRow[]> {
  return db.query<SigningKeyRow>(sql`
    select kid, purpose, public_jwk, sealed_key, created_at, retired_at
      from cis.signing_key where retired_at is null or retired_at > ${since}
     order by created_at desc, kid`);
}

export async function insertSigningKey(
  db: Queryable,
  key: { kid: string; purpose: string; publicJwk: object; sealedKey: string; createdAt: Date },
): Promise<void> {
  await db.query(sql`
    insert into cis.signing_key (kid, purpose, public_jwk, sealed_key, created_at)
    values (${key.kid}, ${key.purpose}, ${JSON.stringify(key.publicJwk)}::jsonb, ${key.sealedKey}, ${key.createdAt})
    on conflict (kid) do nothing`);
}

/** Retires the keys of a purpose but the one given. */
export async function retireSigningKeys(db: Queryable, purpose: string, but: string, now: Date): Promise<void> {
  await db.query(sql`
    update cis.signing_key set retired_at = ${now} where purpose = ${purpose} and kid <> ${but} and retired_at is null`);
}
