import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type SandboxUserRow = {
  kind: string;
  username: string;
  sub: string;
  claims: Record<string, unknown>;
  userinfo: Record<string, unknown>;
};

export async function upsertSandboxUser(db: Queryable, user: SandboxUserRow, now: Date): Promise<void> {
  await db.query(sql`
    insert into cis.sandbox_user (kind, username, sub, claims, userinfo, loaded_at)
    values (${user.kind}, ${user.username}, ${user.sub}, ${JSON.stringify(user.claims)}::json,
            ${JSON.stringify(user.userinfo)}::json, ${now})
    on conflict (kind, username) do update
       set sub = excluded.sub, claims = excluded.claims, userinfo = excluded.userinfo, loaded_at = excluded.loaded_at`);
}

export async function sandboxUserByName(
  db: Queryable,
  kind: string,
  username: string,
): Promise<SandboxUserRow | undefined> {
  const [row] = await db.query<SandboxUserRow>(sql`
    select kind, username, sub, claims, userinfo from cis.sandbox_user where kind = ${kind} and username = ${username}`);
  return row;
}

export async function sandboxUserBySub(db: Queryable, kind: string, sub: string): Promise<SandboxUserRow | undefined> {
  const [row] = await db.query<SandboxUserRow>(sql`
    select kind, username, sub, claims, userinfo from cis.sandbox_user
     where kind = ${kind} and sub = ${sub} order by loaded_at desc limit 1`);
  return row;
}

export async function deleteSandboxUsers(db: Queryable): Promise<void> {
  await db.query(sql`delete from cis.sandbox_user`);
}

/** What kind of identity provider a loaded issuer is. */
export async function kindOfIssuer(db: Queryable, issuer: string): Promise<string | undefined> {
  const [row] = await db.query<{ kind: string }>(sql`select kind from cis.provider where issuer = ${issuer}`);
  return row?.kind;
}
