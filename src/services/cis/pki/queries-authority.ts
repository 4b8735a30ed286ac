import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type AuthorityRow = { readonly name: string; readonly certificate: Buffer; readonly sealed_key: string };

/** What the authority is made of, as far as it was made. */
export function authorityRows(db: Queryable): Promise<AuthorityRow[]> {
  return db.query<AuthorityRow>(sql`select name, certificate, sealed_key from cis.card_authority`);
}

/** Keeps what was made, all or none: whoever came second keeps what the first made. */
export async function insertAuthority(db: Queryable, rows: readonly AuthorityRow[], now: number): Promise<void> {
  const given = JSON.stringify(
    rows.map((row) => ({ n: row.name, c: row.certificate.toString('hex'), k: row.sealed_key })),
  );
  await db.query(sql`
    insert into cis.card_authority (name, certificate, sealed_key, made_at)
    select n, decode(c, 'hex'), k, ${new Date(now)}
      from json_to_recordset(${given}::json) as t(n text, c text, k text)
    on conflict (name) do nothing`);
}
