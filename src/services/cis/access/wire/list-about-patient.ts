import type { Operation } from '../../../../platform/http/operation.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { admit, patientOf } from './dialect.ts';
import type { AccessOperationParts } from './parts.ts';

/** Who asks for a list about whom. */
type Listing = {
  /** Today's number, where the one asked for was merged into another. */
  readonly nhsNumber: string;
  /** Of the patient, as far as PDS says. */
  readonly practice: string | undefined;
  readonly isPatient: boolean;
  /** Whose part of the list is shown: a member of staff's organisation; undefined for the patient, who sees all. */
  readonly odsCode: string | undefined;
  readonly now: number;
};

/** Lists something about a patient: all of it for the patient, for staff what their organisation has. */
export function listAboutPatient(
  { demographics }: AccessOperationParts,
  about: Pick<Operation, 'name' | 'path' | 'summary'> & { readonly found: string },
  bodyFor: (listing: Listing) => Promise<object>,
): Operation {
  const { found, ...named } = about;
  const operation: Operation = {
    ...named,
    method: 'GET',
    access: {
      modes: ['healthcare-worker', 'patient-access'],
      level: { staff: 2, patient: 'P9' },
      role: 'session-urid',
    },
    audit: 'read',
    answers: {
      200: { summary: found },
      400: { summary: 'Not an NHS number' },
      401: { summary: 'No valid token, no role, or too weak a log-on' },
      403: { summary: 'Refused by the rule named: a patient asked for somebody else' },
    },
    async handle(call) {
      const asked = patientOf(call);
      const { principal, role } = admit(call, operation, { nhsNumber: asked });
      const facts = (await demographics([asked], dayOf(call.now))).get(asked);
      const nhsNumber = facts?.nhsNumber ?? asked;
      const isPatient = principal.mode === 'patient-access';
      const odsCode = isPatient ? undefined : (role?.odsCode ?? '');
      const body = await bodyFor({ nhsNumber, practice: facts?.practice, isPatient, odsCode, now: call.now });
      return { status: 200, body, subjects: [nhsNumber] };
    },
  };
  return operation;
}
