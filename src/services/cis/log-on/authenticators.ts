import { createHmac } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import type { Authenticator, AuthenticatorApp, AuthenticatorSummary, Passkey } from './authenticator.ts';
import { levelOf } from './passkeys/passkey-rules.ts';
import { type AuthenticatorRow, authenticatorsOf } from './queries-authenticators.ts';

/** All authenticators of a user, oldest first. */
export async function readAuthenticators(db: Queryable, userId: string): Promise<Authenticator[]> {
  return (await authenticatorsOf(db, userId)).map(authenticatorOf);
}

export async function readPasskeys(db: Queryable, userId: string): Promise<Passkey[]> {
  return (await readAuthenticators(db, userId)).filter((one) => one.kind === 'passkey');
}

export async function readApps(db: Queryable, userId: string): Promise<AuthenticatorApp[]> {
  return (await readAuthenticators(db, userId)).filter((one) => one.kind === 'app');
}

function authenticatorOf(row: AuthenticatorRow): Authenticator {
  const common = {
    userId: row.user_id,
    authenticatorId: row.authenticator_id,
    name: row.name,
    addedAt: row.added_at.getTime(),
    lastUsedAt: row.last_used_at?.getTime(),
  };
  if (row.kind === 'app')
    return { kind: 'app', ...common, sealedSeed: row.sealed_seed as string, lastStep: row.last_step };
  return {
    kind: 'passkey',
    ...common,
    credentialId: row.credential_id as string,
    publicKey: row.public_key as Buffer,
    transports: row.transports as string[],
    model: row.model ?? '',
    signCount: row.sign_count,
    isBackupEligible: row.is_backup_eligible,
    isBackedUp: row.is_backed_up,
    suspectedAt: row.suspected_at?.getTime(),
  };
}

export function summaryOf(authenticator: Authenticator): AuthenticatorSummary {
  const { authenticatorId, kind, name, addedAt, lastUsedAt } = authenticator;
  return {
    authenticatorId,
    kind,
    name,
    level: authenticator.kind === 'passkey' ? levelOf(authenticator) : 2,
    addedAt,
    lastUsedAt,
    isSuspected: authenticator.kind === 'passkey' && authenticator.suspectedAt !== undefined,
  };
}

/** What passkeys know their user by; tells nothing to whoever finds the device (Web Authentication, section 14.6.1). */
export function userHandleOf(vault: Vault, userId: string): Buffer {
  return createHmac('sha256', vault.derive('passkey user handle')).update(userId).digest();
}
