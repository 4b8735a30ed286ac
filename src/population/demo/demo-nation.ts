import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { Former, Patient, Security, StoredPatient } from '../../services/pds/patient.ts';
import { nameKey } from '../../services/pds/trace/keys.ts';
import { personAt } from '../person.ts';
import { address, born, name, practice, record, telecom } from './builders.ts';
import { coverages } from './coverage.ts';
import { humberside } from './humberside.ts';
import { lookAlikes } from './look-alikes.ts';
import { relatedPeople } from './related-people.ts';
import { samSmiths } from './sam-smiths.ts';
import { hidden, smithsOfLeeds } from './smiths-of-leeds.ts';

/** A record of the demo nation and what PDS keeps beside it. */
export type DemoRecord = {
  readonly stored: StoredPatient;
  /** RelatedPerson resources; empty for most. */
  readonly related: readonly object[];
  readonly coverage: object | undefined;
};

/** The records of the published examples, as they are shown. */
export const publishedPatients: readonly Patient[] = [...samSmiths, ...lookAlikes, ...smithsOfLeeds, ...humberside];

/** What published people once were. */
const former: Readonly<Record<string, Former>> = {
  '5900020584': { telecom: [{ system: 'email', use: 'home', value: 'Historic@historic.com' }] },
  '9693632109': { name: [{ family: 'Bloggs', given: ['Joe'] }] },
  '9733162450': { name: [{ family: 'HUME', given: ['Casey'] }], gender: ['female'] },
};

/** The holder of the German card, of whom nothing but the card is published. */
const cardHolder = record(
  '9733162868',
  455,
  'U',
  name('gXvTe', '1994-02-17', 'Annelie|LÜDERITZ', { prefix: 'MRS' }),
  born('female', '1961-11-29'),
  practice('bZcQw', '2003-05-12', 'A20047'),
  address('rVnJs', '2003-05-12', '28 CLIFF GARDENS/SCUNTHORPE/S HUMBERSIDE', 'DN15 7PH'),
);

/** A record merged into Jane Cuff's. */
const merged = record(
  '5900053636',
  2,
  'U',
  name('7A90C3D1', '1955-06-09', 'Jane|CUFF', { prefix: 'MRS' }),
  born('female', '1926-01-07'),
);

/** A record made in error and invalidated. */
const invalidated = record(
  '9733162876',
  2,
  'U',
  name('hTkWp', '2019-03-04', 'Registered Twice|ERROR'),
  born('unknown', '2019-03-04'),
);

/** The test user of patient log-on (identity contract, testUsers), of whom little more than the name is published. */
const testUser = record(
  '9912003071',
  3,
  'U',
  name('kMvQd', '1990-06-02', 'Mona|MILLAR', { prefix: 'MRS' }),
  born('female', '1968-02-12'),
  practice('yRbTn', '2004-11-08', 'A83002'),
  address('pWcXg', '2004-11-08', '17 HAWTHORN TERRACE/DURHAM', 'DH1 4EL'),
  telecom('eLsJk', '2019-03-01', 'email', 'home', 'mona@example.invalid'),
  telecom('hGzVb', '2019-03-01', 'phone', 'mobile', '+447887510886'),
);

function storedOf(patient: Patient): StoredPatient {
  const whole = hidden[patient.id];
  const version = Number(patient.meta?.versionId);
  const security = (patient.meta?.security?.[0]?.code ?? 'U') as Security;
  return {
    nhsNumber: patient.id,
    version,
    state: 'active',
    security,
    survivor: undefined,
    patient: whole === undefined ? patient : record(patient.id, version, security, patient, ...whole),
    former: former[patient.id],
  };
}

function demoRecord(stored: StoredPatient): DemoRecord {
  return {
    stored,
    related: relatedPeople[stored.nhsNumber] ?? [],
    coverage: coverages[stored.nhsNumber],
  };
}

/** The seed of the synthetic people of every demo nation. */
export const demoSeed = 1948;

/** The published people and those who belong to them, one record after the other. */
export function* publishedNation(): Iterable<DemoRecord> {
  for (const patient of [...publishedPatients, cardHolder, testUser]) yield demoRecord(storedOf(patient));
  yield demoRecord({ ...storedOf(merged), state: 'superseded', survivor: '9732019395' as NhsNumber });
  yield demoRecord({ ...storedOf(invalidated), state: 'invalidated' });
}

/**
 * The demo nation: the published people, and `synthetic` others. Nobody of these has a family name that published
 * searches look for, so those find exactly what they are published to find.
 */
export function* demoNation(synthetic = 3000): Iterable<DemoRecord> {
  const families = new Set<string>();
  for (const record of publishedNation()) {
    for (const one of [...(record.stored.patient.name ?? []), ...(record.stored.former?.name ?? [])]) {
      families.add(nameKey(one.family ?? ''));
    }
    yield record;
  }
  for (let index = 0, made = 0; made < synthetic; index++) {
    const stored = personAt(demoSeed, index);
    const isMistaken = stored.patient.name?.some((one) => looksPublished(nameKey(one.family ?? ''), families));
    if (isMistaken || stored.former?.name?.some((one) => looksPublished(nameKey(one.family ?? ''), families))) continue;
    made++;
    yield { stored, related: [], coverage: undefined };
  }
}

/** One of the published families, or one that sounds like Smith or begins like a published wildcard search. */
function looksPublished(family: string, families: ReadonlySet<string>): boolean {
  return families.has(family) || /^s[aeiouy]*m|^me|^mcm/.test(family);
}
