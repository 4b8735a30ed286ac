import type { Role } from '../../platform/identity/principal.ts';

/** A member of staff as the identity provider and the token service see them. */
export type StaffAccount = {
  /** The twelve-digit user id: `sub`, `uid` and `nhsid_useruid`. */
  readonly userId: string;
  /** Only an active identity logs on; one without any role does too. */
  readonly status: 'active' | 'suspended' | 'closed';
  readonly displayName: string;
  readonly idAssuranceLevel: number;
  /** Every claim of the user information, whatever the scope (published shape: claims-examples, careIdentityUserinfo). */
  readonly userInfo: Readonly<Record<string, unknown>>;
  /** Claims a sandbox asked to be put into this user's ID tokens besides; they win. */
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  /** The roles that hold now. */
  readonly roles: readonly Role[];
  /** The level at which a sandbox's log-on page takes this user's word for it. */
  readonly sandboxLevel: 1 | 2 | 3 | undefined;
};

/** Where members of staff are found, as they are at this moment. */
export type StaffDirectory = {
  /** By user id (`sub`); undefined when there is none. */
  find(userId: string): Promise<StaffAccount | undefined>;
  /** By the name typed at log-on: the user id, or what a sandbox loaded as `username`. */
  findByUsername(username: string): Promise<StaffAccount | undefined>;
};
