import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { uuidv7 } from '../../../platform/events/uuidv7.ts';
import { isDate } from '../../../platform/nhs/dates.ts';
import { codeLifeMillis, hashOfCode, newEnrolmentCode } from '../log-on/account/enrolment-code.ts';
import { auditedChange } from '../log-on/audited-change.ts';
import { insertEnrolmentCode } from '../log-on/queries-authenticators.ts';
import {
  insertActiveAssignments,
  insertApproved,
  insertMemberships,
  insertOrganisations,
  insertPersonKeys,
  insertPersons,
  takeIds,
} from './loading/queries.ts';
import { nameKey } from './person-keys.ts';
import { insertHistory } from './queries-record.ts';
import { managersOf } from './queries-staff-list.ts';

/** An administrator that cannot be made; the message says why, in one sentence. */
export class BootstrapError extends Error {}

export type FirstAdministrator = {
  readonly odsCode: string;
  readonly organisationName: string;
  /** The organisation whose Registration Authority serves this one too. */
  readonly parent?: string | undefined;
  readonly givenName: string;
  readonly familyName: string;
  readonly bornOn: string;
  readonly email?: string | undefined;
};

export type Bootstrapped = {
  readonly userId: string;
  readonly roleProfileId: string;
  /** With which they register their first authenticator; told here and nowhere else. */
  readonly enrolmentCode: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
};

/** Who is written down as having done what nobody with a role can have done yet. */
const installer = 'openspine';
const enough = 2;

/**
 * Makes a Registration Authority manager for an organisation that has fewer than two: with two they can do everything
 * that takes four eyes, and appoint the others themselves. Throws BootstrapError.
 */
export function bootstrapAdministrator(
  { db, audit, clock }: { readonly db: Database; readonly audit: AuditLog; readonly clock: Clock },
  wanted: FirstAdministrator,
): Promise<Bootstrapped> {
  check(wanted);
  const now = clock.now();
  const note = {
    nhsNumber: '',
    at: now,
    operation: 'registration-authority.bootstrap',
    outcome: 'allowed',
    status: 201,
    mode: 'none',
    appId: '',
    odsCode: wanted.odsCode,
    userId: installer,
    roleId: '',
    purpose: '',
    requestId: '',
  };
  return auditedChange({ db, audit }, note, (tx) => make(tx, wanted, now));
}

function check({ odsCode, parent, bornOn, organisationName, givenName, familyName }: FirstAdministrator): void {
  for (const code of [odsCode, parent])
    if (code !== undefined && !/^[0-9A-Za-z]{3,10}$/.test(code))
      throw new BootstrapError(`"${code}" is not an ODS code: 3 to 10 letters and digits.`);
  if (parent === odsCode) throw new BootstrapError('An organisation is not its own parent.');
  if (!isDate(bornOn)) throw new BootstrapError(`"${bornOn}" is not a day (yyyy-mm-dd).`);
  for (const text of [organisationName, givenName, familyName])
    if (text.trim() === '' || text.length > 100 || /\p{Cc}/u.test(text) || !text.isWellFormed())
      throw new BootstrapError('Names are 1 to 100 characters.');
}

async function make(tx: Queryable, wanted: FirstAdministrator, now: number): Promise<Bootstrapped> {
  const { odsCode } = wanted;
  // the counter's lock makes two of these come one after the other
  const [userId] = (await takeIds(tx, 'user')) as [string];
  const there = await managersOf(tx, odsCode);
  if (new Set(there.map((one) => one.user_id)).size >= enough)
    throw new BootstrapError(`${odsCode} has two Registration Authority managers already: they appoint others.`);
  await insertOrganisations(tx, [{ odsCode, name: wanted.organisationName, parent: wanted.parent }], now);
  const known = there[0]?.position_id;
  const positionId = known ?? ((await takeIds(tx, 'position')) as [string])[0];
  const content = {
    name: 'Registration Authority Manager',
    roleCode: 'R5080',
    activities: [],
    areas: [],
    workgroups: [],
    isAssignableBySponsor: false,
  };
  const by = { actor: installer, reason: 'first administrator', now };
  if (known === undefined) await insertApproved(tx, [{ positionId, odsCode, content, proposalId: uuidv7(now) }], by);
  const person = {
    userId,
    status: 'active',
    registeredBy: odsCode,
    title: null,
    givenName: wanted.givenName,
    middleNames: null,
    familyName: wanted.familyName,
    email: wanted.email ?? null,
    professionalIds: {},
    idAssuranceLevel: 3,
    evidence: { bootstrap: true },
    bornOn: wanted.bornOn,
    postcode: null,
    nhsNumber: null,
    nationalInsuranceSealed: null,
  };
  await insertPersons(tx, [person], now);
  await insertPersonKeys(tx, [{ matchKey: nameKey(wanted), userId }]);
  const [roleProfileId] = (await takeIds(tx, 'role')) as [string];
  const [personOrgId] = (await takeIds(tx, 'person-org')) as [string];
  await insertMemberships(tx, [{ userId, odsCode, personOrgId }], now);
  await insertActiveAssignments(tx, [{ userId, roleProfileId, positionId, odsCode }], by);
  const code = newEnrolmentCode();
  const expiresAt = now + codeLifeMillis;
  await insertEnrolmentCode(tx, { hash: hashOfCode(code) as Buffer, userId, issuedBy: installer }, now, expiresAt);
  const told = { userId, roleProfileId, odsCode, positionId };
  await tx.query(
    insertHistory(
      [
        {
          subjectId: userId,
          historyId: uuidv7(now),
          verb: 'administrator-bootstrapped',
          actorId: installer,
          actorRoleId: '',
          actorOds: odsCode,
          before: null,
          after: { ...person, roleProfileId, positionId },
          reason: by.reason,
          requestId: '',
        },
      ],
      now,
    ),
  );
  await tx.query(
    insertEvents([{ subject: userId, kind: 'cis.administrator-bootstrapped', happenedAt: now, body: told }]),
  );
  return { userId, roleProfileId, enrolmentCode: code, expiresAt };
}
