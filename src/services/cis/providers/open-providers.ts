import './tested-runtime.ts';
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import { type Call, cookieOf, type Service } from '../../../platform/http/operation.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import { patientRealm, staffRealm } from '../log-on/realm.ts';
import type { BrowserSession, LogOnWay, SessionOf } from '../log-on/way.ts';
import { assetsOperation } from '../pages/assets-operation.ts';
import { pagesDialect } from '../pages/dialect.ts';
import type { CisParts } from '../parts.ts';
import { accountBySub } from '../patient-accounts/kept-accounts.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import { findClient, tokenServiceClientId } from './clients.ts';
import { type KeyPurpose, SigningKeys, signedJwt } from './keys/signing-keys.ts';
import { eitherOf, keptPatients, sandboxPatients } from './patients/patient-accounts.ts';
import { patientHolders } from './patients/patient-holders.ts';
import { patientLogOnOperations } from './patients/patient-log-on.ts';
import { patientProvider } from './patients/patient-provider.ts';
import { hasTwoFactors } from './patients/vectors.ts';
import { type BuiltFrom, ProviderHost, type ProviderKind } from './provider-host.ts';
import { ProviderStore } from './provider-store.ts';
import { forgetArtifacts } from './queries.ts';
import { forgetSandboxUsers, loadSandboxUsers, type SandboxUser, sandboxStaff } from './sandbox-users.ts';
import { endSession, endSessionsIn, endSessionsOf, takeBackIn } from './sessions/end-sessions.ts';
import { LogoutNotices } from './sessions/logout-notices.ts';
import { sessionsOperations } from './sessions/own-sessions.ts';
import { forgetSessions } from './sessions/queries-sessions.ts';
import { levelOfAcr } from './staff/assurance.ts';
import { pickRoleOperation } from './staff/pick-role.ts';
import { staffLogOnOperations } from './staff/staff-log-on.ts';
import { staffProvider } from './staff/staff-provider.ts';

export type ProvidersSurroundings = {
  /** The staff as they are registered; a sandbox's own users are laid over it here. */
  readonly directory: StaffDirectory;
  /** Ways for staff to log on. */
  readonly ways: readonly LogOnWay[];
  /** Ways for patients. */
  readonly patientWays: readonly LogOnWay[];
  /** Names of the scripts that the panels of these ways use. */
  readonly scripts: readonly string[];
  /** How other machines are asked. */
  readonly ask: Outbound;
};

