import { nhsNumberSystem } from '../../services/pds/patient.ts';

type Card = {
  readonly person: string;
  readonly card: string;
  readonly institution: string;
  readonly country: readonly [code: string, name: string];
  readonly until: string;
};

/** A European health insurance card as a Coverage resource. */
function coverageOf(nhsNumber: string, { person, card, institution, country, until }: Card): object {
  return {
    resourceType: 'Coverage',
    status: 'active',
    subscriber: { type: 'Patient', identifier: { system: nhsNumberSystem, value: nhsNumber } },
    identifier: [
      {
        value: card,
        assigner: { display: country[1], identifier: { system: 'urn:iso:std:iso:3166', value: country[0] } },
      },
    ],
    payor: [{ identifier: { value: institution } }],
    beneficiary: { type: 'Patient', identifier: { value: person } },
    period: { end: until },
  };
}

/** Coverage by the number of the patient it belongs to. */
export const coverages: Readonly<Record<string, object>> = {
  '9000000009': coverageOf('9000000009', {
    person: '5647382910',
    card: 'ES456789012345',
    institution: 'ES11223',
    country: ['FRA', 'France'],
    until: '2027-03-03',
  }),
  '9733162868': coverageOf('9733162868', {
    person: 'DE9876543210',
    card: 'DE1234567890121234',
    institution: 'DE98765',
    country: ['DEU', 'Germany'],
    until: '2026-08-15',
  }),
};
