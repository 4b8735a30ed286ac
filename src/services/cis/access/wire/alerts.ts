import { z } from 'zod';
import { isUuid } from '../../../../platform/events/uuidv7.ts';
import { type Answer, type Call, header, type Operation, queryPairs } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { auditedChange } from '../../log-on/audited-change.ts';
import type { Alert, AlertAction } from '../alerts/alert-case.ts';
import { alertActivities, alertCodes, officerRole, receivedBy } from '../alerts/alert-codes.ts';
import { accessesOf, alertsAt, findAlert, stepsOf } from '../alerts/queries-alerts.ts';
import { type AlertDeed, workOnAlertIn } from '../alerts/work-on-alert.ts';
import { idOfRequest } from '../reference.ts';
import { admit, base, bodyOf, refuse } from './dialect.ts';
import type { AccessOperationParts } from './parts.ts';
import { instant, reason, userId, words } from './shapes.ts';

const path = `${base}/alerts`;

/** Whoever receives alerts of some kind, in the organisation of the role. */
const officers: AccessRequirement = {
  modes: ['healthcare-worker'],
  subject: 'none',
  level: { staff: 2 },
  role: 'session-urid',
  activities: { anyOf: alertActivities, orJobRoles: [officerRole] },
};

const refusals = {
  401: { summary: 'No valid token, no role, or too weak a log-on' },
  403: { summary: 'Refused by the rule named: not a receiver of alerts, or the alert is about one’s own access' },
};
const unknownReference = { 404: { summary: 'No such alert in this organisation, or of a kind this role receives' } };

/** The privacy officer's inbox: notifications by reference, cases by reference. */
export function alertOperations(parts: AccessOperationParts): Operation[] {
  return [
    listOperation(parts),
    openOperation(parts),
    deedOperation(parts, 'assign', 'Take a case on, or give it to another officer', assigning),
    deedOperation(parts, 'note', 'Add a note to a case', writing),
    deedOperation(parts, 'close', 'Close a case: the access was justified', writing),
    deedOperation(parts, 'escalate', 'Escalate a case: the access was not, or not evidently, justified', writing),
  ];
}

const query = z.object({
  state: z.enum(['open', 'closed']).default('open').describe('open (default) or closed'),
  _count: z.coerce.number().int().min(1).max(200).default(50).describe('1 to 200'),
  _cursor: z.string().optional(),
});

function listOperation({ db }: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.list-alerts',
    method: 'GET',
    path,
    summary: 'Notifications of alerts in the organisation of the role, newest first; they name no patient and no user',
    access: officers,
    audit: 'read',
    input: { query },
    answers: {
      200: { summary: 'References, with kind, state and time' },
      400: { summary: 'Which parameter' },
      ...refusals,
    },
    async handle(call) {
      const { role, userId: notAbout } = admit(call, operation);
      const asked = query.safeParse(Object.fromEntries(queryPairs(call.rawQuery)));
      if (!asked.success) {
        const field = String(asked.error.issues[0]?.path[0] ?? 'query');
        throw refuse(400, 'field', `${field}: ${asked.error.issues[0]?.message}`, field);
      }
      const { state, _count, _cursor } = asked.data;
      const alerts = await alertsAt(db, {
        odsCode: role?.odsCode ?? '',
        codes: role ? receivedBy(role) : [],
        notAbout,
        isClosed: state === 'closed',
        before: _cursor === undefined ? undefined : readCursor(_cursor),
        limit: _count + 1,
      });
      const page = alerts.slice(0, _count);
      const last = page.at(-1);
      const hasMore = alerts.length > page.length && last !== undefined;
      return {
        status: 200,
        body: {
          alerts: page.map(notification),
          ...(hasMore ? { next: `${path}?state=${state}&_count=${_count}&_cursor=${cursorOf(last)}` } : {}),
        },
      };
    },
  };
  return operation;
}

const cursorOf = ({ raisedAt, reference }: Alert): string =>
  Buffer.from(JSON.stringify([raisedAt, reference])).toString('base64url');

function readCursor(text: string): { raisedAt: number; reference: string } {
  try {
    const [raisedAt, reference] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string];
    if (Number.isSafeInteger(raisedAt) && Math.abs(raisedAt) < 8e15 && isUuid(reference))
      return { raisedAt, reference };
  } catch {
    // answered below
  }
  throw refuse(400, 'field', '_cursor: not one of ours', '_cursor');
}

