import type { Queryable } from '../../../platform/db/database.ts';
import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { Principal } from '../../../platform/identity/principal.ts';

/** A log-on under way at an identity provider. */
export type AttemptRow = {
  state_hash: Buffer;
  app_id: string;
  redirect_uri: string;
  client_state: string;
  issuer: string;
  nonce: string;
  code_verifier: string;
  callback_uri: string;
  began_at: Date;
};

export function insertAttempt(row: AttemptRow): Statement {
  return sql`
    insert into cis.log_on_attempt
      (state_hash, app_id, redirect_uri, client_state, issuer, nonce, code_verifier, callback_uri, began_at)
    values (${row.state_hash}, ${row.app_id}, ${row.redirect_uri}, ${row.client_state}, ${row.issuer}, ${row.nonce},
            ${row.code_verifier}, ${row.callback_uri}, ${row.began_at})`;
}

/** Uses up an attempt: of several callers with its state exactly one gets it, and none after it began too long ago. */
export async function useAttempt(
  db: Queryable,
  stateHash: Buffer,
  now: number,
  notBefore: number,
): Promise<AttemptRow | undefined> {
  const [row] = await db.query<AttemptRow>(sql`
    update cis.log_on_attempt set used_at = ${new Date(now)}
     where state_hash = ${stateHash} and used_at is null and began_at > ${new Date(notBefore)}
    returning state_hash, app_id, redirect_uri, client_state, issuer, nonce, code_verifier, callback_uri, began_at`);
  return row;
}

/** A code of our own, which the client redeems for tokens. */
export type CodeRow = {
  code_hash: Buffer;
  app_id: string;
  redirect_uri: string;
  principal: Principal;
  log_on_id: string;
  family_id: string;
  issued_at: Date;
  expires_at: Date;
  spent_at: Date | null;
};

export function insertCode(row: Omit<CodeRow, 'spent_at'>): Statement {
  return sql`
    insert into cis.authorization_code
      (code_hash, app_id, redirect_uri, principal, log_on_id, family_id, issued_at, expires_at)
    values (${row.code_hash}, ${row.app_id}, ${row.redirect_uri}, ${JSON.stringify(row.principal)}::jsonb,
            ${row.log_on_id}::uuid, ${row.family_id}::uuid, ${row.issued_at}, ${row.expires_at})`;
}

/** The code, locked against others who would redeem it at the same moment. */
export async function codeForUpdate(tx: Queryable, hash: Buffer): Promise<CodeRow | undefined> {
  const [row] = await tx.query<CodeRow>(sql`
    select code_hash, app_id, redirect_uri, principal, log_on_id::text, family_id::text, issued_at, expires_at, spent_at
      from cis.authorization_code where code_hash = ${hash} for update`);
  return row;
}

export function spendCode(hash: Buffer, now: number): Statement {
  return sql`update cis.authorization_code set spent_at = ${new Date(now)} where code_hash = ${hash}`;
}

export function insertLogOn(logOnId: string, userInfo: object, now: number): Statement {
  return sql`
    insert into cis.log_on (log_on_id, user_info, logged_on_at)
    values (${logOnId}::uuid, ${JSON.stringify(userInfo)}::jsonb, ${new Date(now)})`;
}

export async function userInfoOf(db: Queryable, logOnId: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await db.query<{ user_info: Record<string, unknown> }>(
    sql`select user_info from cis.log_on where log_on_id = ${logOnId}::uuid`,
  );
  return row?.user_info;
}

/** A row of `cis.provider`. */
export type ProviderRow = {
  issuer: string;
  kind: string;
  jwks: unknown;
  jwks_uri: string | null;
  client_id: string | null;
  client_secret: string | null;
  authorization_endpoint: string | null;
  token_endpoint: string | null;
  userinfo_endpoint: string | null;
  loaded_at: Date;
};

export function upsertProvider(row: ProviderRow): Statement {
  return sql`
    insert into cis.provider
      (issuer, kind, jwks, jwks_uri, client_id, client_secret, authorization_endpoint, token_endpoint, userinfo_endpoint,
       loaded_at)
    values (${row.issuer}, ${row.kind}, ${row.jwks === null ? null : JSON.stringify(row.jwks)}::jsonb, ${row.jwks_uri},
            ${row.client_id}, ${row.client_secret}, ${row.authorization_endpoint}, ${row.token_endpoint},
            ${row.userinfo_endpoint}, ${row.loaded_at})
    on conflict (issuer) do update set kind = excluded.kind, jwks = excluded.jwks, jwks_uri = excluded.jwks_uri,
      client_id = excluded.client_id, client_secret = excluded.client_secret,
      authorization_endpoint = excluded.authorization_endpoint, token_endpoint = excluded.token_endpoint,
      userinfo_endpoint = excluded.userinfo_endpoint, loaded_at = excluded.loaded_at`;
}

/** Every provider of others, the latest loaded first. */
export function allProviders(db: Queryable): Promise<ProviderRow[]> {
  return db.query<ProviderRow>(sql`
    select issuer, kind, jwks, jwks_uri, client_id, client_secret, authorization_endpoint, token_endpoint,
           userinfo_endpoint, loaded_at
      from cis.provider order by loaded_at desc, issuer`);
}

/** Unregisters one; a row when there was one. */
export function deleteProvider(issuer: string): Statement {
  return sql`delete from cis.provider where issuer = ${issuer} returning issuer`;
}

/** Unregisters every provider of others; for a sandbox that starts anew. */
export function forgetProviders(db: Queryable): Promise<object[]> {
  return db.query(sql`delete from cis.provider`);
}

export function forgetOldAttempts(before: number): Statement {
  return sql`delete from cis.log_on_attempt where began_at < ${new Date(before)}`;
}
export function forgetOldCodes(before: number): Statement {
  return sql`delete from cis.authorization_code where expires_at < ${new Date(before)}`;
}
export function forgetOldLogOns(before: number): Statement {
  return sql`delete from cis.log_on where logged_on_at < ${new Date(before)}`;
}
