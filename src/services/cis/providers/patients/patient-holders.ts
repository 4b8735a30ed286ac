import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { type Holder, type Holders, isOf, patientRealm } from '../../log-on/realm.ts';
import type { PatientAccount, PatientAccounts } from './patient-accounts.ts';

/** Patients as ways of logging on know them: by marked ids, so that none of theirs is one of staff. */
export function patientHolders(accounts: PatientAccounts): Holders {
  return {
    async find(userId) {
      if (!isOf(patientRealm, userId)) return undefined;
      const account = await accounts.find(userId.slice(patientRealm.mark.length));
      return account && holderOf(account);
    },
    async findByUsername(username) {
      const account = await accounts.findByUsername(username);
      return account && holderOf(account);
    },
  };
}

/** What is not active is not found at all. */
const holderOf = ({ sub, displayName, username, nhsNumber }: PatientAccount): Holder => ({
  userId: `${patientRealm.mark}${sub}`,
  status: 'active',
  displayName,
  roles: [],
  username,
  nhsNumber: isNhsNumber(nhsNumber) ? nhsNumber : undefined,
});
