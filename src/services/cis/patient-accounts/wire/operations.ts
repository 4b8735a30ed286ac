import { type Answer, type Call, type Operation, queryPairs } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { accessOf } from '../../access/legitimate-access.ts';
import { admit, bodyOf, callerOf, refuse, viewerOf } from '../../access/wire/dialect.ts';
import { instant } from '../../access/wire/shapes.ts';
import { auditedChange } from '../../log-on/audited-change.ts';
import type { AuthenticatorSummary } from '../../log-on/authenticator.ts';
import type { EnrolmentCode } from '../../log-on/open-authenticators.ts';
import { patientRealm } from '../../log-on/realm.ts';
import { evidenceFault, type KeptAccount, stateAfter, type Verb, verbs } from '../account.ts';
import { changeStateIn } from '../change-state.ts';
import type { By, DeskParts } from '../desk.ts';
import { issueCodeIn } from '../issue-code.ts';
import { accountBySub, accountsOfPatient, openAccountOf } from '../kept-accounts.ts';
import { openAccountIn, type Vouched } from '../open-account.ts';
import { isPatientHerself } from '../queries.ts';
import { vouchAgainIn } from '../vouch-again.ts';
import { changeShape, codeShape, listShape, openShape, vouchShape } from './shapes.ts';

/** All of it is ours; nothing is published. */
export const base = '/patient-accounts';

/** "Perform Patient Administration"; which activity vouches for patients is ours. */
const activity = 'B0560';

const access: Operation['access'] = {
  modes: ['healthcare-worker'],
  level: { staff: 3 },
  role: 'session-urid',
  activities: { anyOf: [activity] },
  confidentiality: 'R',
  relationship: 'required',
};

const answers = {
  400: { summary: 'What is wrong, by field' },
  401: { summary: 'No valid token, no role, or too weak a log-on' },
  403: { summary: 'Refused by the rule named: no activity, not the practice of the patient, one’s own account' },
  409: { summary: 'The account is not in a state that allows it' },
};

/** What a practice does with the accounts of its patients. */
export function patientAccountOperations(parts: DeskParts): Operation[] {
  const operation = (
    name: string,
    path: string,
    summary: string,
    handle: (call: Call, operation: Operation) => Promise<Answer>,
    more: Partial<Operation> = {},
  ): Operation => {
    const one: Operation = {
      name: `patient-accounts.${name}`,
      method: 'POST',
      path: `${base}${path}`,
      summary,
      access,
      audit: 'write',
      answers: { 200: { summary: 'Done' }, ...answers },
      handle: (call) => handle(call, one),
      ...more,
    };
    return one;
  };
  return [
    operation('list', '', 'Accounts of a patient', (call, one) => list(parts, call, one), {
      method: 'GET',
      audit: 'read',
      input: { query: listShape },
    }),
    operation(
      'open',
      '',
      'Vouch for a patient, and open an account with a code to enrol with',
      (call, one) => open(parts, call, one),
      { input: { body: openShape }, answers: { 201: { summary: 'Account, and the code, told once' }, ...answers } },
    ),
    operation('vouch', '/:id/proofing', 'Vouch anew, at another level', (call, one) => vouch(parts, call, one), {
      input: { body: vouchShape },
    }),
    operation(
      'issue-code',
      '/:id/codes',
      'A new code to enrol with; those before end',
      (call, one) => issueCode(parts, call, one),
      { input: { body: codeShape }, answers: { 201: { summary: 'The code, told once' }, ...answers } },
    ),
    ...verbs.map((verb) =>
      operation(verb, `/:id/${verb}`, `${verb} an account`, (call, one) => change(parts, call, one, verb), {
        input: { body: changeShape },
      }),
    ),
  ];
}

/**
 * Lets in whom the patient's registered practice employs for it, and nobody on their own behalf. A patient or account that
 * is not there is told apart from none of another practice.
 */
async function admitFor(
  parts: DeskParts,
  call: Call,
  operation: Operation,
  asked: string,
): Promise<By & { nhsNumber: string }> {
  const found = asked === '' ? undefined : await accessOf(parts, asked, viewerOf(callerOf(call)), call.now);
  const nhsNumber = found?.nhsNumber ?? asked;
  call.subject = nhsNumber;
  const relationships = (found?.relationships ?? []).filter(({ kind }) => kind === 'registration');
  // to whom the patient is a stranger, whether there is such a record, and how confidential it is, is not told either
  const confidentiality = relationships.length === 0 ? 'U' : found?.confidentiality;
  const { userId, role } = admit(call, operation, { nhsNumber, confidentiality, relationships });
  if (await isPatientHerself(parts.db, userId, nhsNumber))
    throw refuse(403, 'own-access', 'Nobody vouches for themselves or looks after their own account');
  return { userId, odsCode: role?.odsCode ?? '', now: call.now, nhsNumber };
}

/** The account in the path, by somebody who may. */
async function admitTo(parts: DeskParts, call: Call, operation: Operation): Promise<By & { account: KeptAccount }> {
  const account = await accountBySub(parts.db, call.params.id as string);
  const by = await admitFor(parts, call, operation, account?.nhsNumber ?? '');
  if (!account) throw refuse(403, 'relationship', 'There is no such account of the practice');
  return { ...by, account };
}

