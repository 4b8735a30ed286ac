import type { Queryable } from '../../../platform/db/database.ts';
import type { CisParts } from '../parts.ts';
import type { Cards } from '../pki/cards.ts';
import type { OpenStaffDirectory } from './directory/open-staff-directory.ts';

/** What the Registration Authority does to cards; each in the caller's transaction. */
export type CardDesk = Pick<
  Cards,
  'issue' | 'unlock' | 'lock' | 'renew' | 'resetPasscode' | 'cancel' | 'list' | 'find'
>;

/** What the Registration Authority does to the means of log-on of others; each in the caller's transaction. */
export type AuthenticatorDesk = {
  list(db: Queryable, userId: string): Promise<readonly object[]>;
  /** A code with which the user registers an authenticator, and the page for it; told once, `expiresAt` in milliseconds. */
  issueEnrolmentCode(
    tx: Queryable,
    userId: string,
    by: { actor: string; now: number },
  ): Promise<{ code: string; address: string; expiresAt: number }>;
  /** False where the user has no such authenticator. */
  remove(
    tx: Queryable,
    of: { userId: string; authenticatorId: string },
    by: { actor: string; now: number },
  ): Promise<boolean>;
};

export type RegistrationParts = Pick<CisParts, 'db' | 'clock' | 'audit' | 'tokens' | 'vault'> & {
  readonly directory: Pick<OpenStaffDirectory, 'nationalRoles'>;
  readonly cards?: CardDesk | undefined;
  readonly authenticators?: AuthenticatorDesk | undefined;
  /** Ends the user's sessions at the staff identity provider, in the caller's transaction. */
  readonly endSessionsIn?: ((tx: Queryable, userId: string) => Promise<unknown>) | undefined;
};
