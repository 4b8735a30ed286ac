import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type ArtifactKey = { readonly idHash: Buffer; readonly provider: string; readonly kind: string };
export type ArtifactRow = { payload: Record<string, unknown>; consumed_at: Date | null };

export function upsertArtifact(
  db: Queryable,
  key: ArtifactKey,
  held: { grantId: string | null; userId: string | null; payload: object; expiresAt: Date | null },
): Promise<object[]> {
  return db.query(sql`
    insert into cis.provider_artifact (id_hash, provider, kind, grant_id, user_id, payload, expires_at)
    values (${key.idHash}, ${key.provider}, ${key.kind}, ${held.grantId}, ${held.userId},
            ${JSON.stringify(held.payload)}::json, ${held.expiresAt})
    on conflict (id_hash, provider, kind) do update
       set grant_id = excluded.grant_id, user_id = excluded.user_id, payload = excluded.payload, expires_at = excluded.expires_at`);
}

/** Inserts unless it is there; true when it was not, so that of several callers one gets true. */
export async function insertArtifact(
  db: Queryable,
  key: ArtifactKey,
  held: { payload: object; expiresAt: Date | null },
): Promise<boolean> {
  const rows = await db.query(sql`
    insert into cis.provider_artifact (id_hash, provider, kind, payload, expires_at)
    values (${key.idHash}, ${key.provider}, ${key.kind}, ${JSON.stringify(held.payload)}::json, ${held.expiresAt})
    on conflict (id_hash, provider, kind) do nothing
    returning kind`);
  return rows.length > 0;
}

export async function findArtifact(db: Queryable, key: ArtifactKey, now: Date): Promise<ArtifactRow | undefined> {
  const [row] = await db.query<ArtifactRow>(sql`
    select payload, consumed_at from cis.provider_artifact
     where id_hash = ${key.idHash} and provider = ${key.provider} and kind = ${key.kind}
       and (expires_at is null or expires_at > ${now})`);
  return row;
}

/** Spends an artifact; false when it is spent already or not there. */
export async function consumeArtifact(db: Queryable, key: ArtifactKey, now: Date): Promise<boolean> {
  const rows = await db.query(sql`
    update cis.provider_artifact set consumed_at = ${now}
     where id_hash = ${key.idHash} and provider = ${key.provider} and kind = ${key.kind} and consumed_at is null
    returning kind`);
  return rows.length > 0;
}

export async function deleteArtifact(db: Queryable, key: ArtifactKey): Promise<void> {
  await db.query(sql`
    delete from cis.provider_artifact where id_hash = ${key.idHash} and provider = ${key.provider} and kind = ${key.kind}`);
}

export async function deleteArtifactsOfGrant(db: Queryable, provider: string, grantId: string): Promise<void> {
  await db.query(sql`delete from cis.provider_artifact where provider = ${provider} and grant_id = ${grantId}`);
}

/** Deletes whatever was granted to applications of a user, but for these grants. */
export async function deleteArtifactsOfUser(
  db: Queryable,
  provider: string,
  userId: string,
  exceptGrants: readonly string[],
): Promise<void> {
  await db.query(sql`
    delete from cis.provider_artifact
     where user_id = ${userId} and provider = ${provider} and grant_id is not null
       and grant_id <> all(${exceptGrants}::text[])`);
}

/** Forgets what expired before `before`; how many, at most `limit`. */
export async function forgetArtifacts(db: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from cis.provider_artifact
     where (id_hash, provider, kind) in
           (select id_hash, provider, kind from cis.provider_artifact where expires_at < ${before} limit ${limit})
    returning kind`);
  return rows.length;
}
