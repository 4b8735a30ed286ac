import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { person, type Sketch, testNumber } from '../../../../test/support/trace-people.ts';
import type { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { StoredPatient } from '../patient.ts';
import { replaceTrace } from '../queries-trace.ts';
import { findDuplicates } from './duplicates.ts';
import { scoreCandidate } from './match.ts';
import { searchPatients } from './search.ts';
import { parseSearch } from './search-parameters.ts';
import { traceRows } from './trace-rows.ts';

const families = ['Smith', 'Smythe', 'Smyth', "O'Brien", 'Obrien', 'Jane', 'de Béthune', 'Müller', 'Muller', 'Sm_th'];
const givens = ['Jane', 'Jayne', 'Robert', 'Bob', 'Mary Ann', 'Ann', 'Smith', 'Łukasz', 'José', 'Jan%'];
const postcodes = ['LS1 6AE', 'LS1 6EA', 'LS2 6AE', 'DN17 4AA', 'ZZ99 3AA'];
const days = ['1980-02-03', '1980-03-02', '1980-02-04', '1985-02-03', '2001-12-31'];
const genders = ['male', 'female', 'unknown', 'other'];

/** A number that looks random and is the same each time. */
const drawn = (n: number, salt: number): number => Math.imul(n * 2_654_435_761 + salt * 40_503, 0x45d9f3b) >>> 8;
const pick = <One>(from: readonly One[], n: number, salt: number): One => from[drawn(n, salt) % from.length] as One;

function sketch(n: number): Sketch {
  const chance = (salt: number, of: number) => drawn(n, salt) % of === 0;
  return {
    family: pick(families, n, 1),
    given: chance(2, 2) ? [pick(givens, n, 3)] : [pick(givens, n, 3), pick(givens, n, 4)],
    gender: pick(genders, n, 5),
    born: pick(days, n, 6),
    postcodes: chance(7, 4) ? [] : [pick(postcodes, n, 8)],
    security: chance(9, 8) ? 'R' : chance(10, 30) ? 'V' : 'U',
    state: chance(11, 20) ? 'invalidated' : 'active',
    ...(chance(12, 3)
      ? {
          former: {
            name: [{ family: pick(families, n, 13), given: [pick(givens, n, 14)] }],
            address: [{ postalCode: pick(postcodes, n, 15) }],
            gender: [pick(genders, n, 16)],
          },
        }
      : {}),
  };
}

let db: Database;
const people = new Map<string, StoredPatient>();
const loadPatients = async (numbers: readonly string[]) => numbers.map((nhs) => people.get(nhs) as StoredPatient);

async function hold(more: readonly StoredPatient[]): Promise<void> {
  for (const stored of more) people.set(stored.nhsNumber, stored);
  await db.transaction((tx) => replaceTrace(tx, [], more.flatMap(traceRows)));
}

beforeAll(async () => {
  db = await testDatabase();
  await hold(Array.from({ length: 600 }, (_, n) => person(n, sketch(n))));
});

const search = (query: [string, string][] | string) =>
  searchPatients({ db, loadPatients }, parseSearch([...new URLSearchParams(query)], { onlyOne: false }));

describe('a search', () => {
  const wild = (values: readonly string[]) =>
    fc.tuple(fc.constantFrom(...values), fc.integer({ min: 2, max: 5 })).map(([value, at]) => `${value.slice(0, at)}*`);
  const oneOf = (values: readonly string[]) => fc.oneof(fc.constantFrom(...values), wild(values));
  const maybe = <One>(some: fc.Arbitrary<One>) => fc.option(some, { nil: undefined });
  const date = fc.oneof(
    fc.constantFrom(...days).map((day) => [day]),
    fc.constantFrom(
      ['ge1980-02-03', 'le1980-03-02'],
      ['ge1970-01-01'],
      ['le2030-01-01'],
      ['ge1990-01-01', 'le1980-01-01'],
    ),
  );
  const asked = fc.record({
    family: maybe(oneOf(families)),
    given: fc.array(oneOf(givens), { maxLength: 2 }),
    gender: maybe(fc.constantFrom(...genders)),
    'address-postalcode': maybe(oneOf(postcodes)),
    birthdate: date,
    _history: maybe(fc.constantFrom('true', 'false')),
    '_fuzzy-match': maybe(fc.constantFrom('true', 'false')),
    '_exact-match': maybe(fc.constant('true')),
  });

  /** Searches for one of the people, now and then with another's name or postcode. */
  const askedOfSomebody = fc
    .tuple(fc.nat(599), fc.nat(599), fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), date)
    .map(([n, other, [isOthersFamily, isOthersGiven, isOthersPlace, isPlaced, isRange, isFuzzy], range]) => {
      const [own, another] = [sketch(n), sketch(other)];
      return {
        family: (isOthersFamily ? another : own).family,
        given: (isOthersGiven ? another : own).given,
        gender: isPlaced ? own.gender : undefined,
        'address-postalcode': isPlaced ? ((isOthersPlace ? another : own).postcodes?.[0] ?? 'LS1 6AE') : undefined,
        birthdate: isRange ? range : [own.born],
        '_fuzzy-match': String(isFuzzy),
      };
    });

  test('finds through the index exactly those whom the rules match among all people', async () => {
    const matched = { fuzzy: 0, plain: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(asked, askedOfSomebody), async (parameters) => {
        const query = Object.entries(parameters).flatMap(([name, values]) =>
          [values ?? []].flat().map((value): [string, string] => [name, value as string]),
        );
        let criteria: ReturnType<typeof parseSearch>;
        try {
          criteria = parseSearch(query, { onlyOne: false });
        } catch {
          return;
        }
        const expected = [...people.values()].flatMap((stored) => {
          const scored = scoreCandidate(criteria, stored);
          return scored ? [{ nhsNumber: stored.nhsNumber, score: scored.score }] : [];
        });
        expected.sort((a, b) => b.score - a.score || (a.nhsNumber < b.nhsNumber ? -1 : 1));
        const found = await searchPatients({ db, loadPatients }, criteria);
        if (expected.length > 50) {
          expect(found).toBe('too-many');
          return;
        }
        matched[criteria.isFuzzy ? 'fuzzy' : 'plain'] += expected.length;
        expect(
          found === 'too-many'
            ? found
            : found.matches.map(({ stored, score }) => ({ nhsNumber: stored.nhsNumber, score })),
        ).toEqual(expected);
      }),
      { numRuns: 600 },
    );
    expect(matched.fuzzy).toBeGreaterThan(50);
    expect(matched.plain).toBeGreaterThan(50);
  });

  test('answers too many when more match than may be answered, and all when just as many do', async () => {
    await hold(
      Array.from({ length: 7 }, (_, n) => person(5000 + n, { family: 'Xu', given: ['Li'], born: '1977-07-07' })),
    );
    expect(await search('family=Xu&birthdate=1977-07-07&_max-results=6')).toBe('too-many');
    const found = await search('family=Xu&birthdate=1977-07-07&_max-results=7');
    expect(found === 'too-many' ? found : found.matches.length).toBe(7);
  });

  test('finds by any of more postcodes than the index can list', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `NE${i} 4XY`);
    await hold([
      person(5100, { family: 'Mover', given: ['Ann'], gender: 'female', born: '1977-07-08', postcodes: many }),
    ]);
    for (const query of ['family=Mover', 'family=Mover&gender=female&_fuzzy-match=true']) {
      const found = await search(`${query}&birthdate=1977-07-08&address-postalcode=NE594XY`);
      expect(found === 'too-many' ? found : found.matches.map(({ score }) => score)).toEqual([1]);
    }
  });

  test('sees what phone or e-mail single out of very many', async () => {
    const many = Array.from({ length: 900 }, (_, n) =>
      person(6000 + n, { family: 'Zhang', given: ['Wei'], born: '1966-06-06', email: `wei${n}@example.org` }),
    );
    await hold(many);
    expect(await search('family=Zhang&birthdate=1966-06-06')).toBe('too-many');
    for (const dates of [
      'birthdate=1966-06-06',
      'birthdate=ge1966-01-01&birthdate=le1966-12-31',
      'birthdate=ge1900-01-01',
    ]) {
      const found = await search(`family=Zhang&${dates}&email=WEI876@example.org`);
      expect(found === 'too-many' ? found : found.matches.map(({ stored }) => stored.nhsNumber)).toEqual([
        testNumber(6876),
      ]);
    }
  });
});

