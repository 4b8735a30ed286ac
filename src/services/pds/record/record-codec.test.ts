import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { extensionUrls, odsSystem, type Patient, type Security } from '../patient.ts';
import { deathDisplays, numberIdentifier, recordMeta, systems } from './constants.ts';
import { idSeed, objectId } from './object-id.ts';
import { decodeRecord, encodeRecord } from './record-codec.ts';
import { renderRecord } from './render-record.ts';
import { tag } from './tags.ts';

const number = '9434765919' as NhsNumber;
const seed = idSeed(number);

const typical: Patient = {
  resourceType: 'Patient',
  id: number,
  identifier: numberIdentifier(number),
  meta: recordMeta(3, 'U'),
  name: [
    {
      id: objectId(seed, tag.name, 0),
      use: 'usual',
      period: { start: '1987-06-05' },
      given: ['Zoë', 'Mary Ann'],
      family: "O'Neill",
      prefix: ['Ms'],
    },
  ],
  gender: 'female',
  birthDate: '1987-06-05',
  generalPractitioner: [
    {
      id: objectId(seed, tag.practice, 0),
      type: 'Organization',
      identifier: { system: odsSystem, value: 'C81007', period: { start: '2015-02-28' } },
    },
  ],
  extension: [
    {
      url: extensionUrls.NominatedPharmacy,
      valueReference: { identifier: { system: odsSystem, value: 'FA512' } },
    },
  ],
  telecom: [
    {
      id: objectId(seed, tag.telecom, 0),
      period: { start: '2020-02-29' },
      system: 'phone',
      value: '07700900461',
      use: 'mobile',
    },
    {
      id: objectId(seed, tag.telecom, 1),
      period: { start: '2020-02-29' },
      system: 'email',
      value: 'zoe.oneill@example.org',
      use: 'home',
    },
  ],
  address: [
    {
      id: objectId(seed, tag.address, 0),
      period: { start: '2014-11-01' },
      use: 'home',
      line: ['Flat 2', '17 Chapel Street', 'Derby'],
      postalCode: 'DE1 3GT',
    },
  ],
};

function read(patient: Patient): Patient {
  const { version, security } = columns(patient);
  return decodeRecord(encodeRecord(patient), patient.id, version, security);
}

function columns(patient: Patient): { version: number; security: Security } {
  const code = patient.meta?.security?.[0]?.code;
  const version = Number(patient.meta?.versionId);
  return {
    version: Number.isSafeInteger(version) ? version : 1,
    security: code === 'R' || code === 'V' ? code : 'U',
  };
}

function expectKept(patient: Patient): void {
  const text = encodeRecord(patient);
  const { version, security } = columns(patient);
  const decoded = decodeRecord(text, patient.id, version, security);
  expect(decoded).toStrictEqual(patient);
  expect(renderRecord(text, patient.id, version, security)).toBe(JSON.stringify(decoded));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a text column holds no NUL
  expect(text).not.toMatch(/\u0000/);
  expect(text.isWellFormed()).toBe(true);
}

