import { z } from 'zod';
import { ConfigError } from '../../platform/config/config.ts';
import type { Service } from '../../platform/http/operation.ts';
import { outbound } from '../../platform/http/outbound.ts';
import { openAccess } from './access/open-access.ts';
import { openApplications } from './applications/open-applications.ts';
import { openAuthenticators } from './log-on/open-authenticators.ts';
import { openPhone } from './log-on/open-phone.ts';
import { patientRealm } from './log-on/realm.ts';
import type { CisParts } from './parts.ts';
import { openPatientAccounts } from './patient-accounts/open-patient-accounts.ts';
import { openCards } from './pki/open-cards.ts';
import { openProviders } from './providers/open-providers.ts';
import { sandboxUserShape } from './providers/sandbox-users.ts';
import { loadNationalRoles, NationalRolesError } from './rbac/load-national-roles.ts';
import { BootstrapError, bootstrapAdministrator } from './registration/bootstrap-administrator.ts';
import { openStaffDirectory } from './registration/directory/open-staff-directory.ts';
import { listStaff } from './registration/list-staff.ts';
import { loadDemoStaff } from './registration/loading/demo-staff.ts';
import type { StaffLoad } from './registration/loading/staff-load.ts';
import { openRegistration } from './registration/open-registration.ts';
import { standingOf } from './standing.ts';
import { openTokenService } from './token-service/open-token-service.ts';
import { ownProvider } from './token-service/providers.ts';
import { forgetProviders } from './token-service/queries.ts';
import { applicationShape, loadApplications, loadProviders, providerShape } from './token-service/sandbox-load.ts';

export { type RevocationReason, revocationReasons } from './pki/card-states.ts';
export { type Issuer, keyUsageBits, makeCertificate, makeKeys, toBuffer, toPem, usages } from './pki/certificates.ts';
export { revocationLists } from './pki/revocation-list.ts';
export type { CisParts, StaffLoad };
export { BootstrapError, bootstrapAdministrator, listStaff, loadDemoStaff, loadNationalRoles, NationalRolesError };

const cisLoad = z.strictObject({
  applications: z.array(applicationShape).optional(),
  providers: z.array(providerShape).optional(),
  users: z.array(sandboxUserShape).optional(),
});
type CisLoad = z.infer<typeof cisLoad>;

/** Identity of staff, patients and applications. Throws ConfigError where it could not tell its own address from another's. */
export function openCis(parts: CisParts) {
  const { config, db, clock, tokens, applications, vault } = parts;
  const isProduction = config.mode === 'production';
  // an assertion made for another token service must not be good here because a caller chose our Host header
  if (isProduction && config.issuerBase === undefined)
    throw new ConfigError('Production mode refuses to start the token service without OPENSPINE_ISSUER_BASE.');
  const directory = openStaffDirectory(db, clock);
  const ask = parts.outbound ?? outbound({ isGuarded: isProduction });
  // the providers ask for the ways, the account pages for the provider's sessions: these are found when they are called
  const authenticators = openAuthenticators(parts, {
    directory: {
      find: (userId) => providers.directory.find(userId),
      findByUsername: (username) => providers.directory.findByUsername(username),
    },
    sessionOf: (call) => providers.sessionOf(call),
    endSession: async (_call, session) => void (await providers.endSession(session.sid)),
    endSessionsIn: (tx, userId, except) => providers.endSessionsIn(tx, userId, except),
  });
  const ofPatients = openAuthenticators(parts, {
    realm: patientRealm,
    directory: {
      find: (userId) => providers.patients.holders.find(userId),
      findByUsername: (username) => providers.patients.holders.findByUsername(username),
    },
    sessionOf: (call) => providers.patients.sessionOf(call),
    endSession: async (_call, session) => void (await providers.endSession(session.sid)),
    endSessionsIn: (tx, userId, except) => providers.patients.endSessionsIn(tx, userId, except),
    mayUsePassword: () => true,
  });
  const cards = openCards(parts, {
    directory: { find: (userId) => providers.directory.find(userId) },
    endSessionsIn: (tx, userId) => providers.endSessionsIn(tx, userId),
  });
  const phone = openPhone(parts, {
    directory: { find: (userId) => providers.directory.find(userId) },
    sessionOf: (call) => providers.sessionOf(call),
  });
  const ways = [...authenticators.ways, phone.way, cards.way];
  const providers = openProviders(parts, {
    directory,
    ways,
    patientWays: ofPatients.ways,
    scripts: authenticators.scripts,
    ask,
  });
  const patientAccounts = openPatientAccounts(parts, {
    authenticators: ofPatients.desk,
    endAllIn: (tx, userId) => providers.patients.endSessionsIn(tx, userId),
  });
  tokens.readRolesFrom(async (userId) => {
    const account = await providers.directory.find(userId);
    return account?.status === 'active' ? account.roles : undefined;
  });
  const ownProviders = () => {
    const issuers = providers.issuers();
    return (['cis2', 'nhs-login'] as const).map((kind) =>
      ownProvider(kind, issuers[kind], providers.assertionFor, parts.own.ask),
    );
  };
  const tokenService = openTokenService(parts, {
    ownProviders,
    staff: providers.directory,
    standing: standingOf({
      staff: providers.directory,
      patients: providers.patients.accounts,
      patientIssuer: () => providers.issuers()['nhs-login'],
    }),
    assertion: providers.assertionFor,
    ask,
  });
  const registration = openRegistration(parts, {
    directory,
    cards: cards.cards,
    authenticators: authenticators.desk,
    endSessionsIn: (tx, userId) => providers.endSessionsIn(tx, userId),
  });
  const access = openAccess({ ...parts, massLookUps: config.massLookUps });
  const services: readonly Service[] = [
    ...tokenService.services,
    openApplications(parts),
    ...providers.services,
    ...authenticators.services,
    ...ofPatients.services,
    ...patientAccounts.services,
    ...cards.services,
    ...phone.services,
    ...access.services,
    ...registration.services,
  ];
  return {
    services,
    /** What is kept for a while only. */
    chores: [
      tokenService.chore,
      providers.chore,
      authenticators.chore,
      cards.chore,
      phone.chore,
      access.chore,
      registration.chore,
    ],
    /** Opens the port that asks for card certificates. Rejects where it cannot listen. */
    listenForCards: cards.listenForCards,
    localhostCertificate: cards.localhostCertificate,
    /** How a viewer stands to a patient, and what other services record of it. */
    access,
    /** Begins to watch over privacy, and to tell applications of sessions that ended, until `stop`. */
    start: (...to: Parameters<typeof access.start>) => {
      access.start(...to);
      providers.start();
    },
    stop: async () => {
      providers.close();
      await access.stop();
    },
    sandbox: {
      key: 'cis',
      shape: cisLoad,
      async load(section: unknown) {
        const load = section as CisLoad;
        await db.transaction(async (tx) => {
          await loadApplications(tx, load.applications ?? [], clock.now());
          await loadProviders(tx, vault, load.providers ?? [], clock.now());
          await providers.loadSandboxUsers(tx, load.users ?? []);
        });
        applications.forget();
        tokenService.forget();
        return {
          applications: load.applications?.length ?? 0,
          providers: load.providers?.length ?? 0,
          users: load.users?.length ?? 0,
        };
      },
      async reset(population: 'demo' | 'none' = 'demo') {
        await registration.reset(population);
        await authenticators.forgetAll(db);
        await patientAccounts.forgetAll(db);
        await forgetProviders(db);
        await providers.forgetSandboxUsers(db);
        await access.reset();
        tokenService.forget();
      },
    },
  };
}
