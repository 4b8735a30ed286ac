import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../../../platform/http/refusal.ts';
import { parseSearch } from './search-parameters.ts';

const staff = { onlyOne: false };
const parse = (query: string, mode = staff) => parseSearch([...new URLSearchParams(query)], mode);

function refusalOf(query: string): [code: string, diagnostics: string | undefined] {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof Refusal) {
      const { issue } = error.body as { issue: { diagnostics?: string }[] };
      expect(error.status).toBe(400);
      return [error.code, issue[0]?.diagnostics];
    }
    throw error;
  }
  throw new Error(`not refused: ${query}`);
}

const minimum =
  "Invalid search data provided - 'No searches were performed as the search criteria did not meet the minimum requirements'";
const fuzzyMinimum =
  "Invalid search data provided - 'A fuzzy search was requested however the data given did not meet the fuzzy search criteria'";
const noBirthDate = "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'";
const bad = (value: string, field: string) => ['INVALID_VALUE', `Invalid value - '${value}' in field '${field}'`];

test('nothing asked is an unsupported service, without diagnostics', () => {
  expect(refusalOf('')).toEqual(['UNSUPPORTED_SERVICE', undefined]);
});

test('unknown parameters are named, one or several, before anything else is looked at', () => {
  expect(refusalOf('year=2010&birthdate=x')).toEqual([
    'ADDITIONAL_PROPERTIES',
    "Invalid request with error - Additional properties are not allowed ('year' was unexpected)",
  ]);
  expect(refusalOf('model=a&family=Smith&make=b&make=c')).toEqual([
    'ADDITIONAL_PROPERTIES',
    "Invalid request with error - Additional properties are not allowed ('model', 'make' were unexpected)",
  ]);
});

test.each(['history', 'managing-organization', 'toString', '__proto__', 'Family'])('%s is no parameter', (name) => {
  expect(refusalOf(`family=Smith&birthdate=2000-01-01&${name}=true`)[0]).toBe('ADDITIONAL_PROPERTIES');
});

test.each(['20101022', 'ne2010-10-22', '2010-02-30', '2010-13-01', '0000-01-01', '', 'ge', '2010-10-22T00:00:00'])(
  'the date %j is refused, as birth and as death date',
  (date) => {
    expect(refusalOf(`birthdate=${date}`)).toEqual(bad(date, 'birthdate'));
    expect(refusalOf(`family=Smith&birthdate=ge2000-01-01&death-date=${date}`)).toEqual(bad(date, 'death-date'));
  },
);

test('a bad death date comes before a missing birth date, and that before too little to search by', () => {
  expect(refusalOf('death-date=x')).toEqual(bad('x', 'death-date'));
  expect(refusalOf('given=Jane')).toEqual(['MISSING_VALUE', noBirthDate]);
  expect(refusalOf('given=Jane&birthdate=2000-01-01')).toEqual(['INVALID_SEARCH_DATA', minimum]);
});

test.each([
  ['gender', 'Female'],
  ['gender', ''],
  ['_max-results', '0'],
  ['_max-results', '51'],
  ['_max-results', '1.5'],
  ['_max-results', '-1'],
  ['_fuzzy-match', 'yes'],
  ['_exact-match', 'TRUE'],
  ['_history', '1'],
  ['given', ''],
  ['given', 'J*'],
  ['given', '*'],
  ['given', 'x'.repeat(36)],
  ['given', 'Ja\u0000ne'],
  ['given', 'Ja\nne'],
  ['given', 'a\u2028b'],
  ['address-postalcode', 'L*'],
  ['address-postalcode', 'x'.repeat(21)],
  ['general-practitioner', 'Y1'],
  ['general-practitioner', 'Y123%'],
  ['email', ' '],
  ['phone', '0'.repeat(51)],
])('%s %j is refused', (name, value) => {
  const query = new URLSearchParams([
    ['family', 'Smith'],
    ['birthdate', '2000-01-01'],
    [name, value],
  ]);
  expect(refusalOf(query.toString())).toEqual(bad(value, name));
});