/** The two identity providers: staff at `/cis2`, patients at `/nhs-login`. */
export function openProviders(parts: CisParts, surroundings: ProvidersSurroundings) {
  const { db, clock, vault, address, applications, config, own } = parts;
  const isSandbox = config.mode === 'sandbox';
  const directory = isSandbox ? sandboxStaff(db, surroundings.directory) : surroundings.directory;
  const keys = new SigningKeys(db, clock, vault);
  const clientOf = (provider: ProviderKind) => async (clientId: string) =>
    findClient(clientId, {
      applications,
      base: address.base,
      ownKeys: (await keys.ring('token-service')).published.map((key) => key.publicJwk),
      provider,
      isGuarded: !isSandbox,
    });
  const notices = new LogoutNotices({
    db,
    clock,
    keys,
    findClient: clientOf('cis2'),
    issuerOf: (provider) => `${address.base}/${provider}`,
    askFor: (clientId) => (clientId === tokenServiceClientId ? own.ask : surroundings.ask),
  });
  const ending = { db, clock, notices };
  const tellOfLogout = (provider: ProviderKind) => async (clientId: string, userId: string, sid: string) => {
    const notice = await notices.keepIn(db, { provider, clientId, userId, sid });
    if (notice) await notices.send(notice);
  };
  const setup = (provider: ProviderKind, store: ProviderStore, { issuer, keys: ring }: BuiltFrom) => ({
    kind: provider,
    issuer,
    store,
    audit: parts.audit,
    keys: ring,
    vault,
    outbound: surroundings.ask,
    findClient: clientOf(provider),
    tellOfLogout: tellOfLogout(provider),
  });
  const staffStore = new ProviderStore(db, clock, 'cis2');
  const staffHost = new ProviderHost('cis2', address, keys, (from) =>
    staffProvider({ ...setup('cis2', staffStore, from), directory, isSandbox }),
  );
  const identities = { db, clock, directory: parts.identityOf };
  const onTrust = isSandbox ? sandboxPatients({ ...identities, idKey: vault.derive('ids of patients') }) : undefined;
  const kept = keptPatients(identities);
  const accounts = onTrust ? eitherOf(kept, onTrust) : kept;
  const patientStore = new ProviderStore(db, clock, 'nhs-login');
  const patientHost = new ProviderHost('nhs-login', address, keys, (from) =>
    patientProvider({ ...setup('nhs-login', patientStore, from), accounts }),
  );
  const attemptParts = {
    host: staffHost,
    store: staffStore,
    directory,
    isSandbox,
    endSession: (uid: string) => endSession(ending, uid),
  };
  const sessionOf: SessionOf = async (call: Call): Promise<BrowserSession | undefined> => {
    const value = cookieOf(call, 'cis2_session');
    const row = value === undefined ? undefined : await staffStore.sessionOfCookie(value);
    if (!row?.user_id) return undefined;
    const { acr, amr } = row.payload as { acr?: string; amr?: string[] };
    return {
      userId: row.user_id,
      level: levelOfAcr(acr) ?? 1,
      amr: amr ?? [],
      loggedOnAt: row.began_at?.getTime() ?? 0,
      sid: row.uid,
    };
  };
  const patientSessionOf: SessionOf = async (call) => {
    const value = cookieOf(call, 'nhs-login_session');
    const row = value === undefined ? undefined : await patientStore.sessionOfCookie(value);
    if (!row?.user_id) return undefined;
    const { acr = '', amr = [] } = row.payload as { acr?: string; amr?: string[] };
    const level = hasTwoFactors(acr) ? 3 : 1;
    const userId = `${patientRealm.mark}${row.user_id}`;
    return { userId, level, amr, loggedOnAt: row.began_at?.getTime() ?? 0, sid: row.uid };
  };
  const sessionPages = { ...ending, vault, address };
  const staff: Service = {
    name: 'cis2',
    title: 'Identity provider of staff',
    dialect: pagesDialect('/cis2'),
    operations: [
      ...staffLogOnOperations({ ...attemptParts, ways: surroundings.ways, scripts: surroundings.scripts }),
      pickRoleOperation(attemptParts),
      ...sessionsOperations({
        ...sessionPages,
        realm: staffRealm,
        store: staffStore,
        sessionOf,
        findClient: clientOf('cis2'),
      }),
      assetsOperation(),
    ],
    mount: staffHost.mount,
  };
  const patients: Service = {
    name: 'nhs-login',
    title: 'Identity provider of patients',
    dialect: pagesDialect('/nhs-login'),
    operations: [
      ...patientLogOnOperations({
        host: patientHost,
        store: patientStore,
        accounts,
        onTrust,
        ways: surroundings.patientWays,
        scripts: surroundings.scripts,
        endSession: attemptParts.endSession,
      }),
      ...sessionsOperations({
        ...sessionPages,
        realm: patientRealm,
        store: patientStore,
        sessionOf: patientSessionOf,
        findClient: clientOf('nhs-login'),
      }),
    ],
    mount: patientHost.mount,
  };
  return {
    services: [staff, patients] as readonly Service[],
    /** The staff directory with a sandbox's own users laid over it. */
    directory,
    /** Who is logged on in the browser that calls. */
    sessionOf,
    /** The issuers, once the Spine listens. */
    issuers: () => ({ cis2: staffHost.issuer, 'nhs-login': patientHost.issuer }),
    /** Proof of the token service to a provider: a fresh assertion for this audience. */
    assertionFor: (audience: string, clientId: string) => assertionFor(keys, clock.wall(), audience, clientId),
    /** Loads users a sandbox is given, in the caller's transaction. Throws RegistrationError. */
    loadSandboxUsers: (tx: Queryable, users: readonly SandboxUser[]) => loadSandboxUsers(tx, users, clock.now()),
    /** Forgets them. */
    forgetSandboxUsers: (tx: Queryable) => forgetSandboxUsers(tx),
    /** What is kept for a while only. */
    chore: (now: number) => forgetWhatExpired(db, now),
    /** Ends the sessions of a member of staff, telling the applications; how many. */
    endSessionsOf: (userId: string) => endSessionsOf(ending, userId),
    /** The same in the caller's transaction, but for one session; the applications are told when it is committed. */
    endSessionsIn: (tx: Queryable, userId: string, except?: string) =>
      endSessionsIn(ending, tx, { provider: 'cis2', userId, except }),
    patients: {
      accounts,
      holders: patientHolders(accounts),
      /** Who is logged on as a patient in the browser that calls. */
      sessionOf: patientSessionOf,
      /**
       * Ends the sessions of a patient (but for one) in the caller's transaction, and takes back all that applications were
       * given, tokens of the token service too: they name no session by which to tell them apart.
       */
      endSessionsIn: async (tx: Queryable, userId: string, except?: string): Promise<number> => {
        const sub = userId.slice(patientRealm.mark.length);
        const of = { provider: 'nhs-login', userId: sub, except } as const;
        await takeBackIn(ending, tx, of);
        const ended = await endSessionsIn(ending, tx, of);
        const nhsNumber = (await accountBySub(tx, sub))?.nhsNumber ?? (await onTrust?.find(sub))?.nhsNumber;
        for (const id of [sub, nhsNumber]) if (id !== undefined) await parts.tokens.revokeAllIn(tx, { userId: id });
        return ended;
      },
    },
    /** Ends one session; false when there was none. */
    endSession: (sid: string) => endSession(ending, sid),
    /** A new signing key; the former stays published for a day. */
    rotateKey: (purpose: KeyPurpose) => keys.rotate(purpose),
    /** Begins to tell applications of sessions that ended, until `close`. */
    start: () => notices.watch(),
    close: () => notices.close(),
  };
}

const dayMillis = 86_400_000;
const mostAtOnce = 5_000;

async function forgetWhatExpired(db: Queryable, now: number): Promise<void> {
  const before = new Date(now - dayMillis);
  while ((await forgetArtifacts(db, before, mostAtOnce)) === mostAtOnce);
  while ((await forgetSessions(db, before, mostAtOnce)) === mostAtOnce);
}

/** A fresh proof of the token service for this audience; times by the wall clock, as the library judges it. */
async function assertionFor(keys: SigningKeys, now: number, audience: string, clientId: string): Promise<string> {
  const { signing } = await keys.ring('token-service');
  const iat = Math.floor(now / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: randomUUID(),
    iat,
    exp: iat + 60,
  };
  return signedJwt(signing, 'RS512', claims);
}
