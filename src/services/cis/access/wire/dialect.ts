import type { ZodType, z } from 'zod';
import { type Call, type Dialect, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Refusal } from '../../../../platform/http/refusal.ts';
import { admitByToken, refuseByRule, roleOfCall, ruledDialect } from '../../../../platform/http/ruled-dialect.ts';
import type { AccessDecision, AccessFacts, AccessRequirement, Remedy } from '../../../../platform/identity/access.ts';
import { decideAccess, purposeOf } from '../../../../platform/identity/decide-access.ts';
import type { Principal, Role } from '../../../../platform/identity/principal.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';

import type { Viewer } from '../relationship.ts';

/** All of the operations on access are ours; nothing is published. */
export const base = '/access';

/** Names of the rules that refuse; `decideAccess` has more. */
export const ruleSystem = 'https://openspine.example/CodeSystem/access-rule';

/** An OperationOutcome that names the rule and, of what was sent, the field. */
export const refuse: ReturnType<typeof refuseByRule> = refuseByRule(ruleSystem);

/** Token and, for staff, the role (`NHSD-Session-URID`), before any operation. */
export const accessDialect = (tokens: Tokens): Dialect => ({
  ...ruledDialect(base, refuse, (call) => admitByToken(tokens, refuse, call)),
  headers: (call) => {
    const requestId = header(call, 'x-request-id');
    return { 'cache-control': 'no-store', ...(requestId === undefined ? {} : { 'X-Request-ID': requestId }) };
  },
});

/** Somebody who calls: a member of staff in a role, or a patient. */
export type Caller = { readonly principal: Principal; readonly role: Role | undefined; readonly userId: string };

export function callerOf(call: Call): Caller {
  const principal = call.principal as Principal;
  return { principal, role: roleOfCall(call), userId: principal.userId ?? principal.nhsNumber ?? '' };
}

/** The caller as relationships and permissions know them: in the organisation and the workgroups of their role. */
export const viewerOf = ({ userId, role }: Caller): Viewer => ({
  userId,
  odsCode: role?.odsCode ?? '',
  workgroups: role?.workgroups,
});

/** Judges by what the operation declares; the basis goes into the audit, a refusal names its rule. */
export function admit(
  call: Call,
  operation: Pick<Operation, 'access'>,
  facts: Omit<AccessFacts, 'principal' | 'role'> = {},
): Caller {
  return admitBy(call, operation.access as AccessRequirement, facts);
}

/** As `admit`, by a requirement of the moment. */
export function admitBy(
  call: Call,
  need: AccessRequirement,
  facts: Omit<AccessFacts, 'principal' | 'role'> = {},
): Caller {
  const caller = callerOf(call);
  const decision = decideAccess(need, { ...facts, principal: caller.principal, role: caller.role });
  if (decision.is === 'refused') throw refusalOf(decision, need);
  call.purpose = purposeOf(decision.basis);
  return caller;
}

const hints: Record<Remedy, string> = {
  'log-on': 'log on',
  'log-on-stronger': 'log on again at that level',
  'choose-role': 'choose another role with NHSD-Session-URID',
  'claim-relationship': `claim one at ${base}/patients/<NHS number>/relationships`,
  'ask-permission': `ask the patient and record it at ${base}/patients/<NHS number>/permissions`,
};

function refusalOf(
  { rule, detail, remedy }: Extract<AccessDecision, { is: 'refused' }>,
  need: AccessRequirement,
): Refusal {
  const words = remedy === undefined ? detail : `${detail}: ${hints[remedy]}`;
  if (rule === 'token') return refuse(401, rule, words);
  if (rule !== 'level') return refuse(403, rule, words);
  // RFC 9470: the client may send the user to log on again
  const acr = need.level?.staff === undefined ? '' : `, acr_values="AAL${need.level.staff}"`;
  const challenge = `Bearer error="insufficient_user_authentication", error_description="${detail}"${acr}`;
  return refuse(401, rule, words, undefined, { 'WWW-Authenticate': challenge });
}

/** The body as JSON of this shape; refuses by the field that is wrong. */
export function bodyOf<Shape extends ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  let body: unknown;
  try {
    body = call.body.length === 0 ? {} : JSON.parse(call.body.toString('utf8'));
  } catch {
    throw refuse(400, 'body', 'The body is not valid JSON');
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'body';
  throw refuse(400, 'field', `${field}: ${issue?.message ?? 'invalid'}`, field);
}

/** The patient in the path; a number that is none is refused, and named in the audit only when it is one. */
export function patientOf(call: Call): string {
  const nhsNumber = call.params.nhsNumber as string;
  if (!isNhsNumber(nhsNumber)) throw refuse(400, 'field', 'nhsNumber: not an NHS number', 'nhsNumber');
  call.subject = nhsNumber;
  return nhsNumber;
}

export const unknownPatient = () => refuse(404, 'patient', 'PDS holds no such patient', 'nhsNumber');
