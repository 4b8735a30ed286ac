import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

export async function metadataOf(db: Queryable, sub: string, clientId: string): Promise<unknown> {
  const [row] = await db.query<{ metadata: unknown }>(
    sql`select metadata from cis.client_user_metadata where sub = ${sub} and client_id = ${clientId}`,
  );
  return row?.metadata;
}

/** What is kept, held against others who would change it; it is made where there is none. */
export async function lockMetadata(tx: Queryable, sub: string, clientId: string, now: Date): Promise<unknown> {
  await tx.query(sql`
    insert into cis.client_user_metadata (sub, client_id, metadata, changed_at)
    values (${sub}, ${clientId}, '{}'::json, ${now}) on conflict (sub, client_id) do nothing`);
  const [row] = await tx.query<{ metadata: unknown }>(
    sql`select metadata from cis.client_user_metadata where sub = ${sub} and client_id = ${clientId} for update`,
  );
  return row?.metadata;
}

export async function writeMetadata(
  tx: Queryable,
  { sub, clientId, metadata }: { readonly sub: string; readonly clientId: string; readonly metadata: object },
  now: Date,
): Promise<void> {
  await tx.query(sql`
    update cis.client_user_metadata set metadata = ${JSON.stringify(metadata)}::json, changed_at = ${now}
     where sub = ${sub} and client_id = ${clientId}`);
}
