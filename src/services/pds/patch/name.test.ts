import { describe, expect, it } from 'vitest';
import {
  adaPatient,
  add,
  forbidden,
  invalidUpdate,
  invalidValue,
  missing,
  patched,
  refusalOf,
  remove,
  replace,
  test,
  today,
} from './patched.fixture.ts';

const old = { use: 'old', family: 'Eze' };
const added = (name: object) => patched([add('/name/-', { ...old, ...name })]).name?.[2];
const refused = (name: object) => refusalOf([add('/name/-', { ...old, ...name })]);

describe('a name that is added', () => {
  it('starts today unless a period is given', () => {
    expect(added({})).toEqual({ id: '00000001', use: 'old', period: { start: today }, family: 'Eze' });
    expect(added({ period: { start: '2020-02-29' } })?.period).toEqual({ start: '2020-02-29' });
  });

  it('has a period with a start, not in the future, and no end before it', () => {
    expect(refused({ period: { end: today } })).toBe(missing('name/2/period/start'));
    expect(refused({ period: { start: '2026-03-11' } })).toBe(
      invalidUpdate("'name/2/period/start' cannot be in the future"),
    );
    expect(refused({ period: { start: '2021-02-29' } })).toBe(invalidValue('2021-02-29', 'name/2/period/start'));
    expect(refused({ period: { start: '2021-01-02', end: '2021-01-01' } })).toBe(
      invalidUpdate("'name/2/period/end' cannot be before the start date"),
    );
    expect(refused({ period: 'now' })).toBe(invalidValue('now', 'name/2/period'));
  });

  it('has a published use, and is no second usual name or nickname', () => {
    expect(refused({ use: 'official' })).toBe(invalidValue('official', 'name/2/use'));
    expect(refused({ use: 'usual' })).toBe(forbidden('multiple usual names cannot be added'));
    expect(refused({ use: 'nickname' })).toBe('none');
    const nickname = add('/name/-', { ...old, use: 'nickname' });
    expect(refusalOf([nickname, nickname])).toBe(invalidUpdate('multiple nickname names cannot be added'));
    expect(refusalOf([add('/name/-', { family: 'Eze' })])).toBe(missing('name/2/use'));
    expect(refusalOf([add('/name/-', { use: 'old' })])).toBe(missing('name/2/family'));
  });

  it('has at most five given names, and the words after the first are names', () => {
    expect(added({ given: ['Jo Ann', 'Mary Sue', 'Lee'] })?.given).toEqual(['Jo Ann', 'Mary', 'Sue', 'Lee']);
    const six = ['One', 'Two', 'Three', 'Four', 'Five', 'six'];
    const tooMany =
      "TOO_MANY_VALUES_SUBMITTED: Too many values submitted - ['One', 'Two', 'Three', 'Four', 'Five', 'six'] in field 'name/2/given'";
    expect(refused({ given: six })).toBe(tooMany);
    expect(refused({ given: ['One', 'Two', 'Three', 'Four', 'Five six'] })).toBe(tooMany);
    expect(refused({ given: ['x'.repeat(36)] })).toBe(invalidValue('x'.repeat(36), 'name/2/given/0'));
    expect(refused({ family: 'x'.repeat(36) })).toBe(invalidValue('x'.repeat(36), 'name/2/family'));
  });

  it('has the published characters only', () => {
    expect(added({ family: "O'Neill-Žák 3." })?.family).toBe("O'Neill-Žák 3.");
    for (const family of ['Sm×th', 'Sm÷th', 'Sm_th', 'Ωmega', 'a,b']) {
      expect(refused({ family })).toBe(
        `UNSUPPORTED_CHARACTERS_IN_FIELD: Unsupported characters - '${family}' in field 'name/2/family'`,
      );
    }
    expect(refused({ family: 'Sm\u0000th' })).toBe(invalidValue('Sm\\x00th', 'name/2/family'));
    expect(refused({ family: 'Sm\udc00th' })).toBe(invalidValue('Sm\\udc00th', 'name/2/family'));
  });

  it('has titles in their fixed case, less the full stop, and suffixes that begin with a capital', () => {
    expect(added({ prefix: ['Mrs.', '', 'Professor'] })?.prefix).toEqual(['Mrs', 'Professor']);
    expect(refused({ prefix: ['MRS'] })).toBe(invalidValue('MRS', 'name/2/prefix/0'));
    expect(refused({ prefix: ['dr.'] })).toBe(invalidValue('dr.', 'name/2/prefix/0'));
    expect(added({ suffix: ['OBE', ' '] })?.suffix).toEqual(['OBE']);
    expect(refused({ suffix: ['obe'] })).toBe(invalidValue('obe', 'name/2/suffix/0'));
  });

  it('is of the right types throughout', () => {
    expect(refused({ given: 'not an array' })).toBe(invalidValue('not an array', 'name/2/given'));
    expect(refused({ given: ['Ann', 5] })).toBe(invalidValue('5', 'name/2/given/1'));
    expect(refused({ given: null })).toBe(invalidValue('None', 'name/2/given'));
    expect(refused({ family: { a: [true] } })).toBe(invalidValue("{'a': [True]}", 'name/2/family'));
    expect(refusalOf([add('/name/-', ['another', 'array'])])).toBe(invalidValue("['another', 'array']", 'name/2'));
    expect(refused({ text: 'Ann Eze', colour: 'red' })).toBe(
      "ADDITIONAL_PROPERTIES: Invalid request with error - Additional properties are not allowed ('text', 'colour' were unexpected)",
    );
  });
});

describe('a name that is there', () => {
  it('keeps its use', () => {
    expect(refusalOf([replace('/name/1/id', 'A2'), replace('/name/1/use', 'old')])).toBe(
      invalidUpdate('the use of an existing name cannot be changed'),
    );
    expect(refusalOf([replace('/name/0', { id: 'A1', use: 'old', family: 'Okafor' })])).toBe(
      invalidUpdate('the use of an existing name cannot be changed'),
    );
  });

  it('keeps its period when a part is replaced, however old', () => {
    const name = patched([replace('/name/0/id', 'A1'), replace('/name/0/family', 'Obi')]).name?.[0];
    expect(name).toMatchObject({ family: 'Obi', period: { start: '2001-02-03', end: '2019-01-01' } });
  });

  it('starts today when replaced whole without a period', () => {
    const [name] = patched([replace('/name/0', { id: 'A1', use: 'usual', family: 'Obi' })]).name ?? [];
    expect(name).toEqual({ id: 'A1', use: 'usual', period: { start: today }, family: 'Obi' });
  });

  it('may come back whole with old values that today could not be set', () => {
    const { id, ...rest } = { id: 'A1', use: 'usual', family: 'Okafor', prefix: ['MRS'], given: ['Ada\u2019s'] };
    const patient = { ...adaPatient(), name: [{ id, ...rest }] };
    expect(patched([replace('/name/0', { id, ...rest, family: 'Obi' })], { patient }).name).toEqual([
      { id, ...rest, family: 'Obi', period: { start: today } },
    ]);
    expect(refusalOf([replace('/name/0', { id, ...rest, prefix: ['MRS', 'Dr'] })], { patient })).toContain("'MRS'");
  });

  it('cannot lose its family name', () => {
    expect(refusalOf([test('/name/1/id', 'A2'), remove('/name/1/family')])).toBe(missing('name/1/family'));
  });
});
