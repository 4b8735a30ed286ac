import type { Queryable } from '../db/database.ts';
import { type Statement, sql } from '../db/sql.ts';

/** A row of `identity.application`, less its times. */
export type ApplicationRow = {
  app_id: string;
  name: string;
  ods_code: string | null;
  asid: string | null;
  status: string;
  products: unknown;
  attributes: unknown;
  jwks: unknown;
  jwks_url: string | null;
  redirect_uris: unknown;
  secret_hash: string | null;
  registered_by: string | null;
};

export function insertApplication(row: ApplicationRow, now: number): Statement {
  return sql`
    insert into identity.application
      (app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash,
       registered_by, registered_at, changed_at)
    values (${row.app_id}, ${row.name}, ${row.ods_code}, ${row.asid}, ${row.status},
      ${JSON.stringify(row.products)}::jsonb, ${JSON.stringify(row.attributes)}::jsonb,
      ${row.jwks === null ? null : JSON.stringify(row.jwks)}::jsonb, ${row.jwks_url},
      ${JSON.stringify(row.redirect_uris)}::jsonb, ${row.secret_hash}, ${row.registered_by},
      ${new Date(now)}, ${new Date(now)})
    on conflict (app_id) do nothing
    returning app_id`;
}

/** Puts an application in place of the one with its API key, if there is one. */
export function replaceApplicationRow(row: ApplicationRow, now: number): Statement {
  return sql`
    insert into identity.application
      (app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash,
       registered_by, registered_at, changed_at)
    values (${row.app_id}, ${row.name}, ${row.ods_code}, ${row.asid}, ${row.status},
      ${JSON.stringify(row.products)}::jsonb, ${JSON.stringify(row.attributes)}::jsonb,
      ${row.jwks === null ? null : JSON.stringify(row.jwks)}::jsonb, ${row.jwks_url},
      ${JSON.stringify(row.redirect_uris)}::jsonb, ${row.secret_hash}, ${row.registered_by},
      ${new Date(now)}, ${new Date(now)})
    on conflict (app_id) do update set name = excluded.name, ods_code = excluded.ods_code, asid = excluded.asid,
      status = excluded.status, products = excluded.products, attributes = excluded.attributes, jwks = excluded.jwks,
      jwks_url = excluded.jwks_url, redirect_uris = excluded.redirect_uris, secret_hash = excluded.secret_hash,
      changed_at = excluded.changed_at`;
}

/** The application's row, locked against others who would change it at the same moment. */
export async function applicationForUpdate(tx: Queryable, appId: string): Promise<ApplicationRow | undefined> {
  const [row] = await tx.query<ApplicationRow>(sql`
    select app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash, registered_by
      from identity.application where app_id = ${appId} for update`);
  return row;
}

export function applicationsById(db: Queryable, appIds: readonly string[]): Promise<ApplicationRow[]> {
  return db.query<ApplicationRow>(sql`
    select app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash, registered_by
    from identity.application where app_id = any(${appIds}::text[])`);
}

export function allApplications(db: Queryable): Promise<ApplicationRow[]> {
  return db.query<ApplicationRow>(sql`
    select app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash, registered_by
    from identity.application order by registered_at, app_id`);
}

export function applicationsRegisteredBy(db: Queryable, registeredBy: string): Promise<ApplicationRow[]> {
  return db.query<ApplicationRow>(sql`
    select app_id, name, ods_code, asid, status, products, attributes, jwks, jwks_url, redirect_uris, secret_hash, registered_by
    from identity.application where registered_by = ${registeredBy} order by registered_at, app_id`);
}

/** Sets the status; one row when the application exists. */
export function setStatus(tx: Queryable, appId: string, status: string, now: number): Promise<object[]> {
  return tx.query(sql`
    update identity.application set status = ${status}, changed_at = ${new Date(now)}
    where app_id = ${appId} returning app_id`);
}

/** Sets the keys, the secret's hash and the status of an application. */
export function updateApplication(
  row: Pick<ApplicationRow, 'app_id' | 'jwks' | 'secret_hash' | 'status'>,
  now: number,
): Statement {
  return sql`
    update identity.application
       set jwks = ${row.jwks === null ? null : JSON.stringify(row.jwks)}::jsonb, secret_hash = ${row.secret_hash},
           status = ${row.status}, changed_at = ${new Date(now)}
     where app_id = ${row.app_id}`;
}
