import type { AccessMode } from '../../../platform/identity/principal.ts';
import type { StaffAccount } from '../staff-directory.ts';

/** Somebody who logs on, as far as ways of logging on have to know. */
export type Holder = Pick<StaffAccount, 'userId' | 'status' | 'displayName' | 'roles'> & {
  /** What is typed to log on, where it is not the user id. */
  readonly username?: string | undefined;
  /** Of a patient: whose record it is, for the audit. */
  readonly nhsNumber?: string | undefined;
};

/** Where those are found who log on, as they are at this moment. */
export type Holders = {
  find(userId: string): Promise<Holder | undefined>;
  /** By what is typed at log-on. */
  findByUsername(username: string): Promise<Holder | undefined>;
};

/**
 * Whose log-on it is: that of staff or that of patients. User ids of the two are told apart by their mark, so that nothing
 * enrolled by one is ever good for the other, though all of it stands in the same tables.
 */
export type Realm = {
  /** The provider's first part of the path. */
  readonly home: '/cis2' | '/nhs-login';
  /** What user ids here begin with. */
  readonly mark: '' | 'patient:';
  readonly mode: AccessMode;
  /** What names of operations begin with. */
  readonly operations: 'cis.' | 'cis.patient-';
  /** Who helps, as the pages say it. */
  readonly helper: string;
  readonly usernameLabel: string;
  /** Whether levels of log-on mean anything to these people. */
  readonly hasLevels: boolean;
  /** What the account pages ask of a log-on, in the words of the provider. */
  readonly asksFor: Readonly<Record<string, string>>;
};

export const staffRealm: Realm = {
  home: '/cis2',
  mark: '',
  mode: 'healthcare-worker',
  operations: 'cis.',
  helper: 'your Registration Authority',
  usernameLabel: 'User name',
  hasLevels: true,
  asksFor: { acr_values: 'AAL2_OR_AAL3_ANY' },
};

export const patientRealm: Realm = {
  home: '/nhs-login',
  mark: 'patient:',
  mode: 'patient-access',
  operations: 'cis.patient-',
  helper: 'your GP practice',
  usernameLabel: 'NHS number',
  hasLevels: false,
  asksFor: { vtr: '["P0.Cm","P0.Cp.Ck"]' },
};

/** Whether a user id is one of this realm. */
export const isOf = (realm: Realm, userId: string): boolean =>
  userId.startsWith(patientRealm.mark) === (realm.mark === patientRealm.mark);

export const enrolPathOf = (realm: Realm): string => `${realm.home}/enrol`;
export const accountPathOf = (realm: Realm): string => `${realm.home}/account`;
export const usernameOf = (holder: Holder): string => holder.username ?? holder.userId;
