import { z } from 'zod';
import type { Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { decideAccess, purposeOf } from '../../../../platform/identity/decide-access.ts';
import { accessOf } from '../legitimate-access.ts';
import { base, bodyOf, callerOf, unknownPatient, viewerOf } from './dialect.ts';
import type { AccessOperationParts } from './parts.ts';
import { nhsNumber } from './shapes.ts';

const codes = z.array(z.string().regex(/^B[0-9]{4}$/, 'an activity code: B and four digits')).max(50);

const question = z.strictObject({
  nhsNumber,
  activities: z
    .strictObject({ anyOf: codes, allOf: codes })
    .partial()
    .refine((given) => given.anyOf !== undefined || given.allOf !== undefined, 'give anyOf or allOf')
    .optional(),
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
  confidentiality: z.enum(['U', 'R', 'V']).optional(),
  relationship: z.enum(['none', 'wanted', 'required']).default('wanted'),
  permissionToView: z.boolean().default(false),
});

/** "May I": for systems that keep records themselves; the answer is audited as the access it stands for. */
export function decisionOperation(parts: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.decide',
    method: 'POST',
    path: `${base}/decisions`,
    summary: 'May this user, in this role, see this patient’s record in the caller’s own system?',
    access: { modes: ['healthcare-worker', 'patient-access'], role: 'session-urid' },
    audit: 'read',
    input: { body: question },
    answers: {
      200: { summary: 'Allowed with the basis, or refused with the rule and what may be done about it' },
      400: { summary: 'What is wrong, by field' },
      401: { summary: 'No valid token or no role' },
      404: { summary: 'PDS holds no such patient' },
    },
    async handle(call) {
      const asked = bodyOf(question, call);
      call.subject = asked.nhsNumber;
      const caller = callerOf(call);
      const { principal, role } = caller;
      const facts = { principal, role, nhsNumber: asked.nhsNumber };
      const need = requirementFor(asked);
      // what concerns the caller alone is judged first, so that no stranger learns which numbers there are
      const { relationship: _, permissionToView: __, confidentiality: ___, ...alone } = need;
      let decision = decideAccess(alone, facts);
      let subject: string = asked.nhsNumber;
      if (decision.is === 'allowed') {
        const access = await accessOf(parts, asked.nhsNumber, viewerOf(caller), call.now);
        if (!access) throw unknownPatient();
        subject = access.nhsNumber;
        decision = decideAccess(need, { ...facts, ...access, nhsNumber: asked.nhsNumber });
      }
      if (decision.is === 'allowed') call.purpose = purposeOf(decision.basis);
      const outcome = decision.is === 'allowed' ? 'allowed' : decision.rule;
      await parts.audit.record([noteOf(call, operation, subject, outcome, 200)]);
      const { is, ...rest } = decision;
      return { status: 200, body: { decision: is, ...rest }, isAudited: true };
    },
  };
  return operation;
}

function requirementFor(asked: z.infer<typeof question>): AccessRequirement {
  const { activities, level, confidentiality, relationship, permissionToView } = asked;
  return {
    modes: ['healthcare-worker', 'patient-access'],
    role: 'session-urid',
    relationship,
    permissionToView,
    ...(level === undefined ? {} : { level: { staff: level, patient: 'P9' as const } }),
    ...(confidentiality === undefined ? {} : { confidentiality }),
    ...(activities === undefined
      ? {}
      : {
          activities: {
            ...(activities.anyOf ? { anyOf: activities.anyOf } : {}),
            ...(activities.allOf ? { allOf: activities.allOf } : {}),
          },
        }),
  };
}
