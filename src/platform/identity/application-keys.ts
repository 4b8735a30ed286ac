import { randomBytes } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { isStorable } from '../db/is-storable.ts';
import { type Application, applicationEvent, applicationOf, RegistrationError } from './applications.ts';
import { type Jwks, publicJwks } from './jwks.ts';
import { type ApplicationRow, applicationForUpdate, updateApplication } from './queries-applications.ts';
import { hashSecret } from './secret.ts';

/** How many keys of an application are good at once: the one in use, and the one before it while clients change over. */
const mostKeys = 2;

/** A new public key: PEM, or a key set of one. */
export type NewKey = { readonly publicKeyPem?: string; readonly jwks?: unknown; readonly kid?: string | undefined };

/**
 * Adds a public key in front of those there are; the newest of these stays good beside it, older ones end. Throws
 * RegistrationError; undefined when there is no such application.
 */
export function rotateKey(db: Database, appId: string, key: NewKey, now: number): Promise<Application | undefined> {
  const [added, ...more] = keysIn(key);
  if (!added || more.length > 0) throw new RegistrationError('Give one public key.');
  if (!isStorable(added)) throw new RegistrationError('The name of the key holds characters that cannot be kept.');
  return change(db, appId, now, ['key-added', { kid: added.kid }], (row) => {
    if (row.jwks_url !== null)
      throw new RegistrationError(`Its keys are published at ${row.jwks_url}; they are changed there.`);
    const kept = ((row.jwks as Jwks | null)?.keys ?? []).filter(({ kid }) => kid !== added.kid);
    if (kept.length < ((row.jwks as Jwks | null)?.keys.length ?? 0))
      throw new RegistrationError(`There is a key "${added.kid}" already; a new key needs a name of its own.`);
    return { ...row, jwks: { keys: [added, ...kept].slice(0, mostKeys) } };
  });
}

function keysIn(key: NewKey): Jwks['keys'] {
  try {
    return publicJwks(key)?.keys ?? [];
  } catch (error) {
    throw new RegistrationError((error as Error).message);
  }
}

/** Ends a key at once. Throws RegistrationError where there is none of that name; undefined: no such application. */
export function withdrawKey(db: Database, appId: string, kid: string, now: number): Promise<Application | undefined> {
  return change(db, appId, now, ['key-withdrawn', { kid }], (row) => {
    const keys = (row.jwks as Jwks | null)?.keys ?? [];
    const left = keys.filter((key) => key.kid !== kid);
    if (left.length === keys.length) throw new RegistrationError(`There is no key "${kid}".`);
    return { ...row, jwks: left.length === 0 ? null : { keys: left } };
  });
}

/** Makes a client secret, in place of the one before; it is returned here and nowhere else. Undefined: no such application. */
export async function renewSecret(db: Database, appId: string, now: number): Promise<string | undefined> {
  const secret = newSecret();
  const changed = await change(db, appId, now, ['secret-renewed'], (row) => ({
    ...row,
    secret_hash: hashSecret(secret),
  }));
  return changed && secret;
}

/** A random client secret: 256 bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Takes a suspension back. Undefined: no such application. */
export function approveApplication(db: Database, appId: string, now: number): Promise<Application | undefined> {
  return change(db, appId, now, ['approved'], (row) => ({ ...row, status: 'approved' }));
}

function change(
  db: Database,
  appId: string,
  now: number,
  [what, told]: readonly [what: string, told?: object],
  by: (row: ApplicationRow) => ApplicationRow,
): Promise<Application | undefined> {
  return db.transaction(async (tx) => {
    const row = await applicationForUpdate(tx, appId);
    if (!row) return undefined;
    const changed = by(row);
    await tx.query(updateApplication(changed, now));
    await tx.query(applicationEvent(what, appId, now, told));
    return applicationOf(changed);
  });
}
