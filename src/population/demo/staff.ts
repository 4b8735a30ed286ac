import type { StaffLoad } from '../../services/cis/index.ts';
import { organisations } from '../organisations.ts';

type Position = StaffLoad['positions'][number]['content'];
type Person = StaffLoad['people'][number];

/** The organisations the demo nation's first staff work in: a trust whose Registration Authority serves the others. */
export const demoPlaces = { trust: 'R9A', practice: 'A99000', otherPractice: 'A99001', pharmacy: 'FZ100' } as const;

const position = (name: string, roleCode: string, more: Partial<Position> = {}): Position => ({
  name,
  roleCode,
  activities: [],
  areas: [],
  workgroups: [],
  isAssignableBySponsor: false,
  ...more,
});
const assignable = { isAssignableBySponsor: true } as const;
const respiratory = '655694018201';
const pharmacyWork = ['B0068', 'B0278', 'B0401', 'B0424', 'B0570', 'B0572'];

/** Positions by the organisation and a short name; each gets an id in this order. */
const positions: readonly (readonly [odsCode: string, key: string, content: Position])[] = [
  ['R9A', 'ram', position('Registration Authority Manager', 'R5080')],
  ['R9A', 'raa', position('Registration Authority Agent', 'R5090')],
  ['R9A', 'aaa', position('Advanced Registration Authority Agent', 'R5090', { activities: ['B0062'] })],
  ['R9A', 'officer', position('Privacy Officer', 'R0001', { activities: ['B0015', 'B0016', 'B0018'] })],
  [
    'R9A',
    'consultant',
    position('Consultant Physician', 'R0050', { areas: ['P0010:Q0050:T0210'], workgroups: [respiratory] }),
  ],
  ['R9A', 'nurse', position('Ward Nurse', 'R8001', { workgroups: [respiratory], ...assignable })],
  ['R9A', 'sponsor', position('Ward Manager', 'R8002', { activities: ['B1300', 'B0370', 'B0825'] })],
  ['R9A', 'local-admin', position('Local Smartcard Administrator', 'R8015', { activities: ['B0062'] })],
  ['R9A', 'pharmacist', position('Hospital Pharmacist', 'R8003', { activities: pharmacyWork, ...assignable })],
  ['A99000', 'gp', position('General Practitioner', 'R0260', assignable)],
  ['A99000', 'nurse', position('Practice Nurse', 'R8001', assignable)],
  ['A99000', 'receptionist', position('Receptionist', 'R8009', assignable)],
  ['A99000', 'sponsor', position('Practice Manager', 'R8010', { activities: ['B1300'] })],
  ['A99000', 'officer', position('Privacy Officer', 'R0001', { activities: ['B0015', 'B0016', 'B0018'] })],
  ['A99001', 'gp', position('General Practitioner', 'R0260', assignable)],
  ['A99001', 'sponsor', position('Practice Manager', 'R8010', { activities: ['B1300'] })],
  ['A99001', 'receptionist', position('Receptionist', 'R8009', assignable)],
  ['FZ100', 'pharmacist', position('Community Pharmacist', 'R8003', { activities: pharmacyWork, ...assignable })],
  ['FZ100', 'dispenser', position('Dispensing Assistant', 'R8008', { activities: ['B0278'], ...assignable })],
  ['FZ100', 'id-checker', position('ID Checker', 'R8010', { activities: ['B0267'] })],
];

const positionIds = new Map(positions.map(([odsCode, key], n) => [`${odsCode} ${key}`, String(656020000101 + n)]));

/** One person a line: id, level, name, date of birth, postcode, positions, the rest. */
type Line = readonly [
  userId: string,
  level: 1 | 2 | 3,
  name: string,
  bornOn: string,
  postcode: string,
  held: readonly string[],
  more?: Partial<Person>,
];

const gmc = (number: string) => ({ title: 'Dr', professionalIds: { gmc_id: number } });

