import type { Principal } from '../../platform/identity/principal.ts';
import type { PatientAccounts } from './providers/patients/patient-accounts.ts';
import type { StaffDirectory } from './staff-directory.ts';

/** Whether somebody may still act for whom a token was to be given; asked whenever one is given or refreshed. */
export type Standing = { mayAct(principal: Principal): Promise<boolean> };

/**
 * Of people of our own providers: staff while their identity is active; patients while their account is, is proved no less
 * than the principal says, and is tied to the same NHS number. Of people of other providers nothing is known here.
 */
export function standingOf(parts: {
  readonly staff: Pick<StaffDirectory, 'find'>;
  readonly patients: Pick<PatientAccounts, 'find'>;
  readonly patientIssuer: () => string;
}): Standing {
  return {
    async mayAct(principal) {
      if (principal.hasLiveRoles) return (await parts.staff.find(principal.userId ?? ''))?.status === 'active';
      if (principal.mode !== 'patient-access' || principal.issuer !== parts.patientIssuer()) return true;
      const account = await parts.patients.find(String(principal.idTokenClaims?.sub ?? ''));
      if (!account || account.proofing < (principal.proofing ?? 'P0')) return false;
      return principal.nhsNumber === undefined || principal.nhsNumber === account.nhsNumber;
    },
  };
}