function refuseEvidence({ proofing, evidence }: Vouched): void {
  const fault = evidenceFault(proofing, evidence);
  if (fault !== undefined) throw refuse(400, 'evidence', fault, 'evidence');
}

const refuseState = ({ state }: { readonly state: string }) => refuse(409, 'state', `The account is ${state}`, 'state');

async function list(parts: DeskParts, call: Call, operation: Operation): Promise<Answer> {
  const asked = listShape.safeParse(Object.fromEntries(queryPairs(call.rawQuery)));
  if (!asked.success) throw refuse(400, 'field', 'nhsNumber: not an NHS number', 'nhsNumber');
  const { nhsNumber } = await admitFor(parts, call, operation, asked.data.nhsNumber);
  const accounts = await accountsOfPatient(parts.db, nhsNumber);
  const all = await Promise.all(
    accounts.map(async (one) =>
      shown(one, await parts.authenticators.list(parts.db, `${patientRealm.mark}${one.sub}`)),
    ),
  );
  return { status: 200, body: { accounts: all }, subjects: [nhsNumber] };
}

async function open(parts: DeskParts, call: Call, operation: Operation): Promise<Answer> {
  const wanted = bodyOf(openShape, call);
  const by = await admitFor(parts, call, operation, wanted.nhsNumber);
  const { nhsNumber } = by;
  const vouched = { proofing: wanted.proofing, evidence: wanted.evidence };
  refuseEvidence(vouched);
  const opened = await auditedChange(parts, noteOf(call, operation, nhsNumber, 'allowed', 201), async (tx) => {
    const done = await openAccountIn(tx, parts, { ...vouched, nhsNumber }, by);
    if (!done) throw refuse(409, 'state', 'The patient has an account already', 'nhsNumber');
    return done;
  });
  const account = await openAccountOf(parts.db, nhsNumber);
  const body = { account: account && shown(account), enrolment: codeShown(opened.enrolment) };
  return { status: 201, body, isAudited: true };
}

async function vouch(parts: DeskParts, call: Call, operation: Operation): Promise<Answer> {
  const by = await admitTo(parts, call, operation);
  const { proofing, evidence } = bodyOf(vouchShape, call);
  refuseEvidence({ proofing, evidence });
  await auditedChange(parts, noteOf(call, operation, by.account.nhsNumber, 'allowed', 200), async (tx) => {
    if (!(await vouchAgainIn(tx, parts, by.account, { proofing, evidence }, by))) throw refuseState(by.account);
  });
  return answered(parts, by.account);
}

async function issueCode(parts: DeskParts, call: Call, operation: Operation): Promise<Answer> {
  const by = await admitTo(parts, call, operation);
  const { account } = by;
  const { evidence } = bodyOf(codeShape, call);
  // a code is as good as the account: who gives one out has looked at the person as closely as for the account itself
  refuseEvidence({ proofing: account.proofing, evidence });
  const enrolment = await auditedChange(
    parts,
    noteOf(call, operation, account.nhsNumber, 'allowed', 201),
    async (tx) => {
      const issued = await issueCodeIn(tx, parts, account, evidence, by);
      if (!issued) throw refuseState(account);
      return issued;
    },
  );
  return { status: 201, body: { enrolment: codeShown(enrolment) }, isAudited: true };
}

async function change(parts: DeskParts, call: Call, operation: Operation, verb: Verb): Promise<Answer> {
  const by = await admitTo(parts, call, operation);
  const { account } = by;
  const { reason } = bodyOf(changeShape, call);
  if (stateAfter(account.state, verb) === undefined) throw refuseState(account);
  await auditedChange(parts, noteOf(call, operation, account.nhsNumber, 'allowed', 200), async (tx) => {
    if (!(await changeStateIn(tx, parts, account, { verb, reason }, by))) throw refuseState(account);
  });
  return answered(parts, account);
}

async function answered(parts: DeskParts, { sub }: KeptAccount): Promise<Answer> {
  const now = await accountBySub(parts.db, sub);
  return { status: 200, body: { account: now && shown(now) }, isAudited: true };
}

const codeShown = ({ code, address, expiresAt }: EnrolmentCode) => ({ code, address, expiresAt: instant(expiresAt) });

function shown(one: KeptAccount, authenticators?: readonly AuthenticatorSummary[]): object {
  return {
    id: one.sub,
    nhsNumber: one.nhsNumber,
    state: one.state,
    proofing: one.proofing,
    evidence: one.evidence,
    proofedBy: one.proofedBy,
    proofedIn: one.proofedIn,
    proofedAt: instant(one.proofedAt),
    openedAt: instant(one.openedAt),
    authenticators: authenticators?.map(({ authenticatorId, kind, name, addedAt, lastUsedAt, isSuspected }) => ({
      id: authenticatorId,
      kind,
      name,
      addedAt: instant(addedAt),
      lastUsedAt: instant(lastUsedAt),
      isBlocked: isSuspected,
    })),
  };
}
