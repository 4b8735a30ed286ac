import type { PatientRecords } from './records.ts';

/** Who a patient is, as far as a log-on says so. */
export type PatientIdentity = {
  readonly nhsNumber: string;
  readonly familyName: string;
  readonly givenName: string;
  /** yyyy-mm-dd; as much as PDS holds of it. */
  readonly bornOn: string;
  /** ODS code of the practice the patient is registered with on the day. */
  readonly practice: string | undefined;
  /** Addresses at home, as recorded. */
  readonly email: string | undefined;
  readonly mobile: string | undefined;
};

/**
 * The patient with this number on a day (yyyy-mm-dd); undefined where PDS holds no such record, or one that was merged
 * away or invalidated, so that nobody acts under a number that is not theirs any more.
 */
export async function identityOf(
  records: PatientRecords,
  nhsNumber: string,
  day: string,
): Promise<PatientIdentity | undefined> {
  const record = await records.find(nhsNumber);
  if (record?.state !== 'active') return undefined;
  const { patient } = record;
  const isNow = (period: { start?: string; end?: string } | undefined): boolean =>
    (period?.start ?? '').slice(0, 10) <= day && (period?.end ?? '9999').slice(0, 10) >= day;
  const current = (patient.name ?? []).filter((one) => isNow(one.period));
  const name = current.find((one) => one.use === 'usual') ?? current[0];
  const contact = (system: string, use?: string) =>
    patient.telecom?.find((one) => one.system === system && isNow(one.period) && (!use || one.use === use))?.value;
  return {
    nhsNumber: record.nhsNumber,
    familyName: name?.family ?? '',
    givenName: name?.given?.[0] ?? '',
    bornOn: patient.birthDate ?? '',
    practice: patient.generalPractitioner?.find((one) => isNow(one.identifier?.period))?.identifier?.value,
    email: contact('email'),
    mobile: contact('phone', 'mobile'),
  };
}
