import { beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { person, testNumber } from '../../../../test/support/trace-people.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { StoredPatient } from '../patient.ts';
import { replaceTrace } from '../queries-trace.ts';
import { type TraceRequest, traceOne } from './trace-one.ts';
import { traceRows } from './trace-rows.ts';

let db: Database;
const people = new Map<string, StoredPatient>();
const day = '2026-03-14';
const anna = { family: 'Windermere', given: ['Anna'], gender: 'female', born: '1980-02-03', postcodes: ['LS1 6AE'] };

beforeAll(async () => {
  db = await testDatabase();
  const held = [
    person(1, anna),
    person(2, { ...anna, family: 'Twin', given: ['Ann'] }),
    person(3, { ...anna, family: 'Twin', given: ['Anne'] }),
    person(4, { ...anna, family: 'Hidden', security: 'R' }),
    person(5, { ...anna, family: 'Secret', security: 'V' }),
    { ...person(6, { ...anna, family: 'Merged', state: 'superseded' }), survivor: person(1, anna).nhsNumber },
    person(7, { ...anna, family: 'Gone', state: 'invalidated' }),
  ];
  for (const stored of held) people.set(stored.nhsNumber, stored);
  await db.transaction((tx) => replaceTrace(tx, [], held.flatMap(traceRows)));
});

const trace = (request: Partial<TraceRequest>) =>
  traceOne(
    {
      db,
      find: async (number) => people.get(number),
      loadPatients: async (numbers) => numbers.map((number) => people.get(number) as StoredPatient),
    },
    { bornOn: '1980-02-03', ...request },
    day,
  );
const byName = (familyName: string, more: Partial<TraceRequest> = {}) =>
  trace({ familyName, gender: 'female', ...more });

test('number and birth date are enough', async () => {
  const found = await trace({ nhsNumber: testNumber(1) });
  expect(found).toMatchObject({ outcome: 'found', by: 'cross-check', patient: { nhsNumber: testNumber(1) } });
});

test('a number with another birth date finds nobody, unless the name does', async () => {
  expect(await trace({ nhsNumber: testNumber(1), bornOn: '1980-02-04' })).toEqual({ outcome: 'none' });
  const found = await byName('Twin', { nhsNumber: testNumber(7), givenName: 'Anne' });
  expect(found).toMatchObject({ by: 'alphanumeric', patient: { nhsNumber: testNumber(3) } });
});

test('where two fit, neither is given; a given name or nothing at all decides', async () => {
  expect(await byName('twin')).toEqual({ outcome: 'several' });
  expect(await byName('TWIN', { givenName: 'ann' })).toMatchObject({ patient: { nhsNumber: testNumber(2) } });
  expect(await byName('Twin', { givenName: 'Anna' })).toEqual({ outcome: 'none' });
  expect(await byName('Twin', { gender: 'male' })).toEqual({ outcome: 'none' });
});

test('a merged number leads to the one that was kept; an invalidated one to nobody', async () => {
  expect(await trace({ nhsNumber: testNumber(6) })).toMatchObject({ patient: { nhsNumber: testNumber(1) } });
  expect(await trace({ nhsNumber: testNumber(7) })).toEqual({ outcome: 'none' });
});

test('of a restricted record no place is told, and a search with a postcode does not find it', async () => {
  expect(await trace({ nhsNumber: testNumber(4) })).toMatchObject({
    patient: { isRestricted: true, familyName: 'Hidden', postcode: '', practice: '', addressLines: [], mobile: '' },
  });
  expect(await byName('Hidden', { postcode: 'LS1 6AE' })).toEqual({ outcome: 'none' });
});

test('a very restricted record is never found', async () => {
  expect(await trace({ nhsNumber: testNumber(5) })).toEqual({ outcome: 'none' });
  expect(await byName('Secret')).toEqual({ outcome: 'none' });
});

test('an asterisk asks for nothing more', async () => {
  expect(await byName('Tw*')).toEqual({ outcome: 'none' });
  expect(await byName('*')).toEqual({ outcome: 'none' });
});
