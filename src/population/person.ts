import type { NhsNumber } from '../platform/nhs/nhs-number.ts';
import type { Former, Security, StoredPatient } from '../services/pds/patient.ts';
import { dayBits, packBits, unpackDate } from '../services/pds/record/packed-date.ts';
import { decodeRecord } from '../services/pds/record/record-codec.ts';
import { clusterSize, countedIn, type Household, homeOf, householdAt, type Member } from './household.ts';
import { shortForms } from './names/given.ts';
import { drawGiven, heritageOf, type Name } from './names/names.ts';
import { numberAt } from './nhs-numbers.ts';
import { pharmacyCode, practiceCode, practicesInTown } from './organisations.ts';
import { below, chance, mix, next } from './random.ts';

/** A name a person can be traced by, as pds.trace keeps it: `c` current or `f` former. */
export type TracedName = { readonly family: Name; readonly givenKey: string; readonly kind: 'c' | 'f' };

/** A person as stored: the columns of pds.patient and what pds.trace needs. */
export type PersonRow = {
  readonly nhsNumber: NhsNumber;
  readonly version: number;
  readonly state: 'a' | 's' | 'i';
  readonly security: Security;
  readonly survivor: NhsNumber | undefined;
  readonly record: string;
  /** JSON of Former, or empty. */
  readonly former: string;
  readonly bornOn: string;
  readonly gender: 'm' | 'f';
  readonly postcodes: string;
  /** Empty for records that cannot be traced. */
  readonly names: readonly TracedName[];
};

let lastSeed = -1;
let lastFirst = -1;
let lastHousehold: Household | undefined;

/** The household is made once for all who live in it, when they are asked for one after the other. */
function householdOf(seed: number, first: number, n: number, size: number): Household {
  if (lastHousehold === undefined || lastFirst !== first || lastSeed !== seed) {
    lastHousehold = householdAt(seed, first, n, size);
    lastFirst = first;
    lastSeed = seed;
  }
  return lastHousehold;
}

/**
 * Person `index` of the nation of `seed`, ready to be stored. Nothing else decides what he or she is: not how many others
 * there are, nor when it is asked. A few records were made twice for one person and merged into the one before, a very
 * few were invalidated.
 */
export function personRowAt(seed: number, index: number): PersonRow {
  const fate = mix(seed, index, 17);
  if (chance(fate, 0.4) && index % clusterSize !== 0 && !chance(mix(seed, index - 1, 17), 0.4)) {
    const kept = described(seed, index - 1);
    return {
      ...kept,
      nhsNumber: numberAt(index),
      version: 2,
      state: 's',
      survivor: numberAt(index - 1),
      names: [],
      former: '',
    };
  }
  const row = described(seed, index);
  return chance(next(fate), 0.05) ? { ...row, state: 'i', names: [] } : row;
}

/** Person `index` as a stored record. */
export function personAt(seed: number, index: number): StoredPatient {
  const row = personRowAt(seed, index);
  const { nhsNumber, version, security, survivor } = row;
  return {
    nhsNumber,
    version,
    state: row.state === 's' ? 'superseded' : row.state === 'i' ? 'invalidated' : 'active',
    security,
    survivor,
    patient: decodeRecord(row.record, nhsNumber, version, security),
    former: row.former === '' ? undefined : (JSON.parse(row.former) as Former),
  };
}

