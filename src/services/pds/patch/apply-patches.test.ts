import fc from 'fast-check';
import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import type { Patient } from '../patient.ts';
import { extensionUrls } from '../patient.ts';
import {
  adaPatient,
  add,
  deathStatus,
  frozen,
  patched,
  pharmacy,
  refusalOf,
  remove,
  replace,
  test,
  today,
} from './patched.fixture.ts';

/** Every pointer into the patient, and some that lead nowhere. */
function pointersOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([member, inner]) => pointersOf(inner, `${path}/${member}`))];
}

const strays = ['/name/-', '/extension/-', '/address/-', '/telecom/-', '/contact/-', '/generalPractitioner/-'];
const nowhere = [
  '/deceasedDateTime',
  '/multipleBirthInteger',
  '/name/0/suffix/0',
  '/name/0/given/-',
  '/name/9',
  '/a~1b',
];
const pointer = fc.oneof(
  fc.constantFrom(...pointersOf(adaPatient()), ...strays, ...nowhere),
  fc.string(),
  fc.jsonValue(),
);

const valuesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(valuesOf)] : [value];
const wholeObjects = [
  { use: 'old', family: 'Eze', given: ['Ann'] },
  { use: 'temp', text: 'Mobile Home', line: ['1', '2'], period: { start: today, end: today } },
  { system: 'email', use: 'home', value: 'ada@example.org' },
  { ...deathStatus('1') },
  { url: extensionUrls.birthPlace, valueAddress: { city: 'Ibadan' } },
];
const member = fc.constantFrom(
  'id',
  'url',
  'use',
  'period',
  'start',
  'line',
  'given',
  'extension',
  '__proto__',
  'coding',
);
const wild = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      ...valuesOf(adaPatient()),
      ...wholeObjects,
      'male',
      '2026-01-01',
      null,
      '\ud800',
      '\u0000',
      Number.POSITIVE_INFINITY,
    ),
    fc.string({ unit: 'binary' }),
    fc.jsonValue(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(member, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const operation = fc.record(
  { op: fc.constantFrom('add', 'replace', 'remove', 'test', 'copy'), path: pointer, value: wild },
  { requiredKeys: ['op', 'path'] },
);

/** Where changes are often allowed, and values that often are. */
const likelyPlaces = fc.constantFrom(
  ...['/name/0/given/0', '/name/0/given/1', '/name/0/family', '/name/0/prefix/0', '/name/1/suffix/0', '/name/1/given'],
  ...['/name/1/period/end', '/telecom/0/value', '/telecom/1/period', '/contact/0/telecom/0/value', '/contact/0/period'],
  ...['/address/0/line/0', '/address/0/line/3', '/address/0/postalCode', '/address/0/period/end', '/gender', ...strays],
);
const likelyValues = fc.constantFrom<unknown>(
  ...[
    'Ann',
    'MBE',
    'Mrs.',
    'LS1 1AA',
    'ZZ99 3VZ',
    '',
    ' ',
    '2026-01-01',
    'unknown',
    ['Ann', 'Mary Sue'],
    { start: today },
  ],
  ...wholeObjects,
);

/** Patches that get past the first conditions: each change of a part with its id, each removal with its test. */
const plausible = fc
  .array(
    fc
      .tuple(
        fc.constantFrom('add', 'add', 'replace', 'remove'),
        fc.oneof(likelyPlaces, likelyPlaces, pointer),
        fc.oneof(likelyValues, likelyValues, wild),
      )
      .map(([op, path, value]) => {
        const [, list = '', index = ''] = typeof path === 'string' ? path.split('/') : [];
        const key = list === 'extension' ? 'url' : 'id';
        const lists = adaPatient() as unknown as Record<string, Record<string, Record<string, unknown>>>;
        const object = lists[list]?.[index];
        if (!object) return [{ op, path, value }];
        if (op === 'remove') return [test(`/${list}/${index}/${key}`, object[key]), { op, path }];
        return [{ op, path, value }, replace(`/${list}/${index}/${key}`, object[key])];
      }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.flat());

const sources = fc.record({
  kind: fc.constantFrom<'user' | 'patient'>('user', 'user', 'user', 'patient'),
  isBackOffice: fc.boolean(),
  isPrimaryCare: fc.boolean(),
  mayNotifyFormally: fc.boolean(),
});

/** What is wrong with the types of a Patient, told without the code under test. */
const types: Record<string, 'text' | 'texts' | 'object' | 'objects' | 'boolean' | 'integer'> = {
  multipleBirthInteger: 'integer',
  valueBoolean: 'boolean',
  given: 'texts',
  prefix: 'texts',
  suffix: 'texts',
  line: 'texts',
  ...Object.fromEntries(
    ['meta', 'period', 'identifier', 'managingOrganization', 'valueReference', 'valueAddress', 'valueCoding'].map(
      (m) => [m, 'object'],
    ),
  ),
  valueCodeableConcept: 'object',
  ...Object.fromEntries(
    ['name', 'address', 'telecom', 'contact', 'generalPractitioner', 'extension', 'coding', 'relationship'].map((m) => [
      m,
      'objects',
    ]),
  ),
};

function faultsOf(value: unknown, path: string): string[] {
  const name = path.split('/').at(-1) ?? '';
  if (Array.isArray(value)) {
    if (types[name] === 'texts') return value.flatMap((item, i) => textFaults(item, `${path}/${i}`));
    if (types[name] !== 'objects' || value.length === 0) return [path];
    return value.flatMap((item, i) => (Array.isArray(item) ? [path] : faultsOf(item, `${path}/${i}`)));
  }
  if (typeof value === 'object' && value !== null) {
    const isItem = /^[0-9]+$/.test(name) || path === '';
    if (!isItem && types[name] !== 'object') return [path];
    return Object.entries(value).flatMap(([key, inner]) => faultsOf(inner, `${path}/${key}`));
  }
  if (types[name] === 'integer') return Number.isInteger(value) ? [] : [path];
  if (types[name] === 'boolean') return typeof value === 'boolean' ? [] : [path];
  return types[name] === undefined ? textFaults(value, path) : [path];
}

function textFaults(value: unknown, path: string): string[] {
  const isText = typeof value === 'string' && value.trim() !== '' && value.isWellFormed() && !value.includes('\u0000');
  return isText ? [] : [path];
}

describe('applying any patches', () => {
  it('never throws anything but a refusal with a text that can be sent, and never changes its input', () => {
    const any = fc.oneof(plausible, fc.array(operation, { minLength: 1, maxLength: 4 }), fc.jsonValue());
    fc.assert(
      fc.property(any, sources, (patches, source) => {
        const refusal = refusalOf(frozen(patches), { source });
        expect(refusal).toMatch(/^(none|[A-Z_]+: [^\0]+)$/);
        expect(refusal.isWellFormed()).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives a well-formed Patient when it gives one', () => {
    let accepted = 0;
    fc.assert(
      fc.property(plausible, sources, (patches, source) => {
        if (refusalOf(patches, { source }) !== 'none') return;
        accepted++;
        expect(faultsOf(patched(patches, { source }), '')).toEqual([]);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('settles nothing twice: what was accepted is accepted again as it came out', () => {
    fc.assert(
      fc.property(plausible, (patches) => {
        if (refusalOf(patches) !== 'none') return;
        const patient = patched(patches);
        for (const list of ['name', 'telecom', 'contact'] as const) {
          for (const [index, object] of (patient[list] ?? []).entries()) {
            const again = patched([replace(`/${list}/${index}`, object)], { patient });
            expect(again[list]?.[index]).toEqual({ ...object, period: object.period ?? { start: today } });
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Groups of patches that touch different objects, all within the rules, and fixed points of the fields' defaults. */
const period = { start: '2020-01-01' };
const disjoint = [
  [replace('/gender', 'male')],
  [replace('/birthDate', '1970-01-01')],
  [add('/multipleBirthInteger', 2)],
  [replace('/name/0/id', 'A1'), add('/name/0/given/1', 'Rose'), replace('/name/0/family', 'Obi')],
  [replace('/name/1', { id: 'A2', use: 'maiden', period, given: ['Ada'], family: 'Bellow' })],
  [
    replace('/address/0/id', 'D1'),
    replace('/address/0/line/1', '9 Quarry Row'),
    test('/address/0/line/1', '9 Quarry Row'),
  ],
  [replace('/telecom/0', { id: 'T1', period, system: 'phone', value: '01632960099', use: 'home' })],
  [replace('/contact/0/id', 'C1'), replace('/contact/0/telecom/0/value', '01632960098')],
  [replace('/extension/0', pharmacy('FQ077'))],
  [
    replace('/extension/1/url', extensionUrls.NHSCommunication),
    replace('/extension/1/extension/1/valueBoolean', false),
  ],
];
const additions = [
  add('/name/-', { use: 'nickname', period, family: 'Joy' }),
  add('/telecom/-', { period, system: 'email', value: 'ada@example.org', use: 'work' }),
  add('/extension/-', { url: extensionUrls.birthPlace, valueAddress: { city: 'Ibadan' } }),
];
const removals = [
  [test('/address/1/id', 'D2'), remove('/address/1')],
  [test('/telecom/1', adaPatient().telecom?.[1]), remove('/telecom/1')],
];

/** Without the ids of added objects, which the server chooses. */
function withoutNewIds(patient: Patient): unknown {
  return JSON.parse(JSON.stringify(patient).replaceAll(/"id":"0000000[0-9]",/g, ''));
}

describe('applying disjoint patches within the rules', () => {
  it('gives what RFC 6902 says', () => {
    const chosen = fc
      .tuple(fc.shuffledSubarray(disjoint), fc.shuffledSubarray(additions), fc.shuffledSubarray(removals))
      .map(([edits, added, removed]) => [...edits.flat(), ...added, ...removed.flat()])
      .filter((patches) => patches.length > 0);
    fc.assert(
      fc.property(chosen, (patches) => {
        const expected = adaPatient();
        expect(applyPatch(expected, structuredClone(patches) as never).every((error) => error === null)).toBe(true);
        expect(withoutNewIds(patched(patches))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 300 },
    );
  });
});
