import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { Batch } from '../db/batch.ts';
import type { Database, Queryable } from '../db/database.ts';
import { isStorable } from '../db/is-storable.ts';
import type { Statement } from '../db/sql.ts';
import { insertEvents } from '../events/outbox.ts';
import { uuidv7 } from '../events/uuidv7.ts';
import { type Jwks, publicJwks } from './jwks.ts';
import type { AccessMode } from './principal.ts';
import { type Product, productsFor } from './products.ts';
import { revokeTokens } from './queries.ts';
import {
  type ApplicationRow,
  allApplications,
  applicationsById,
  applicationsRegisteredBy,
  insertApplication,
  replaceApplicationRow,
  setStatus,
} from './queries-applications.ts';
import { hashSecret } from './secret.ts';

/** Whether an application may get tokens; each status but the first has its published refusal. */
export type ApplicationStatus = 'approved' | 'pending' | 'revoked' | 'organisation-inactive' | 'developer-inactive';

/** A registered application, by API key. */
export type Application = {
  /** The API key; public, and the `iss` and `sub` of its assertions. */
  readonly appId: string;
  readonly name: string;
  readonly odsCode: string | undefined;
  readonly asid: string | undefined;
  readonly status: ApplicationStatus;
  readonly products: readonly Product[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Its public keys, where they were given at registration. */
  readonly jwks: Jwks | undefined;
  /** Where its public keys are published otherwise. */
  readonly jwksUrl: string | undefined;
  readonly redirectUris: readonly string[];
  readonly secretHash: string | undefined;
  readonly registeredBy: string | undefined;
};

/** What is told of an application when it is registered. */
export type Registration = {
  readonly name: string;
  readonly odsCode?: string | undefined;
  readonly asid?: string | undefined;
  /** Access modes to subscribe to, as products of the services; `products` adds others. */
  readonly mode?: AccessMode | readonly AccessMode[] | undefined;
  readonly products?: readonly Product[] | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** One of the three: a public key (PEM), a key set, or the address of one. */
  readonly publicKeyPem?: string | undefined;
  readonly jwks?: unknown;
  readonly jwksUrl?: string | undefined;
  /** Name of the key given as PEM; by default its RFC 7638 thumbprint. */
  readonly kid?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  /** Client secret of the combined log-on; only its hash is kept. */
  readonly secret?: string | undefined;
  /** API key; by default a random one. */
  readonly appId?: string | undefined;
  readonly status?: ApplicationStatus | undefined;
  /** Who registers it; nobody: the operator. */
  readonly registeredBy?: string | undefined;
};

/** A registration that cannot be taken; the message says why, in one sentence. */
export class RegistrationError extends Error {}

const appIdForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Registers an application at `now` (milliseconds). Throws RegistrationError. */
export async function registerApplication(db: Database, wanted: Registration, now: number): Promise<Application> {
  const row = rowOf(wanted);
  await db.transaction(async (tx) => {
    const inserted = await tx.query(insertApplication(row, now));
    if (inserted.length === 0) throw new RegistrationError(`There is an application ${row.app_id} already.`);
    await tx.query(applicationEvent('registered', row.app_id, now, { registeredBy: row.registered_by }));
  });
  return applicationOf(row);
}

/** What happened to an application, to be told in the transaction of the change; the subject is its API key. */
export function applicationEvent(what: string, appId: string, happenedAt: number, body: object = {}): Statement {
  return insertEvents([{ subject: appId, kind: `identity.application-${what}`, happenedAt, body }]);
}

/** Registers an application in place of the one with its API key; for sandboxes. Throws RegistrationError. */
export async function replaceApplication(db: Queryable, wanted: Registration, now: number): Promise<void> {
  await db.query(replaceApplicationRow(rowOf(wanted), now));
}

function rowOf(wanted: Registration): ApplicationRow {
  const refuse = (why: string): never => {
    throw new RegistrationError(why);
  };
  if (wanted.name.trim() === '') refuse('An application needs a name.');
  const appId = wanted.appId ?? randomBytes(16).toString('hex');
  if (!appIdForm.test(appId)) refuse('An API key is up to 100 letters, digits, dots, hyphens and underscores.');
  if (wanted.odsCode !== undefined && !/^[0-9A-Za-z]{3,10}$/.test(wanted.odsCode))
    refuse(`"${wanted.odsCode}" is not an ODS code: 3 to 10 letters and digits.`);
  if (wanted.asid !== undefined && !/^[0-9]{12}$/.test(wanted.asid))
    refuse(`"${wanted.asid}" is not an ASID: 12 digits.`);
  if ([wanted.publicKeyPem, wanted.jwks, wanted.jwksUrl].filter((given) => given !== undefined).length > 1)
    refuse('Give a public key, a key set or the address of one, not several of them.');
  for (const uri of wanted.redirectUris ?? []) {
    const url = URL.parse(uri);
    if (!url) refuse(`"${uri}" is not an absolute address.`);
    // RFC 6749, section 3.1.2; and nothing that a browser would run, by the scheme that a browser would see
    if (uri.includes('#') || /^(javascript|data|vbscript|file|blob|about):$/.test(url?.protocol ?? ''))
      refuse(`"${uri}" cannot be a callback address.`);
  }
  if (wanted.jwksUrl !== undefined && !isFetchable(wanted.jwksUrl))
    refuse(`"${wanted.jwksUrl}" is not an http or https address without user name.`);
  let jwks: Jwks | undefined;
  try {
    jwks = publicJwks(wanted);
  } catch (error) {
    refuse((error as Error).message);
  }
  const modes = typeof wanted.mode === 'string' ? [wanted.mode] : (wanted.mode ?? []);
  const row = {
    app_id: appId,
    name: wanted.name,
    ods_code: wanted.odsCode ?? null,
    asid: wanted.asid ?? null,
    status: wanted.status ?? 'approved',
    products: [...productsFor(modes), ...(wanted.products ?? [])],
    attributes: wanted.attributes ?? {},
    jwks: jwks ?? null,
    jwks_url: wanted.jwksUrl ?? null,
    redirect_uris: wanted.redirectUris ?? [],
    secret_hash: wanted.secret === undefined ? null : hashSecret(wanted.secret),
    registered_by: wanted.registeredBy ?? null,
  };
  if (!isStorable(row)) refuse('A registration holds characters that cannot be kept.');
  return row;
}

function isFetchable(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/** The application with this API key, read now; undefined when there is none. */
export async function findApplication(db: Queryable, appId: string): Promise<Application | undefined> {
  if (!appIdForm.test(appId)) return undefined;
  const [row] = await applicationsById(db, [appId]);
  return row && applicationOf(row);
}

/** Every application in the order of registration, or those that one developer registered. */
export async function listApplications(db: Queryable, registeredBy?: string): Promise<Application[]> {
  const rows = registeredBy === undefined ? allApplications(db) : applicationsRegisteredBy(db, registeredBy);
  return (await rows).map(applicationOf);
}

/**
 * Suspends an application: it gets no more tokens and those it has are revoked, here and in every running process.
 * Resolves, a second later, when that holds for tokens too that were being issued at the moment. False when there is no
 * such application.
 */
export async function suspendApplication(db: Database, appId: string, clock: Clock): Promise<boolean> {
  const isThere = await db.transaction(async (tx) => {
    const rows = await setStatus(tx, appId, 'revoked', clock.now());
    if (rows.length === 0) return false;
    await revokeTokens(tx, { appId }, uuidv7(clock.wall()), clock.now());
    await tx.query(applicationEvent('suspended', appId, clock.now()));
    return true;
  });
  if (!isThere) return false;
  await new Promise((resolve) => setTimeout(resolve, 4 * staleMillis));
  await db.transaction((tx) => revokeTokens(tx, { appId }, uuidv7(clock.wall()), clock.now()));
  return true;
}

/** How long what a process remembers of an application may be out of date. */
const staleMillis = 250;
const capacity = 10_000;

/** The applications as one process sees them: remembered for a quarter of a second, many look-ups in one statement. */
export class Applications {
  readonly #clock: Clock;
  readonly #lookUp: Batch<string, ApplicationRow | undefined>;
  readonly #seen = new Map<string, { application: Application; readAt: number }>();

  constructor(db: Database, clock: Clock) {
    this.#clock = clock;
    this.#lookUp = new Batch({ maxItems: 500, maxInFlight: 2 }, async (appIds) => {
      const rows = await applicationsById(db, [...new Set(appIds)]);
      const found = new Map(rows.map((row) => [row.app_id, row]));
      return appIds.map((appId) => found.get(appId));
    });
  }

  /** The application with this API key, at most 250 ms out of date; undefined when there is none. */
  async find(appId: string): Promise<Application | undefined> {
    const seen = this.#seen.get(appId);
    const now = this.#clock.wall();
    if (seen && Math.abs(now - seen.readAt) < staleMillis) return seen.application;
    if (!appIdForm.test(appId)) return undefined;
    const row = await this.#lookUp.add(appId);
    this.#seen.delete(appId);
    if (!row) return undefined;
    const application = applicationOf(row);
    if (this.#seen.size >= capacity) this.#seen.clear();
    this.#seen.set(appId, { application, readAt: now });
    return application;
  }

  /** Reads all of them anew at the next look; other processes do within a quarter of a second. */
  forget(): void {
    this.#seen.clear();
  }
}

export function applicationOf(row: ApplicationRow): Application {
  return {
    appId: row.app_id,
    name: row.name,
    odsCode: row.ods_code ?? undefined,
    asid: row.asid ?? undefined,
    status: row.status as ApplicationStatus,
    products: row.products as Product[],
    attributes: row.attributes as Record<string, string>,
    jwks: (row.jwks as Jwks | null) ?? undefined,
    jwksUrl: row.jwks_url ?? undefined,
    redirectUris: row.redirect_uris as string[],
    secretHash: row.secret_hash ?? undefined,
    registeredBy: row.registered_by ?? undefined,
  };
}
