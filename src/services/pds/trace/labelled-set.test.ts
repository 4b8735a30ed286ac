import { expect, test } from 'vitest';
import { person } from '../../../../test/support/trace-people.ts';
import { labelledSearches, variations } from './labelled-set.ts';
import { scoreCandidate } from './match.ts';
import { parseSearch } from './search-parameters.ts';

const robert = person(1, {
  family: 'Béthune',
  given: ['Robert', 'James'],
  gender: 'male',
  born: '1980-03-05',
  postcodes: ['HX1 2AB'],
  former: { name: [{ family: 'Ackroyd', given: ['Robert'] }] },
});

/** Numbers from 0 up to 1, the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('a person who allows every variation has one search of each', () => {
  expect(labelledSearches(robert, numbers(1)).map(({ variation }) => variation)).toEqual([...variations]);
});

test('the same numbers make the same searches', () => {
  expect(labelledSearches(robert, numbers(7))).toEqual(labelledSearches(robert, numbers(7)));
});

test('the searches can be asked, and find the record where they ought to and only there', () => {
  for (let seed = 0; seed < 200; seed++) {
    for (const { variation, query, isExpected } of labelledSearches(robert, numbers(seed))) {
      const scored = scoreCandidate(parseSearch(query, { onlyOne: false }), robert);
      expect([variation, query, scored !== undefined]).toEqual([variation, query, isExpected]);
    }
  }
});

test('what a person does not allow is left out', () => {
  const plain = person(2, { family: 'Li', given: ['Bo'], gender: 'female', born: '1980-05-05' });
  expect(labelledSearches(plain, numbers(1)).map(({ variation }) => variation)).toEqual([
    'as recorded',
    'names exchanged',
    'somebody else',
  ]);
  expect(labelledSearches(person(3, { family: 'Li', given: ['Bo'] }), numbers(1))).toEqual([]);
});