function described(seed: number, index: number): PersonRow {
  const { first, n, size } = homeOf(seed, index);
  const home = householdOf(seed, first, n, size);
  const who = home.members[index - first]!;
  const age = countedIn - who.bornIn;
  let h = mix(seed, index, 19);

  const since = packBits(Math.max(who.born, home.movedIn));
  const born = packBits(who.born);
  const died = deathOf(who, h);
  h = next(h);

  let given = who.given.text;
  let givenKey = who.given.key;
  if (chance(h, who.origin === 0 ? 620 : 180)) {
    const middle = drawGiven(who.origin, who.gender, who.bornIn - 25, next(h));
    // a name like the first would look like a slip
    if (middle.key !== who.given.key) {
      const isCompound = chance(next(h), 12);
      given += (isCompound ? ' ' : '~') + middle.text;
      givenKey += (isCompound ? ' ' : ',') + middle.key;
    }
  }
  h = next(h);
  const names: TracedName[] = [{ family: who.family, givenKey, kind: 'c' }];
  const prefix = prefixOf(who, age, h);
  let text = `Nu${born}^${who.family.text}^${given}${prefix === '' ? '' : `^${prefix}`}`;
  h = next(h);
  const nickname = chance(h, 30) ? shortForms.get(who.given.text) : undefined;
  if (nickname !== undefined) {
    text += `|Nn${born}^${who.family.text}^${nickname}`;
    names.push({ family: who.family, givenKey: nickname.toLowerCase(), kind: 'c' });
  }
  h = next(h);
  let former = '';
  if (who.maiden !== undefined && who.maiden.key !== who.family.key) {
    const before = { family: who.maiden, givenKey: who.given.key, kind: 'f' } as const;
    if (chance(h, 250)) {
      former = `"name":[{"use":"usual","given":["${who.given.text}"],"family":"${who.maiden.text}"}]`;
      names.push(before);
    } else if (chance(h, 500)) {
      text += `|Nm${born}^${who.maiden.text}^${who.given.text}`;
      names.push(before);
    }
  }
  h = next(h);

  text += `|D${who.gender}${born}`;
  if (who.twin > 0) text += `^${who.twin}`;
  if (died > 0) text += `${who.twin > 0 ? '' : '^'}^${packBits(died)}`;
  if (died === 0 && !chance(h, 25)) {
    const practice = chance(h, 930) ? home.practice : h % practicesInTown;
    text += `|G${since}^${practiceCode(home.street.townIndex, practice)}`;
  }
  h = next(h);
  if (died === 0 && chance(h, age > 60 ? 520 : 240)) {
    text += `|P${pharmacyCode(home.street.townIndex, (home.practice + (h & 1)) % practicesInTown)}`;
  }
  if (died > 0) text += `|X${chance(h, 900) ? 2 : 1}${packBits(died)}`;
  h = next(h);
  const language = heritageOf(who.origin)?.language;
  if (language !== undefined && chance(h, 70)) text += `|L${language[0]}^${language[1]}^${h & 1}`;
  if (chance(next(h), 4)) text += h & 1 ? '|K12^Braille' : '|K11^Large print';
  h = next(h);

  text += telecoms(who, age, home, since, h);
  h = next(h);
  if (chance(h, 55)) text += `|Cp${since}^${mobileNumber(next(h))}`;
  h = next(h);
  text += `|Ah${since}^${home.street.postcode}^${home.lines}`;
  let postcodes = `,${home.street.postcodeKey}`;
  if (chance(h, 45)) {
    const from = homeOf(seed, (index * 7 + 48_271) % 1_000_000_007);
    const old = householdAt(seed, from.first, from.n, 1);
    const lines = old.lines.replaceAll('~', '","');
    former += `${former === '' ? '' : ','}"address":[{"use":"home","line":["${lines}"],"postalCode":"${old.street.postcode}"}]`;
    if (old.street.postcodeKey !== home.street.postcodeKey) postcodes += `,${old.street.postcodeKey}`;
  } else if (age >= 18 && age < 23 && chance(h, 90)) {
    const term = packBits(dayBits(countedIn - 1, 9, 20)) + packBits(dayBits(countedIn, 6, 30));
    const hall = householdAt(seed, Math.floor((h % 5000) * 32), h % 20, 1);
    text += `|At${term}^${hall.street.postcode}^${hall.lines}^^Student Accommodation`;
    if (hall.street.postcodeKey !== home.street.postcodeKey) postcodes += `,${hall.street.postcodeKey}`;
  }
  h = next(h);

  const security = chance(h, 0.2) ? 'V' : chance(h, 2.2) ? 'R' : 'U';
  return {
    nhsNumber: numberAt(index),
    version: 1 + Math.min(below(h, 7), below(next(h), 9)),
    state: 'a',
    security,
    survivor: undefined,
    record: text,
    former: former === '' ? '' : `{${former}}`,
    bornOn: unpackDate(born, 0)!,
    gender: who.gender,
    postcodes: security === 'R' ? '' : postcodes,
    names: security === 'V' ? [] : names,
  };
}

/** The day of death (dayBits), 0 for the living. The older, the likelier; never before birth nor after the count. */
function deathOf(who: Member, h: number): number {
  const age = countedIn - who.bornIn;
  const perMille =
    age < 40 ? 4 : age < 60 ? 15 : age < 70 ? 50 : age < 80 ? 130 : age < 90 ? 380 : age < 97 ? 720 : 950;
  if (!chance(h, perMille)) return 0;
  const years = below(next(h), Math.min(20, age));
  const died = dayBits(countedIn - 1 - years, 1 + (h % 12), 1 + ((h >>> 6) % 28));
  return Math.max(died, who.born);
}

function prefixOf(who: Member, age: number, h: number): string {
  if (chance(h, 30)) return '';
  if (age < 16) return who.gender === 'f' ? 'Miss' : 'Master';
  if (chance(h, 42)) return 'Dr';
  if (who.gender === 'm') return 'Mr';
  if (who.isMarried) return chance(h, 900) ? 'Mrs' : 'Ms';
  return chance(h, age < 30 ? 700 : 300) ? 'Miss' : 'Ms';
}

/** A mobile number of the range kept free for fiction. */
function mobileNumber(h: number): string {
  return `07700900${String(below(h, 1000)).padStart(3, '0')}`;
}

const mailDomains = ['example.com', 'example.org', 'example.net', 'mail.example.com'];

function telecoms(who: Member, age: number, home: Household, since: string, h0: number): string {
  let h = h0;
  let text = '';
  if (home.landline !== '') text += `|Tph${since}^${home.landline}`;
  if (age >= 13 && chance(h, age < 70 ? 830 : 480)) text += `|Tpb${since}^${mobileNumber(next(h))}`;
  h = next(next(h));
  if (age >= 16 && chance(h, age < 70 ? 520 : 230)) text += `|Teh${since}^${mailOf(who.given, who.family, h)}`;
  return text;
}

function mailOf(given: Name, family: Name, h: number): string {
  const start = h & 0x100 ? given.mail : given.mail.charAt(0);
  return `${start}.${family.mail}${h % 97}@${mailDomains[(h >>> 12) & 3]}`;
}