/** All that a notification says: nothing of patient or user. */
function notification({ reference, code, state, raisedAt, assignedTo }: Alert): object {
  return {
    reference,
    code,
    text: alertCodes[code].text,
    state,
    raisedAt: instant(raisedAt),
    isAssigned: assignedTo !== undefined,
  };
}

function openOperation(parts: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.open-alert',
    method: 'GET',
    path: `${path}/:reference`,
    summary: 'Open an alert: user, patient, accesses and case history; that it was opened becomes part of the history',
    access: officers,
    audit: 'read',
    answers: { 200: { summary: 'The case' }, ...refusals, ...unknownReference },
    handle: (call) => work(parts, operation, call, { action: 'open', note: '' }),
  };
  return operation;
}

const assigning = z.strictObject({ userId: userId.optional(), note: words(500).default('') });
const writing = z.strictObject({ reason });

function deedOperation(
  parts: AccessOperationParts,
  action: Exclude<AlertAction, 'open'>,
  summary: string,
  body: typeof assigning | typeof writing,
): Operation {
  const operation: Operation = {
    name: `access.${action}-alert`,
    method: 'POST',
    path: `${path}/:reference/${action}`,
    summary,
    access: officers,
    audit: 'write',
    input: { body },
    answers: {
      200: { summary: 'The case as it is now' },
      400: { summary: 'What is wrong, by field' },
      ...refusals,
      ...unknownReference,
      409: { summary: 'The case is closed' },
    },
    async handle(call) {
      const caller = admit(call, operation);
      const given = bodyOf(body, call);
      return 'reason' in given
        ? work(parts, operation, call, { action, note: given.reason })
        : work(parts, operation, call, { action, note: given.note, assignTo: given.userId ?? caller.userId });
    },
  };
  return operation;
}

/** Carries a deed out and answers the case as it is then; refused or done, the audit names the patient concerned. */
async function work(
  parts: AccessOperationParts,
  operation: Operation,
  call: Call,
  deed: Pick<AlertDeed, 'action' | 'note' | 'assignTo'>,
): Promise<Answer> {
  const { db } = parts;
  const caller = admit(call, operation);
  const reference = (call.params.reference as string).toLowerCase();
  const [odsCode, codes] = [caller.role?.odsCode ?? '', caller.role ? receivedBy(caller.role) : []];
  const found = isUuid(reference) ? await findAlert(db, odsCode, reference) : undefined;
  if (!found || !codes.includes(found.code)) throw unknown();
  call.subject = found.nhsNumber;
  call.purpose = 'privacy alert';
  const step: AlertDeed = {
    ...deed,
    id: idOfRequest(caller.userId, header(call, 'x-request-id'), `${deed.action} ${reference}`),
    by: caller.userId,
    byRole: call.roleProfileId ?? '',
    now: call.now,
  };
  await auditedChange(parts, noteOf(call, operation, found.nhsNumber, 'allowed', 200), async (tx) => {
    const outcome = await workOnAlertIn(tx, { odsCode, reference, codes }, step);
    if (outcome.is === 'refused') throw refusalOf(outcome.rule);
  });
  return { status: 200, body: await caseOf(parts, odsCode, reference), isAudited: true };
}

const unknown = () => refuse(404, 'reference', 'No such alert is known here', 'reference');

function refusalOf(rule: 'own-access' | 'closed' | 'reason' | 'unknown') {
  if (rule === 'unknown') return unknown();
  if (rule === 'closed') return refuse(409, rule, 'The case is closed');
  if (rule === 'reason') return refuse(400, rule, 'reason: a reason is needed', 'reason');
  return refuse(403, rule, 'Nobody deals with an alert about their own access');
}

async function caseOf({ db }: AccessOperationParts, odsCode: string, reference: string): Promise<object> {
  const [alert, accesses, history] = await Promise.all([
    findAlert(db, odsCode, reference),
    accessesOf(db, odsCode, reference),
    stepsOf(db, odsCode, reference),
  ]);
  if (!alert) throw unknown();
  return {
    ...notification(alert),
    organisation: alert.odsCode,
    userId: alert.userId,
    ...(alert.nhsNumber === '' ? {} : { nhsNumber: alert.nhsNumber }),
    ...(alert.detail === '' ? {} : { detail: alert.detail }),
    assignedTo: alert.assignedTo,
    closedAt: instant(alert.closedAt),
    accesses: accesses.map(({ at, ...access }) => ({ ...access, at: instant(at) })),
    history: history.map(({ at, ...step }) => ({ ...step, at: instant(at) })),
  };
}