/** What a JSON document can say: no undefined, no minus zero. */
function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('the text a record is stored as', () => {
  test('is short for an ordinary person and holds no number, version or code system', () => {
    const text = encodeRecord(typical);
    expect(text.length).toBeLessThan(180);
    expect(text).not.toContain(number);
    expect(text).not.toContain('http');
    expect(text).not.toContain('{');
  });

  test('gives the record back, in decoded and in rendered form', () => {
    expectKept(typical);
  });

  test('gives a fresh object each time, so that one reader cannot change what another reads', () => {
    const text = encodeRecord(typical);
    const first = decodeRecord(text, number, 3, 'U');
    first.identifier![0]!.extension!.length = 0;
    first.meta!.security![0]!.code = 'V';
    first.name![0]!.given!.push('Changed');
    expect(decodeRecord(text, number, 3, 'U')).toStrictEqual(typical);
  });

  test('takes version and confidentiality from the row', () => {
    const read = decodeRecord(encodeRecord(typical), number, 12, 'R');
    expect(read.meta).toStrictEqual(recordMeta(12, 'R'));
  });

  test('of a record with nothing in it is empty', () => {
    const bare: Patient = {
      resourceType: 'Patient',
      id: number,
      identifier: numberIdentifier(number),
      meta: recordMeta(1, 'U'),
    };
    expect(encodeRecord(bare)).toBe('');
    expectKept(bare);
  });

  test('keeps every published extension dense', () => {
    const extension = [
      {
        url: extensionUrls.DeathNotificationStatus,
        extension: [
          {
            url: 'deathNotificationStatus',
            valueCodeableConcept: {
              coding: [
                { system: systems.deathNotification, version: '1.0.0', code: '1', display: deathDisplays['1']! },
              ],
            },
          },
          { url: 'systemEffectiveDate', valueDateTime: '2021-03-04T05:06:07+00:00' },
        ],
      },
      {
        url: extensionUrls.NHSCommunication,
        extension: [
          {
            url: 'language',
            valueCodeableConcept: {
              coding: [{ system: systems.language, version: '1.0.0', code: 'pl', display: 'Polish' }],
            },
          },
          { url: 'interpreterRequired', valueBoolean: false },
        ],
      },
      {
        url: extensionUrls.ContactPreference,
        extension: [
          {
            url: 'PreferredContactMethod',
            valueCodeableConcept: { coding: [{ system: systems.contactMethod, code: '4', display: 'E-mail' }] },
          },
          { url: 'PreferredContactTimes', valueString: 'Evenings' },
        ],
      },
      { url: extensionUrls.birthPlace, valueAddress: { city: 'Derby', country: 'GBR' } },
      {
        url: extensionUrls.RemovalFromRegistration,
        extension: [
          {
            url: 'removalFromRegistrationCode',
            valueCodeableConcept: { coding: [{ system: systems.removal, code: 'EMB', display: 'Embarkation' }] },
          },
          { url: 'effectiveTime', valuePeriod: { start: '2020-01-01T00:00:00+00:00' } },
        ],
      },
    ];
    const patient: Patient = { ...typical, extension };
    expect(encodeRecord(patient)).not.toContain('{');
    expectKept(patient);
  });

  test.each([
    ['a separator in a name', { name: [{ family: 'A|B' }, { family: 'A^B' }, { given: ['A~B'] }] }],
    ['quotes, line ends and backslashes', { name: [{ family: 'a"b\n\\' }], address: [{ line: ['\ttab'] }] }],
    ['NUL and a lone surrogate', { name: [{ family: 'a\u0000' }, { family: 'b\ud800' }, { family: '\u{1f600}' }] }],
    ['empty texts and lists', { name: [{ family: '', given: [], id: '' }], telecom: [], address: [{ line: [''] }] }],
    ['a null among the lines', { address: [{ line: ['1 High Street', null], _line: [null, { extension: [] }] }] }],
    ['what is no list', { name: 'Smith', address: { line: [] }, telecom: null }],
    ['list entries that are no objects', { name: [5, null, 'x', [], {}], extension: [true] }],
    ['dates that are none', { birthDate: '1987', name: [{ period: { start: '1987-06' } }, { period: {} }] }],
    ['years out of reach', { birthDate: '1066-10-14', name: [{ period: { start: '3000-01-01' } }] }],
    ['days that do not exist', { birthDate: '1987-02-31', name: [{ period: { start: '1987-13-01' } }] }],
    ['members of our own tags', { '*': 1, '!': 2, members: ['|'] }],
    ['a missing identifier and meta', { identifier: undefined, meta: undefined }],
    ['another identifier and meta', { identifier: [{ value: '1' }], meta: { versionId: '2', lastUpdated: 'x' } }],
    ['a version that is no number', { meta: { ...recordMeta(1, 'U'), versionId: '01' } }],
    ['a number as text', { multipleBirthInteger: '2' }],
    ['a death at another offset', { deceasedDateTime: '2020-01-01T00:00:00+01:00' }],
  ])('loses nothing of %s', (_, members) => {
    const patient = asJson({ ...typical, ...members }) as unknown as Patient;
    expectKept(patient);
  });

  test('loses nothing of a member called __proto__', () => {
    const patient = JSON.parse(JSON.stringify(typical).replace('"gender"', '"__proto__":{"x":1},"gender"')) as Patient;
    const decoded = read(patient);
    expect(Object.getOwnPropertyDescriptor(decoded, '__proto__')?.value).toEqual({ x: 1 });
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });
});

