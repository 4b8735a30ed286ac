import { z } from 'zod';
import { isUuid } from '../../../../platform/events/uuidv7.ts';
import { type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { Role } from '../../../../platform/identity/principal.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { auditedChange } from '../../log-on/audited-change.ts';
import { accessOf } from '../legitimate-access.ts';
import { relationshipsOf } from '../queries-relationships.ts';
import { endRelationshipIn, recordRelationshipIn } from '../record-relationship.ts';
import { idOfRequest } from '../reference.ts';
import { type KeptRelationship, stateAt } from '../relationship.ts';
import { admit, admitBy, base, bodyOf, type Caller, patientOf, refuse, unknownPatient, viewerOf } from './dialect.ts';
import { listAboutPatient } from './list-about-patient.ts';
import type { AccessOperationParts } from './parts.ts';
import { instant, reason, userId, words, workgroup } from './shapes.ts';

const path = `${base}/patients/:nhsNumber/relationships`;
/** Perform Patient Administration: may enter and end relationships of others. Ours. */
const administration = 'B0560';

const claim = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('self-claimed'), reason }),
  z
    .strictObject({
      kind: z.literal('colleague-entered'),
      userId: userId.optional(),
      workgroup: workgroup.optional(),
      reason,
    })
    .refine((given) => (given.userId === undefined) !== (given.workgroup === undefined), {
      message: 'give userId or workgroup',
      path: ['userId'],
    }),
]);

/** List, claim, enter for a colleague, end. */
export function relationshipOperations(parts: AccessOperationParts): Operation[] {
  return [listOperation(parts), claimOperation(parts), endOperation(parts)];
}

const listOperation = (parts: AccessOperationParts): Operation =>
  listAboutPatient(
    parts,
    {
      name: 'access.list-relationships',
      path,
      summary:
        'Legitimate relationships with a patient: all of them for the patient, for staff those of their organisation',
      found: 'The relationships, newest first, each with its state',
    },
    async ({ nhsNumber, practice, isPatient, odsCode, now }) => {
      const kept = await relationshipsOf(parts.db, nhsNumber, odsCode);
      const isShown = practice !== undefined && (isPatient || practice === odsCode);
      const registration = isShown ? [{ kind: 'registration', organisation: practice, state: 'active' }] : [];
      return { relationships: [...registration, ...kept.map((one) => shown(one, now, isPatient))] };
    },
  );

/** A patient sees kind, organisation, state and times; who it was and what they wrote is the organisation's to tell. */
function shown(one: KeptRelationship, now: number, isForPatient: boolean): object {
  return {
    id: one.id,
    kind: one.kind,
    organisation: one.odsCode,
    state: stateAt(one, now),
    startsAt: instant(one.startsAt),
    expiresAt: instant(one.expiresAt),
    endedAt: instant(one.endedAt),
    ...(isForPatient
      ? {}
      : {
          userId: one.userId,
          workgroup: one.workgroup,
          establishedBy: one.establishedBy,
          reason: one.reason,
          endReason: one.endReason,
        }),
  };
}

function claimOperation(parts: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.claim-relationship',
    method: 'POST',
    path,
    summary: 'Claim a relationship oneself (a privacy officer is told), or enter one for a colleague',
    access: { modes: ['healthcare-worker'], level: { staff: 2 }, role: 'session-urid' },
    audit: 'write',
    input: { body: claim },
    answers: {
      201: { summary: 'The relationship' },
      400: { summary: 'What is wrong, by field' },
      401: { summary: 'No valid token, no role, or too weak a log-on' },
      403: { summary: 'Refused by the rule named' },
      404: { summary: 'PDS holds no such patient' },
    },
    async handle(call) {
      const caller = admit(call, operation, { nhsNumber: patientOf(call) });
      const wanted = bodyOf(claim, call);
      const odsCode = caller.role?.odsCode ?? '';
      const viewer = viewerOf(caller);
      const access = await accessOf(parts, call.subject, viewer, call.now);
      if (!access) throw unknownPatient();
      call.subject = access.nhsNumber;
      if (wanted.kind === 'colleague-entered') {
        if (wanted.userId === caller.userId)
          throw refuse(403, 'own-access', 'A relationship of one’s own is claimed, not entered', 'userId');
        admitColleagueEntry(call, caller, access, wanted.workgroup);
      }
      call.purpose = `${wanted.kind} relationship`;
      const one = {
        nhsNumber: access.nhsNumber,
        id: idOfRequest(caller.userId, header(call, 'x-request-id'), `relationship ${odsCode} ${access.nhsNumber}`),
        kind: wanted.kind,
        odsCode,
        workgroup: wanted.kind === 'colleague-entered' ? wanted.workgroup : undefined,
        userId: wanted.kind === 'colleague-entered' ? wanted.userId : caller.userId,
        establishedBy: caller.userId,
        reason: wanted.reason,
      };
      await auditedChange(parts, noteOf(call, operation, one.nhsNumber, 'allowed', 201), (tx) =>
        recordRelationshipIn(tx, one, call.now, byOf(call)),
      );
      const kept = (await relationshipsOf(parts.db, one.nhsNumber, odsCode)).find(({ id }) => id === one.id);
      return { status: 201, body: kept && shown(kept, call.now, false), isAudited: true };
    },
  };
  return operation;
}

