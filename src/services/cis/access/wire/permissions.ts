import { z } from 'zod';
import { header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { emergencyReasons } from '../../../../platform/identity/access.ts';
import { auditedChange } from '../../log-on/audited-change.ts';
import { accessOf } from '../legitimate-access.ts';
import { type KeptPermission, standingFor } from '../permission.ts';
import { permissionsOf, permissionsStanding } from '../queries-relationships.ts';
import { recordPermissionIn } from '../record-permission.ts';
import { idOfRequest } from '../reference.ts';
import { admit, admitBy, base, bodyOf, patientOf, refuse, unknownPatient, viewerOf } from './dialect.ts';
import { listAboutPatient } from './list-about-patient.ts';
import type { AccessOperationParts } from './parts.ts';
import { byOf } from './relationships.ts';
import { instant, odsCode, reason, words } from './shapes.ts';

const path = `${base}/patients/:nhsNumber/permissions`;

const permission = z.discriminatedUnion('value', [
  z.strictObject({ value: z.literal('asked-and-given'), note: words(500).default('') }),
  z.strictObject({ value: z.literal('standing'), note: words(500).default(''), organisation: odsCode.optional() }),
  z.strictObject({ value: z.literal('refused'), note: words(500).default(''), organisation: odsCode.optional() }),
  z.strictObject({ value: z.literal('emergency'), reason: z.enum(emergencyReasons), note: reason }),
]);

/** Which activity lets a member of staff view without asking, by reason. Ours. */
const overrides: Record<(typeof emergencyReasons)[number], readonly string[]> = {
  'public interest': ['B0082'],
  law: ['B0082'],
  'patient unable to consent, in their interest': ['B0168', 'B0082'],
};

/** List and record what the patient said of being viewed. */
export function permissionOperations(parts: AccessOperationParts): Operation[] {
  return [listOperation(parts), recordOperation(parts)];
}

const listOperation = (parts: AccessOperationParts): Operation =>
  listAboutPatient(
    parts,
    {
      name: 'access.list-permissions',
      path,
      summary: 'Permissions to view: all of them for the patient, for staff those of their organisation',
      found: 'What was recorded, newest first',
    },
    async ({ nhsNumber, isPatient, odsCode }) => {
      const kept = await permissionsOf(parts.db, nhsNumber, odsCode);
      return { permissions: kept.map((one) => shown(one, isPatient)) };
    },
  );

function shown(one: KeptPermission, isForPatient: boolean): object {
  return {
    id: one.id,
    value: one.value,
    reason: one.reason,
    organisation: one.odsCode,
    recordedAt: instant(one.recordedAt),
    expiresAt: instant(one.expiresAt),
    ...(isForPatient ? {} : { userId: one.userId, recordedBy: one.recordedBy, note: one.note }),
  };
}

function recordOperation(parts: AccessOperationParts): Operation {
  const operation: Operation = {
    name: 'access.record-permission',
    method: 'POST',
    path,
    summary:
      'Record that the patient was asked, or that an emergency stands in place of asking (a privacy officer is told)',
    access: {
      modes: ['healthcare-worker', 'patient-access'],
      level: { staff: 2, patient: 'P9' },
      role: 'session-urid',
    },
    audit: 'write',
    input: { body: permission },
    answers: {
      201: { summary: 'What was recorded' },
      400: { summary: 'What is wrong, by field' },
      401: { summary: 'No valid token, no role, or too weak a log-on' },
      403: { summary: 'Refused by the rule named: no relationship, no activity for an override' },
      404: { summary: 'PDS holds no such patient' },
    },
    async handle(call) {
      const nhsNumber = patientOf(call);
      const caller = admit(call, operation, { nhsNumber });
      const { principal, role, userId } = caller;
      const wanted = bodyOf(permission, call);
      const isPatient = principal.mode === 'patient-access';
      const organisation = 'organisation' in wanted ? wanted.organisation : undefined;
      if (isPatient && wanted.value !== 'standing' && wanted.value !== 'refused')
        throw refuse(403, 'mode', 'A patient gives or refuses standing permission', 'value');
      if (isPatient && organisation === undefined)
        throw refuse(400, 'field', 'organisation: which organisation it is for', 'organisation');
      if (!isPatient && organisation !== undefined && organisation !== role?.odsCode)
        throw refuse(403, 'organisation', 'Staff record for their own organisation', 'organisation');
      const odsCode = (isPatient ? organisation : role?.odsCode) ?? '';
      const access = await accessOf(parts, nhsNumber, { ...viewerOf(caller), odsCode }, call.now);
      if (!access) throw unknownPatient();
      const facts = { nhsNumber: isPatient ? nhsNumber : access.nhsNumber, relationships: access.relationships };
      call.subject = access.nhsNumber;
      admitBy(
        call,
        {
          modes: ['healthcare-worker', 'patient-access'],
          relationship: 'wanted',
          ...(wanted.value === 'emergency' ? { activities: { anyOf: overrides[wanted.reason] } } : {}),
        },
        facts,
      );
      if (wanted.value === 'emergency') call.purpose = [call.purpose, `emergency access (${wanted.reason})`].join('; ');
      const one = {
        nhsNumber: access.nhsNumber,
        id: idOfRequest(userId, header(call, 'x-request-id'), `permission ${odsCode} ${access.nhsNumber}`),
        value: wanted.value,
        odsCode,
        recordedBy: userId,
        reason: wanted.value === 'emergency' ? wanted.reason : undefined,
        note: wanted.note,
      };
      const by = isPatient ? undefined : byOf(call);
      await auditedChange(parts, noteOf(call, operation, one.nhsNumber, 'allowed', 201), async (tx) => {
        // what everybody of the organisation is held to: an emergency of one's own must not hide that a refusal is turned round
        const everybodys = { userId: '', odsCode };
        const before = standingFor(
          await permissionsStanding(tx, one.nhsNumber, everybodys, call.now),
          everybodys,
          call.now,
        );
        await recordPermissionIn(tx, one, { now: call.now, before, by });
      });
      const kept = (await permissionsOf(parts.db, one.nhsNumber, odsCode)).find(({ id }) => id === one.id);
      return { status: 201, body: kept && shown(kept, isPatient), isAudited: true };
    },
  };
  return operation;
}