test('what can be given once is refused when given twice', () => {
  expect(refusalOf('family=Smith&family=Jones&birthdate=2000-01-01')).toEqual(bad("['Smith', 'Jones']", 'family'));
});

test('both spellings of the postcode together are refused', () => {
  expect(refusalOf('family=Smith&birthdate=2000-01-01&address-postalcode=LS1&address-postcode=LS1')[0]).toBe(
    'INVALID_SEARCH_DATA',
  );
});

const enough = [
  'given=Jane&family=Smith',
  'family=Smith&gender=female&address-postalcode=LS1%206AE',
  'given=Jane&gender=female&address-postcode=LS1%206AE',
];

test.each(enough)('%s is enough for a fuzzy search, a range of birth dates too', (query) => {
  expect(parse(`${query}&birthdate=2000-01-01&_fuzzy-match=true`).isFuzzy).toBe(true);
  expect(parse(`${query}&birthdate=ge2000-01-01&_fuzzy-match=true`).withHistory).toBe(true);
});

test.each([
  'family=Smith',
  'given=Jane',
  'family=Smith&gender=female',
  'given=Jane&address-postalcode=LS1%206AE',
  'gender=female&address-postalcode=LS1%206AE',
  'family=Sm*&given=Jane',
  'family=S*&given=Jane',
  'family=Smith&given=Ja*',
  'family=Smith&given=Jane&address-postalcode=LS*',
])('%s is not for a fuzzy search', (query) => {
  expect(refusalOf(`${query}&birthdate=2000-01-01&_fuzzy-match=true`)).toEqual(['INVALID_SEARCH_DATA', fuzzyMinimum]);
});

test('values are taken in the form in which they are compared', () => {
  const query =
    'family=+de++Souza+&given=John%20Paul&given=James&birthdate=eq2010-10-22&address-postcode=ls1%206ae' +
    '&general-practitioner=y12345&email=Jane.Smith@Example.com&phone=01632%20960587&gender=female&_exact-match=true';
  expect(parse(query)).toEqual({
    family: 'de Souza',
    given: ['John Paul', 'James'],
    gender: 'female',
    birth: { from: '2010-10-22', to: '2010-10-22' },
    death: undefined,
    postcode: 'ls16ae',
    generalPractitioner: 'Y12345',
    email: 'jane.smith@example.com',
    phone: '01632960587',
    isFuzzy: false,
    isExactOnly: true,
    withHistory: false,
    maxResults: 50,
  });
});

test.each([
  ['birthdate=2010-10-22', '2010-10-22', '2010-10-22'],
  ['birthdate=ge2010-10-22', '2010-10-22', undefined],
  ['birthdate=le2010-10-22', undefined, '2010-10-22'],
  ['birthdate=le2011-01-01&birthdate=ge1900-01-01', '1900-01-01', '2011-01-01'],
  ['birthdate=ge2011-01-01&birthdate=le2010-01-01', '2011-01-01', '2010-01-01'],
])('%s is from %s to %s', (query, from, to) => {
  expect(parse(`family=Smith&${query}`).birth).toEqual({ from, to });
});

test('who may have one result asks for one', () => {
  expect(parse('family=Smith&birthdate=2010-10-22', { onlyOne: true }).maxResults).toBe(1);
  expect(parse('family=Smith&birthdate=2010-10-22&_max-results=7').maxResults).toBe(7);
});

test('whatever is sent, it is understood or refused with 400', () => {
  const names = ['family', 'given', 'birthdate', 'death-date', 'gender', 'phone', '_fuzzy-match', 'address-postalcode'];
  const values = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('true', '2000-01-01', 'Smith', 'male'));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 6 }), (query) => {
      try {
        parseSearch(query, staff);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).status).toBe(400);
      }
    }),
    { numRuns: 1000 },
  );
});
