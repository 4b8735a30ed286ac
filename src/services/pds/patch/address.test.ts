import { describe, expect, it } from 'vitest';
import { extensionUrls } from '../patient.ts';
import {
  adaPatient,
  add,
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

const home = { id: 'D1', use: 'home', line: ['', '9 Mill Lane', '', 'Leeds', ''], postalCode: 'LS1 1AA' };
const temp = {
  use: 'temp',
  text: 'Holiday Home',
  line: ['Sea View', 'Whitby'],
  period: { start: '2026-03-01', end: '2026-05-30' },
};
const refusedHome = (change: object) => refusalOf([replace('/address/0', { ...home, ...change })]);
const refusedTemp = (change: object) => refusalOf([add('/address/-', { ...temp, ...change })]);
const linesMissing = invalidUpdate('address lines 1 and 4 or 2 and 4 must be completed as a minimum');
const key = (code: string, value: unknown) => ({
  url: extensionUrls.AddressKey,
  extension: [
    { url: 'type', valueCoding: { code } },
    { url: 'value', valueString: value },
  ],
});

describe('an address', () => {
  it('loses its blank lines and starts today', () => {
    expect(patched([replace('/address/0', home)]).address?.[0]).toEqual({
      id: 'D1',
      period: { start: today },
      use: 'home',
      line: ['9 Mill Lane', 'Leeds'],
      postalCode: 'LS1 1AA',
    });
    const nulls = { ...home, line: [null, '9 Mill Lane', null, 'Leeds'], _line: [{ extension: [] }] };
    expect(patched([replace('/address/0', nulls)]).address?.[0]).toMatchObject({ line: ['9 Mill Lane', 'Leeds'] });
    expect(patched([replace('/address/0', nulls)]).address?.[0]).not.toHaveProperty('_line');
  });

  it('has lines 1 or 2, and 4, or two lines where blanks were left out', () => {
    expect(refusedHome({ line: ['1', '', '', '', ''] })).toBe(linesMissing);
    expect(refusedHome({ line: ['', '', '3', 'Leeds', ''] })).toBe(linesMissing);
    expect(refusedHome({ line: ['Leeds'] })).toBe(linesMissing);
    expect(refusedHome({ line: null })).toContain("'None' in field 'address/0/line'");
    expect(refusedHome({ line: ['9 Mill Lane', 'Leeds'] })).toBe('none');
    expect(refusedHome({ line: ['1', '2', '3', 'Leeds', '5', ''] })).toContain('TOO_MANY_VALUES_SUBMITTED');
  });

  it('needs no lines with a PAF key or a pseudo postcode', () => {
    expect(refusedHome({ line: [], postalCode: 'zz99 3VZ' })).toBe('none');
    expect(refusedHome({ line: [], extension: [key('PAF', '01234567')] })).toBe('none');
    expect(refusedHome({ line: [], extension: [key('UPRN', '1')] })).toBe(linesMissing);
  });

  it('has keys of the published forms, one of each type', () => {
    expect(refusedHome({ extension: [key('PAF', '12')] })).toBe(invalidValue('12', 'address/0/extension/0/extension'));
    expect(refusedHome({ extension: [key('UPRN', '1234567890123')] })).toContain('1234567890123');
    expect(refusedHome({ extension: [key('UPRN', '1'), key('UPRN', '2')] })).toContain(
      "'UPRN' in field 'address/0/extension/1/extension'",
    );
    expect(refusedHome({ extension: [key('GPS', '1')] })).toContain('INVALID_VALUE');
    expect(refusedHome({ extension: [{ url: 'x' }] })).toBe(invalidValue('x', 'address/0/extension/0/url'));
    expect(refusedHome({ extension: [key('PAF', 12345678)] })).toContain('INVALID_VALUE');
  });

  it('that is temporary has a description and an end within ninety days', () => {
    expect(refusedTemp({})).toBe('none');
    const { period, text, ...bare } = temp;
    expect(refusalOf([add('/address/-', { ...bare, text })])).toBe(missing('address/2/period'));
    expect(refusalOf([add('/address/-', { ...bare, period })])).toBe(missing('address/2/text'));
    expect(refusedTemp({ period: { start: '2026-03-01' } })).toBe(missing('address/2/period/end'));
    expect(refusedTemp({ period: { start: '2026-03-01', end: '2026-05-31' } })).toContain('more than 90 days');
    expect(refusedTemp({ text: 'Tent' })).toBe(invalidValue('Tent', 'address/2/text'));
  });

  it('for billing ends within 366 days', () => {
    const billing = { ...temp, use: 'billing', text: undefined };
    const { text, ...bare } = billing;
    expect(text).toBeUndefined();
    const until = (end: string) => refusalOf([add('/address/-', { ...bare, period: { start: '2026-01-01', end } })]);
    expect(until('2027-01-02')).toBe('none');
    expect(until('2027-01-03')).toContain('more than 366 days');
  });

  it('is one of its use', () => {
    const { id, ...another } = home;
    expect(id).toBe('D1');
    expect(refusalOf([add('/address/-', another)])).toBe(invalidUpdate('a patient can have only one home address'));
    expect(refusalOf([test('/address/0/id', 'D1'), remove('/address/0'), add('/address/-', another)])).toBe('none');
    expect(refusalOf([add('/address/-', temp), add('/address/-', temp)])).toContain('only one temp address');
  });

  it('of work can be removed but neither added nor changed', () => {
    const unsupported = "UNSUPPORTED_VALUE: Unsupported value - 'work' in field 'address/";
    expect(refusedTemp({ use: 'work' })).toContain(unsupported);
    expect(refusalOf([replace('/address/1', { ...home, id: 'D2' })])).toContain(unsupported);
    expect(refusalOf([replace('/address/1/id', 'D2'), replace('/address/1/line/0', 'x')])).toContain(unsupported);
    expect(patched([test('/address/1/id', 'D2'), remove('/address/1')]).address).toHaveLength(1);
  });

  it('is asked about its lines only when these, or what excused them, were changed', () => {
    const excused = { id: 'D1', use: 'home', period: { start: '2015-01-01' }, line: ['Leeds'], postalCode: 'ZZ99 3VZ' };
    const edited = (address: object, path: string, value: unknown) =>
      refusalOf([replace('/address/0/id', 'D1'), replace(`/address/0/${path}`, value)], {
        patient: { ...adaPatient(), address: [address] },
      });
    expect(edited(excused, 'postalCode', 'LS1 1AA')).toBe(linesMissing);
    const incomplete = { ...excused, postalCode: 'LS2 2BB' };
    expect(edited(incomplete, 'postalCode', 'LS1 1AA')).toBe('none');
    expect(edited(incomplete, 'line/0', 'York')).toBe(linesMissing);
  });

  it('keeps an old temporary period when another part is changed', () => {
    const patient = adaPatient();
    patient.address = [{ ...temp, id: 'D1', period: { start: '2015-01-01' }, text: 'Caravan' }];
    const patches = [replace('/address/0/id', 'D1'), add('/address/0/postalCode', ' YO1 1AA ')];
    expect(patched(patches, { patient }).address?.[0]).toEqual({ ...patient.address[0], postalCode: 'YO1 1AA' });
  });
});