const lines: readonly Line[] = [
  // the three user ids published for test log-on, one for each level
  ['656005750104', 3, 'Isolde|M|Penhallow', '1979-04-12', 'E1 0AG', ['A99000 gp'], gmc('C9900104')],
  [
    '656005750109',
    2,
    'Tobias||Whinray',
    '1988-11-30',
    'E2 3BH',
    ['A99000 nurse'],
    { professionalIds: { nmc_id: '99Z0109E' } },
  ],
  ['656005750110', 1, 'Marcia|Joy|Lowenthal', '1993-02-07', 'E3 6DJ', ['A99000 receptionist']],
  ['656005750201', 3, 'Farouk||Adeyinka', '1971-08-19', 'E4 9EG', ['R9A ram']],
  ['656005750202', 3, 'Greta|A|Solberg', '1975-01-25', 'E5 1FH', ['R9A ram']],
  ['656005750203', 3, 'Colm||Tierney', '1984-06-03', 'E6 2AJ', ['R9A raa']],
  ['656005750204', 3, 'Priya||Ramanathan', '1990-09-14', 'E7 4BG', ['R9A raa']],
  ['656005750205', 3, 'Hamish||Orrock', '1982-12-01', 'E8 5DH', ['R9A aaa']],
  ['656005750206', 3, 'Ottoline|C|Merriweather', '1969-03-22', 'E9 7EJ', ['R9A officer', 'A99000 officer']],
  ['656005750207', 3, 'Desmond||Achterberg', '1966-10-09', 'E10 8FG', ['R9A consultant'], gmc('C9900207')],
  [
    '656005750208',
    3,
    'Ngozi||Fairweather',
    '1985-05-17',
    'E11 1AH',
    ['R9A nurse'],
    { professionalIds: { nmc_id: '99Z0208E' } },
  ],
  ['656005750209', 3, 'Lindsay|R|Crowhurst', '1977-07-28', 'E12 2BJ', ['R9A sponsor']],
  ['656005750210', 3, 'Emlyn||Prosser', '1991-04-05', 'E13 3DG', ['R9A local-admin']],
  ['656005750211', 3, 'Beatrix||Oyelaran', '1980-02-29', 'E14 4EH', ['A99000 sponsor']],
  ['656005750212', 3, 'Stellan||Brackenbury', '1973-11-11', 'E15 5FJ', ['A99001 gp'], gmc('C9900212')],
  ['656005750213', 3, 'Rosalind||Kettlewell', '1968-06-16', 'E16 6AG', ['A99001 sponsor']],
  ['656005750214', 3, 'Anselm||Dutoit', '1995-08-08', 'E17 7BH', ['A99001 receptionist']],
  [
    '656005750215',
    3,
    'Yasmin|K|Haverford',
    '1987-01-19',
    'E18 8DJ',
    ['FZ100 pharmacist'],
    { professionalIds: { gphc_id: '9902150' } },
  ],
  ['656005750216', 3, 'Callum||Stonehewer', '1996-03-03', 'N1 9EG', ['FZ100 dispenser']],
  ['656005750217', 3, 'Delphine||Marchbank', '1974-12-24', 'N2 1FH', ['FZ100 id-checker']],
  // several roles in several organisations: has to choose
  [
    '656005750218',
    3,
    'Rafferty|J|Quillfeather',
    '1983-10-13',
    'N3 2AJ',
    ['A99000 gp', 'A99001 gp', 'R9A consultant'],
    gmc('C9900218'),
  ],
  // no role at all: logs on and may do nothing
  ['656005750219', 3, 'Winifred||Osterley', '1998-05-21', 'N4 3BG', []],
];

/** The demo nation's staff: always the same people in the same roles. All of them are invented. */
export function demoStaff(): StaffLoad {
  const codes = new Set<string>(positions.map(([odsCode]) => odsCode));
  let role = 656030000101;
  let personOrg = 656040000101;
  const people = lines.map(([userId, sandboxLevel, name, bornOn, postcode, held, more]): Person => {
    const [givenName, middleNames, familyName] = name.split('|') as [string, string, string];
    return {
      userId,
      givenName,
      ...(middleNames === '' ? {} : { middleNames }),
      familyName,
      email: `${givenName}.${familyName}@example.invalid`.toLowerCase(),
      bornOn,
      postcode,
      registeredBy: demoPlaces.trust,
      sandboxLevel,
      assignments: held.map((one) => ({
        roleProfileId: String(role++),
        positionId: positionIds.get(one) as string,
        personOrgId: String(personOrg++),
      })),
      ...more,
    };
  });
  return {
    organisations: organisations()
      .filter(({ odsCode }) => codes.has(odsCode))
      .map(({ odsCode, name }) => ({
        odsCode,
        name,
        ...(odsCode === demoPlaces.trust ? {} : { parent: demoPlaces.trust }),
      })),
    workgroups: [{ code: respiratory, odsCode: demoPlaces.trust, name: 'Respiratory ward' }],
    positions: positions.map(([odsCode, key, content]) => ({
      positionId: positionIds.get(`${odsCode} ${key}`) as string,
      odsCode,
      content,
    })),
    people,
  };
}
