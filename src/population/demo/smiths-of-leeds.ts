import type { Patient } from '../../services/pds/patient.ts';
import {
  address,
  born,
  bornIn,
  brailleLetters,
  died,
  email,
  emergencyContact,
  frenchWithInterpreter,
  managedBy,
  name,
  type Part,
  phone,
  practice,
  record,
  removed,
  supplier,
  telecom,
  textphone,
} from './builders.ts';

const twoYears = '2020-01-01/2021-12-31';
const telephone = '01632960587';
const postcode = 'LS1 6AE';
const square = '1 Trevelyan Square/Boar Lane/City Centre/Leeds/West Yorkshire';
const keys = { paf: '12345678', uprn: '123456789012' };

const home: Part = address('456', twoYears, square, postcode, keys);
const term: Part = address('T456', twoYears, square, postcode, { ...keys, use: 'temp', text: 'Student Accommodation' });
const twin: Part = { multipleBirthInteger: 1 };
const death: Part = died('2010-10-22', '2', '2010-10-22');
const registered: Part = practice('254406A3', twoYears, 'Y12345');
const contact: Part = emergencyContact('C123', twoYears, telephone);

const reached = (mail: string): Part[] => [
  phone('789', twoYears, telephone),
  email('790', '2019-01-01/2022-12-31', mail),
  textphone('OC789', twoYears, telephone),
];

/** A record with everything in it. */
const full = (nhsNumber: string, names: Part, mail: string): Patient =>
  record(
    nhsNumber,
    2,
    'U',
    names,
    born('female', '2010-10-22'),
    twin,
    registered,
    managedBy(twoYears, 'Y12345'),
    supplier('NominatedPharmacy', 'Y12345'),
    supplier('PreferredDispenserOrganization', 'Y23456'),
    supplier('MedicalApplianceSupplier', 'Y34567'),
    death,
    { extension: [frenchWithInterpreter(), brailleLetters()] },
    bornIn('Manchester', 'Greater Manchester', 'GBR'),
    removed('SCT', 'Transferred to Scotland', twoYears),
    ...reached(mail),
    contact,
    home,
    term,
  );

/** The family most examples are about; the restricted one without what is never shown. */
export const smithsOfLeeds: readonly Patient[] = [
  full('9000000009', name('123', twoYears, 'Jane|Smith', { prefix: 'Mrs' }), 'jane.smith@example.com'),
  // the check digit is wrong: reachable by search only
  record(
    '9000000015',
    2,
    'U',
    name('123', twoYears, 'John_Paul James|Smith', { prefix: 'Mr', suffix: ['MBE'] }),
    born('male', '2010-10-22'),
    twin,
    registered,
    death,
    ...reached('johnp.smith@example.com'),
    contact,
    home,
  ),
  full(
    '9000000017',
    name('123', twoYears, 'Jayne|Smyth', { prefix: 'Mrs', suffix: ['MBE'] }),
    'jayne.smyth@example.com',
  ),
  record(
    '9000000025',
    2,
    'R',
    name('123', twoYears, 'Janet|Smythe', { prefix: 'Mrs', suffix: ['MBE'] }),
    born('female', '2005-06-16'),
    twin,
    death,
  ),
  record('9000000033', 2, 'U'),
];

/** What is stored of the restricted people and never shown, by number. */
export const hidden: Readonly<Record<string, readonly Part[]>> = {
  '9000000025': [
    home,
    phone('789', twoYears, telephone),
    email('790', '2019-01-01/2022-12-31', 'janet.smythe@example.com'),
    registered,
  ],
  '9693632125': [
    address('kQzTd', '1996-06-13', '7 ORCHARD CLOSE/SCUNTHORPE/S HUMBERSIDE', 'DN17 2QX'),
    telecom('91C0B7D4', '1996-06-13', 'phone', 'home', '01632960412'),
    practice('pLwRe', '1996-06-13', 'A20047'),
  ],
};
