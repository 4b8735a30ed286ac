/**
 * Who sends an update, as far as the rules ask: staff (`user`) or the patient; whether the system is one of the
 * national back office, or of primary care; whether it may notify a death formally.
 */
export type PatchSource = {
  kind: 'user' | 'patient';
  isBackOffice?: boolean;
  isPrimaryCare?: boolean;
  mayNotifyFormally?: boolean;
};