describe('the trace index', () => {
  const rowsOf = (stored: StoredPatient) =>
    db.query(
      sql`select family_key, given_key, kind, postcodes from pds.trace where nhs_number = ${stored.nhsNumber} order by kind`,
    );

  test('takes rows out and puts rows in, of many people at once, twice without harm', async () => {
    const before = person(9000, { family: 'Old', given: ['Ann'], born: '1990-01-01' });
    const after = { ...person(9000, { family: 'New', given: ['Ann'], born: '1990-01-02', postcodes: ['LS1 6AE'] }) };
    const other = person(9001, { family: 'Other', given: ['Bea'], born: '1990-01-01' });
    await hold([before, other]);
    for (let i = 0; i < 2; i++) {
      await db.transaction((tx) => replaceTrace(tx, [before, other].flatMap(traceRows), traceRows(after)));
    }
    expect(await rowsOf(after)).toEqual([{ family_key: 'new', given_key: 'ann', kind: 'c', postcodes: ',ls16ae' }]);
    expect(await rowsOf(other)).toEqual([]);
  });

  test('keeps the latest of what is said of a name', async () => {
    const stored = person(9002, { family: 'Stay', given: ['Ann'], born: '1990-01-01' });
    await hold([stored]);
    await hold([person(9002, { family: 'Stay', given: ['Ann'], born: '1990-01-01', postcodes: ['LS1 6AE'] })]);
    expect(await rowsOf(stored)).toEqual([{ family_key: 'stay', given_key: 'ann', kind: 'c', postcodes: ',ls16ae' }]);
  });
});

describe('the check for duplicates', () => {
  const held = {
    family: 'McTwice',
    given: ['Leander', 'Gerald'],
    gender: 'male',
    born: '1997-08-21',
    postcodes: ['DN19 7UD'],
  };
  const asked = {
    name: { family: 'MCTWICE', given: ['Leander'] },
    birthDate: held.born,
    gender: 'male',
    postcode: 'dn197ud',
  };
  const duplicates = async (person: Parameters<typeof findDuplicates>[1]) =>
    (await findDuplicates({ db, loadPatients }, person)).map(({ nhsNumber }) => nhsNumber);

  beforeAll(() => hold([person(9100, held), person(9101, held), person(9102, { ...held, security: 'R' })]));

  test('finds who has the names, birth date, gender and postcode, by number', async () => {
    expect(await duplicates(asked)).toEqual([testNumber(9100), testNumber(9101)]);
  });

  test('finds nobody where one of them differs, or there is no family name', async () => {
    for (const other of [
      { ...asked, name: { family: 'McOnce', given: ['Leander'] } },
      { ...asked, name: { family: 'McTwice', given: ['Leander', 'Paul'] } },
      { ...asked, birthDate: '1997-08-22' },
      { ...asked, gender: 'female' },
      { ...asked, postcode: 'DN19 7UE' },
      { ...asked, name: { given: ['Leander'] } },
    ]) {
      expect(await duplicates(other)).toEqual([]);
    }
  });
});