/**
 * Who lets a colleague in must themselves be let in by somebody else, or administer patients; the latter lets in no
 * workgroup of theirs, in any role of theirs there: that were a relationship of one's own of which nobody is told. Ours.
 */
function admitColleagueEntry(
  call: Call,
  { role, principal }: Caller,
  access: { nhsNumber: string; relationships: NonNullable<Parameters<typeof admit>[2]>['relationships'] },
  workgroup: string | undefined,
): void {
  const { nhsNumber, relationships } = access;
  if (role?.activities.includes(administration)) {
    const isOwn = (one: Role) => one.odsCode === role.odsCode && one.workgroups?.includes(workgroup ?? '');
    if (!principal.roles?.some(isOwn)) return;
    const isLetIn = relationships?.some((one) => one.kind !== 'self-claimed');
    if (!isLetIn) throw refuse(403, 'own-access', 'A relationship of one’s own is claimed, not entered', 'workgroup');
  }
  admitBy(call, { modes: ['healthcare-worker'], relationship: 'required' }, { nhsNumber, relationships });
}

/** What an alert keeps of the request that raised it. */
export const byOf = (call: Call) => ({
  roleId: call.roleProfileId ?? '',
  requestId: (header(call, 'x-request-id') ?? '').slice(0, 64).replaceAll('\u0000', '').toWellFormed(),
});

const ending = z.strictObject({ reason: words(500).default('') });

function endOperation(parts: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.end-relationship',
    method: 'POST',
    path: `${path}/:id/end`,
    summary: 'End a relationship: one’s own, one entered by oneself, or with B0560 any of the organisation',
    access: { modes: ['healthcare-worker'], level: { staff: 2 }, role: 'session-urid' },
    audit: 'write',
    input: { body: ending },
    answers: {
      200: { summary: 'The relationship, ended' },
      401: { summary: 'No valid token, no role, or too weak a log-on' },
      403: { summary: 'Refused by the rule named' },
      404: { summary: 'The organisation has no such relationship' },
    },
    async handle(call) {
      const nhsNumber = patientOf(call);
      const { userId: by, role } = admit(call, operation, { nhsNumber });
      const end = bodyOf(ending, call);
      const number = (await parts.demographics([nhsNumber], dayOf(call.now))).get(nhsNumber)?.nhsNumber ?? nhsNumber;
      const id = (call.params.id as string).toLowerCase();
      const find = async () =>
        isUuid(id)
          ? (await relationshipsOf(parts.db, number, role?.odsCode ?? '')).find((one) => one.id === id)
          : undefined;
      const one = await find();
      if (!one) throw refuse(404, 'relationship', 'The organisation has no such relationship', 'id');
      if (one.userId !== by && one.establishedBy !== by && !role?.activities.includes(administration))
        throw refuse(403, 'activity', `Ending a relationship of others needs the activity ${administration}`);
      await auditedChange(parts, noteOf(call, operation, number, 'allowed', 200), (tx) =>
        endRelationshipIn(tx, one, { by, reason: end.reason, now: call.now }),
      );
      return { status: 200, body: shown((await find()) ?? one, call.now, false), isAudited: true };
    },
  };
  return operation;
}