const word = fc.oneof(
  fc.constantFrom('Smith', 'Åsa', 'a|b', 'c^d', 'e~f', '-', '', 'x"y', 'Mr', 'usual', 'home', 'phone', 'other'),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const date = fc.oneof(
  fc
    .date({ min: new Date('1690-01-01'), max: new Date('2230-01-01'), noInvalidDate: true })
    .map((d) => d.toISOString().slice(0, 10)),
  word,
);
const dateTime = fc.oneof(
  date.map((day) => `${day}T00:00:00+00:00`),
  date.map((day) => `${day}T12:34:56+00:00`),
  date,
);
const optional = { requiredKeys: [] as [] };
const period = fc.record({ start: date, end: date }, optional);
const id = fc.constantFrom(...[0, 1, 2].map((n) => objectId(seed, tag.name, n)), 'EE13E36A', '-', '');
const use = fc.constantFrom('usual', 'old', 'nickname', 'home', 'work', 'temp', 'mobile', 'billing', 'odd');
const words = fc.array(word, { maxLength: 3 });
const nameItem = fc.record({ id, use, period, family: word, given: words, prefix: words, suffix: words }, optional);
const telecomItem = fc.record(
  { id, use, period, value: word, system: fc.constantFrom('phone', 'email', 'other', 'fax', 'odd'), extension: words },
  optional,
);
const addressItem = fc.record(
  { id, use, period, text: word, line: words, postalCode: word, city: word, extension: fc.array(fc.jsonValue()) },
  optional,
);
const practice = fc.record(
  {
    id,
    type: fc.constant('Organization'),
    identifier: fc.record({ system: fc.constant(odsSystem), value: word, period }, optional),
  },
  optional,
);
const extensionItem = fc.oneof(
  fc.record({
    url: fc.constantFrom(...Object.values(extensionUrls)),
    extension: fc.array(fc.record({ url: word, valueString: word, valueBoolean: fc.boolean() }, optional)),
  }),
  fc.record({
    url: fc.constantFrom(extensionUrls.NominatedPharmacy, extensionUrls.MedicalApplianceSupplier),
    valueReference: fc.record({ identifier: fc.record({ system: fc.constant(odsSystem), value: word }, optional) }),
  }),
  fc.record({
    url: fc.constant(extensionUrls.birthPlace),
    valueAddress: fc.record({ city: word, district: word, country: word }, optional),
  }),
);
const patientLike = fc.record(
  {
    name: fc.array(nameItem, { maxLength: 3 }),
    gender: fc.oneof(fc.constantFrom('male', 'female', 'other', 'unknown'), word),
    birthDate: date,
    multipleBirthInteger: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    deceasedDateTime: dateTime,
    generalPractitioner: fc.array(practice, { maxLength: 2 }),
    managingOrganization: practice,
    extension: fc.array(extensionItem, { maxLength: 3 }),
    telecom: fc.array(telecomItem, { maxLength: 3 }),
    address: fc.array(addressItem, { maxLength: 2 }),
  },
  optional,
);

describe('whatever patient JSON is stored', () => {
  const frame = { resourceType: 'Patient', id: number, identifier: numberIdentifier(number), meta: recordMeta(7, 'R') };

  test('comes back the same when it has the shape of a patient', () => {
    fc.assert(
      fc.property(patientLike, (members) => {
        expectKept(asJson({ ...frame, ...members }) as unknown as Patient);
      }),
      { numRuns: 1500 },
    );
  });

  test('comes back the same when its members are anything at all', () => {
    const members = fc.dictionary(
      fc.oneof(fc.constantFrom('name', 'address', 'telecom', 'meta', 'identifier', 'extension', 'gender'), fc.string()),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(members, (anything) => {
        const patient = asJson({ ...frame, ...anything, resourceType: 'Patient', id: number }) as unknown as Patient;
        expectKept(patient);
      }),
      { numRuns: 1000 },
    );
  });
});
