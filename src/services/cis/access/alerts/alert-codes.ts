import { jobRoleOf } from '../../../../platform/identity/decide-access.ts';
import type { Role } from '../../../../platform/identity/principal.ts';

/** Why an officer is told. Texts and receiving activities of the first four are published, all codes are ours. */
export const alertCodes = {
  LR_SELF_CLAIMED: { text: 'Create LR (Self Claimed)', receivedWith: 'B0016' },
  DISSENT_OVERRIDE: { text: 'Dissent Override / SCR Dissent Override', receivedWith: 'B0015' },
  SAR_REFUSED: { text: 'Subject access refused', receivedWith: 'B0017' },
  SEALING: { text: 'Sealing', receivedWith: 'B0018' },
  DISSENT_REVERSED: { text: 'Permission recorded after a refusal', receivedWith: 'officer' },
  OWN_RECORD: { text: 'A member of staff looked at their own record', receivedWith: 'officer' },
  SAME_SURNAME: { text: 'The user and the patient have a family name in common', receivedWith: 'officer' },
  SAME_ADDRESS: { text: 'The user and the patient have a postcode in common', receivedWith: 'officer' },
  COLLEAGUE: { text: 'The patient is a member of staff of the same organisation', receivedWith: 'officer' },
  MASS_LOOK_UP: { text: 'One user looked at unusually many patients within an hour', receivedWith: 'officer' },
} as const;
export type AlertCode = keyof typeof alertCodes;
export const allAlertCodes = Object.keys(alertCodes) as AlertCode[];

/** Privacy Officer. */
export const officerRole = 'R0001';
/** Activities of those who receive alerts of any kind. */
export const alertActivities = ['B0015', 'B0016', 'B0017', 'B0018'] as const;

/**
 * The alerts a role receives: each published kind with its activity; the other kinds with job role R0001 or B0015 (ours).
 */
export function receivedBy(role: Pick<Role, 'roleCode' | 'activities'>): AlertCode[] {
  const isOfficer = jobRoleOf(role) === officerRole || role.activities.includes('B0015');
  return allAlertCodes.filter((code) => {
    const { receivedWith } = alertCodes[code];
    return receivedWith === 'officer' ? isOfficer : role.activities.includes(receivedWith);
  });
}
