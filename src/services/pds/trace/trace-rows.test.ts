import { expect, test } from 'vitest';
import { person } from '../../../../test/support/trace-people.ts';
import { soundCode } from './soundex.ts';
import { traceRows } from './trace-rows.ts';

const jane = { family: 'De Béthune', given: ['Jane Anne', 'Éva'], gender: 'female', born: '1980-03-14' };

test('a record is found under each of its names, now and formerly', () => {
  const stored = person(1, {
    ...jane,
    postcodes: ['HX1 2AB', 'hx12ab', 'YO1 7HH'],
    former: { name: [{ family: 'Busby', given: ['Jane'] }], address: [{ postalCode: 'TR19 7AA' }], gender: ['male'] },
  });
  const shared = {
    nhsNumber: stored.nhsNumber,
    bornOn: '1980-03-14',
    gender: 'fm',
    postcodes: ',hx12ab,yo17hh,tr197aa',
  };
  expect(traceRows(stored)).toEqual([
    { ...shared, familyKey: 'de bethune', familySound: soundCode('debethune'), givenKey: 'jane anne,eva', kind: 'c' },
    { ...shared, familyKey: 'busby', familySound: soundCode('busby'), givenKey: 'jane', kind: 'f' },
  ]);
});

test('a nickname without a family name goes with the usual one', () => {
  const names = [
    { use: 'usual', family: 'Ackroyd', given: ['Jane'] },
    { use: 'nickname', given: ['Jinny'] },
  ];
  const rows = traceRows(person(1, { ...jane, names }));
  expect(rows.map(({ familyKey, givenKey }) => [familyKey, givenKey])).toEqual([
    ['ackroyd', 'jane'],
    ['ackroyd', 'jinny'],
  ]);
});

test('a former name that is the current one again is current', () => {
  const rows = traceRows(person(1, { ...jane, former: { name: [{ family: 'de béthune', given: jane.given }] } }));
  expect(rows.map(({ kind }) => kind)).toEqual(['c']);
});

test('a restricted record tells no postcode', () => {
  expect(traceRows(person(1, { ...jane, security: 'R', postcodes: ['HX1 2AB'] }))[0]?.postcodes).toBe('');
});

test('too many postcodes are said by a star, and long names are cut, so that the index can hold them', () => {
  const [row] = traceRows(
    person(1, { ...jane, family: 'x'.repeat(5000), postcodes: Array.from({ length: 99 }, (_, i) => `HX1 ${i}AB`) }),
  );
  expect(row?.postcodes).toBe('*');
  expect(row?.familyKey).toHaveLength(40);
});

test.each([
  ['very restricted', { ...jane, security: 'V' }],
  ['superseded', { ...jane, state: 'superseded' }],
  ['invalidated', { ...jane, state: 'invalidated' }],
  ['without a birth date', { family: 'Ackroyd', given: ['Jane'] }],
  ['born on no real day', { ...jane, born: '1980-02-30' }],
  ['without a name', { born: '1980-03-14', names: [] }],
] as const)('a record that is %s is found by nothing', (_, sketch) => {
  expect(traceRows(person(1, sketch as never))).toEqual([]);
});
