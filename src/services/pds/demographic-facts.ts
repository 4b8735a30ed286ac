import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { LoadedPatient, PatientRecords } from './records.ts';

/** What other rooms may know of a patient to judge who may look, and who did. */
export type DemographicFacts = {
  /** The number the record is kept under, where the one asked for was merged into another. */
  readonly nhsNumber: NhsNumber;
  /** `superseded` records are followed; an `invalidated` one is nobody's. */
  readonly state: 'active' | 'invalidated';
  readonly confidentiality: 'U' | 'R' | 'V';
  /** Every family name on the record, former ones too, as recorded. */
  readonly familyNames: readonly string[];
  /** Postcodes of the present addresses, as recorded. */
  readonly postcodes: readonly string[];
  /** ODS code of the practice the patient is registered with on the day. */
  readonly practice: string | undefined;
};

/** The facts with what an address by patient is checked against. */
export type CrossCheckFacts = DemographicFacts & {
  /** yyyy-mm-dd; empty where PDS holds none. */
  readonly bornOn: string;
};

/** The facts of these numbers on a day (yyyy-mm-dd); those PDS does not hold are left out. One look-up for all. */
export async function demographicFacts(
  records: PatientRecords,
  numbers: readonly string[],
  day: string,
): Promise<Map<string, CrossCheckFacts>> {
  const facts = new Map<string, CrossCheckFacts>();
  await Promise.all(
    [...new Set(numbers)].map(async (number) => {
      let record = await records.find(number);
      for (let step = 0; record?.state === 'superseded' && record.survivor !== undefined && step < 10; step++)
        record = await records.find(record.survivor);
      if (record && record.state !== 'superseded') facts.set(number, factsOf(record, day));
    }),
  );
  return facts;
}

function factsOf({ nhsNumber, state, security, patient, former }: LoadedPatient, day: string): CrossCheckFacts {
  const isNow = (period: { start?: string; end?: string } | undefined): boolean =>
    (period?.start ?? '').slice(0, 10) <= day && (period?.end ?? '9999').slice(0, 10) >= day;
  const names = [...(patient.name ?? []), ...(former?.name ?? [])];
  return {
    nhsNumber,
    state: state === 'invalidated' ? 'invalidated' : 'active',
    confidentiality: security,
    bornOn: patient.birthDate ?? '',
    familyNames: [...new Set(names.flatMap((name) => name.family ?? []))],
    postcodes: [
      ...new Set((patient.address ?? []).filter((one) => isNow(one.period)).flatMap((one) => one.postalCode ?? [])),
    ],
    practice: patient.generalPractitioner?.find((one) => isNow(one.identifier?.period))?.identifier?.value,
  };
}
