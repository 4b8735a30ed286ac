import { z } from 'zod';
import { storable } from '../../../platform/audit/entry.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import { RegistrationError } from '../../../platform/identity/applications.ts';
import type { Role } from '../../../platform/identity/principal.ts';
import type { StaffAccount, StaffDirectory } from '../staff-directory.ts';
import {
  deleteSandboxUsers,
  kindOfIssuer,
  type SandboxUserRow,
  sandboxUserByName,
  sandboxUserBySub,
  upsertSandboxUser,
} from './queries-sandbox-users.ts';
import { testStaff } from './staff/test-users.ts';

/**
 * A user as `POST /sandbox/load` brings it: `provider` is an issuer, or the kind of one. A password is taken and not kept:
 * a sandbox asks for none.
 */
const name = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => storable(text) === text, 'holds what cannot be stored');
export const sandboxUserShape = z.strictObject({
  provider: name,
  username: name,
  sub: name,
  password: z.string().optional(),
  claims: z.record(z.string(), z.unknown()).default({}),
  userinfo: z.record(z.string(), z.unknown()).default({}),
});
export type SandboxUser = z.infer<typeof sandboxUserShape>;

/** The user information is answered as it was given, whatever the scopes. */
export type GivenWhole = { readonly isUserInfoWhole?: boolean };

/** Loads users, in the caller's transaction; one of the same name is replaced. Throws RegistrationError for a provider nobody knows. */
export async function loadSandboxUsers(tx: Queryable, users: readonly SandboxUser[], now: number): Promise<void> {
  for (const user of users) {
    const kind = await kindOf(tx, user.provider);
    if (kind === undefined)
      throw new RegistrationError(`cis/users/${user.username}: there is no identity provider "${user.provider}".`);
    const { username, sub, claims, userinfo } = user;
    await upsertSandboxUser(
      tx,
      { kind, username, sub, claims: { ...claims }, userinfo: { ...userinfo } },
      new Date(now),
    );
  }
}

/** Forgets all that were loaded. */
export function forgetSandboxUsers(tx: Queryable): Promise<void> {
  return deleteSandboxUsers(tx);
}

async function kindOf(db: Queryable, provider: string): Promise<string | undefined> {
  if (provider === 'cis2' || provider === 'nhs-login') return provider;
  const loaded = await kindOfIssuer(db, provider);
  if (loaded !== undefined) return loaded;
  return /^https?:\/\/[^/]+\/(cis2|nhs-login)$/.exec(provider)?.[1];
}

/** The staff a sandbox was given, then the registered ones, then the published test users. */
export function sandboxStaff(db: Queryable, registered: StaffDirectory): StaffDirectory {
  return {
    async find(userId) {
      const loaded = await sandboxUserBySub(db, 'cis2', userId);
      return loaded
        ? accountOf(loaded)
        : ((await registered.find(userId)) ?? testStaff.find((account) => account.userId === userId));
    },
    async findByUsername(username) {
      const loaded = await sandboxUserByName(db, 'cis2', username);
      return loaded
        ? accountOf(loaded)
        : ((await registered.findByUsername(username)) ?? testStaff.find((account) => account.userId === username));
    },
  };
}

function accountOf({ sub, claims, userinfo }: SandboxUserRow): StaffAccount & GivenWhole {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const level = Number(claims.authentication_assurance_level ?? 3);
  return {
    userId: sub,
    status: 'active',
    displayName: text(userinfo.display_name) ?? text(userinfo.name) ?? sub,
    idAssuranceLevel: Number(claims.id_assurance_level ?? userinfo.idassurancelevel ?? 3),
    userInfo: userinfo,
    idTokenClaims: claims,
    roles: rolesOf(userinfo.nhsid_nrbac_roles),
    sandboxLevel: level === 1 || level === 2 ? level : 3,
    isUserInfoWhole: true,
  };
}

/** The roles in published user information; what is no role is passed over. */
export function rolesOf(listed: unknown): Role[] {
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((one: Record<string, unknown> | null) => {
    if (typeof one?.person_roleid !== 'string') return [];
    return {
      roleProfileId: one.person_roleid,
      odsCode: String(one.org_code ?? ''),
      roleCode: String(one.role_code ?? ''),
      activities: Array.isArray(one.activity_codes) ? one.activity_codes.map(String) : [],
      workgroups: Array.isArray(one.workgroups_codes) ? one.workgroups_codes.map(String) : [],
    };
  });
}
