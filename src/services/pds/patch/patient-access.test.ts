import { describe, expect, it } from 'vitest';
import { extensionUrls } from '../patient.ts';
import { adaPatient, add, invalidUpdate, pharmacy, refusalOf, remove, replace, test } from './patched.fixture.ts';

const denied = invalidUpdate('This user does not have permission to update the fields in the patches provided.');
const answer = (...patches: object[]) => refusalOf(patches, { source: { kind: 'patient' } });
const [, communication, removal] = adaPatient().extension ?? [];
const [home, mobile] = adaPatient().telecom ?? [];

describe('a patient', () => {
  it('changes the address and the emergency contact, in whole or in part', () => {
    expect(answer(replace('/address/0/id', 'D1'), replace('/address/0/postalCode', 'LS1 1AA'))).toBe('none');
    expect(answer(replace('/contact/0/id', 'C1'), replace('/contact/0/telecom/0/value', '01632960007'))).toBe('none');
    expect(answer(test('/contact/0/id', 'C1'), remove('/contact/0'))).toBe('none');
  });

  it('changes nothing of name, gender, birth, death or practice', () => {
    expect(answer(add('/name/-', { use: 'nickname', family: 'Joy' }))).toBe(denied);
    expect(answer(replace('/gender', 'male'))).toBe(denied);
    expect(answer(remove('/gender'))).toBe(denied);
    expect(answer(replace('/birthDate', '1971-05-18'))).toBe(denied);
    expect(answer(add('/generalPractitioner/-', {}))).toBe(denied);
    expect(answer(add('/multipleBirthInteger', 1))).toBe(denied);
    expect(answer(add('/pets/-', {}))).toBe(invalidUpdate("Update unsupported for resource - 'pets'"));
  });

  it('may test what may not be changed', () => {
    expect(answer(test('/gender', 'female'), replace('/extension/0', pharmacy('FQ009')))).toBe('none');
  });

  it('changes mobile phone and e-mail as whole objects, and no other telecom', () => {
    expect(answer(add('/telecom/-', { system: 'email', use: 'home', value: 'ada@example.org' }))).toBe('none');
    expect(answer(replace('/telecom/1', { ...mobile, value: '07700900002' }))).toBe('none');
    expect(answer(replace('/telecom/1/id', 'T2'), replace('/telecom/1/value', '07700900002'))).toBe(denied);
    expect(answer(test('/telecom/1/id', 'T2'), remove('/telecom/1'))).toBe('none');
    expect(answer(test('/telecom/0/id', 'T1'), remove('/telecom/0'))).toBe(denied);
    expect(answer(replace('/telecom/0', { ...home, value: '01632960008' }))).toBe(denied);
    expect(answer(replace('/telecom/0', { ...home, use: 'mobile' }))).toBe(denied);
    expect(answer(add('/telecom/-', { system: 'phone', use: 'work', value: '01632960008' }))).toBe(denied);
  });

  it('changes communication, pharmacy and place of birth as whole objects, and no other extension', () => {
    expect(answer(replace('/extension/1', communication))).toBe('none');
    expect(
      answer(replace('/extension/1/url', communication?.url), replace('/extension/1/extension/1/valueBoolean', false)),
    ).toBe(denied);
    expect(answer(add('/extension/-', { url: extensionUrls.birthPlace, valueAddress: { city: 'Ibadan' } }))).toBe(
      'none',
    );
    expect(answer(test('/extension/0/url', pharmacy('').url), remove('/extension/0'))).toBe('none');
    expect(answer(test('/extension/2/url', removal?.url), remove('/extension/2'))).toBe(denied);
    expect(answer(add('/extension/-', { url: extensionUrls.ContactPreference, extension: [] }))).toBe(denied);
  });

  it('is held to the rules of the fields all the same', () => {
    const named = test('/extension/1/url', communication?.url);
    expect(answer(named, remove('/extension/1/extension/1'))).toBe(
      invalidUpdate('interpreterRequired cannot be removed'),
    );
    expect(answer(add('/telecom/-', { system: 'email', use: 'home', value: 'x' }))).toContain('email format');
  });
});
