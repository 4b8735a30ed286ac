import type { Extension } from '../../platform/fhir/types.ts';
import { nhsNumberSystem } from '../../services/pds/patient.ts';
import { concept } from '../../services/pds/record/constants.ts';
import { addressKey, brailleLetters, frenchWithInterpreter } from './builders.ts';

const ukCore = 'https://fhir.nhs.uk/R4/StructureDefinition/Extension-UKCore-';
const twoYears = { start: '2020-01-01', end: '2021-12-31' };

/** A guardian who gets copies of letters; `ofNumber` is the number the guardian is known by. */
function guardian(id: string, ofNumber: string): object {
  const extension: (Extension & { valuePositiveInt?: number })[] = [
    { url: `${ukCore}CopyCorrespondenceIndicator`, valueBoolean: true },
    { url: `${ukCore}ContactRank`, valuePositiveInt: 1 },
    brailleLetters(),
    frenchWithInterpreter(),
  ];
  return {
    resourceType: 'RelatedPerson',
    id,
    patient: { identifier: { system: nhsNumberSystem, value: ofNumber } },
    active: true,
    period: twoYears,
    relationship: [
      concept({
        system: 'https://fhir.nhs.uk/R4/CodeSystem/UKCore-AdditionalRelatedPersonRole',
        code: 'Guardian',
        display: 'Guardian of patient',
      }),
    ],
    extension,
  };
}

/** How to reach Jane Smith of Leeds, who is somebody's guardian. */
const janeSmith = {
  name: [{ use: 'usual', period: twoYears, given: ['Jane'], family: 'Smith', prefix: ['Mrs'], suffix: ['MBE'] }],
  telecom: [{ period: twoYears, system: 'phone', value: '01632960587', use: 'home' }],
  address: [
    {
      period: twoYears,
      use: 'home',
      line: ['1 Trevelyan Square', 'Boar Lane', 'City Centre', 'Leeds', 'West Yorkshire'],
      postalCode: 'LS1 6AE',
      extension: [addressKey('PAF', '12345678'), addressKey('UPRN', '123456789012')],
    },
  ],
};

/** RelatedPerson resources by the number of the patient they belong to. */
export const relatedPeople: Readonly<Record<string, readonly object[]>> = {
  '9000000009': [{ ...guardian('507B7621', '9000000009'), ...janeSmith }, guardian('B3380E98', '9000000009')],
  '9000000017': [{ ...guardian('F4CF8B96', '5328023641'), ...janeSmith }],
  '9693633679': [guardian('5C1E07A2', '9693633695')],
};
