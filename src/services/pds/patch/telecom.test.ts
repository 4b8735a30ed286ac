import { describe, expect, it } from 'vitest';
import { extensionUrls } from '../patient.ts';
import { add, invalidUpdate, invalidValue, missing, patched, refusalOf, replace, today } from './patched.fixture.ts';

const email = { system: 'email', use: 'home', value: 'ada@example.org' };
const refused = (change: object) => refusalOf([add('/telecom/-', { ...email, ...change })]);

describe('a telecom', () => {
  it('starts today, even when only its end is given', () => {
    expect(patched([add('/telecom/-', email)]).telecom?.[2]).toEqual({
      id: '00000001',
      period: { start: today },
      ...email,
    });
    expect(patched([add('/telecom/-', { ...email, period: { end: '2027-01-01' } })]).telecom?.[2]?.period).toEqual({
      start: today,
      end: '2027-01-01',
    });
  });

  it('has a published system and use, and a value', () => {
    expect(refused({ system: 'sms' })).toBe(invalidValue('sms', 'telecom/2/system'));
    expect(refused({ use: 'old' })).toBe(invalidValue('old', 'telecom/2/use'));
    expect(refused({ value: ' ' })).toBe(invalidValue(' ', 'telecom/2/value'));
    expect(refused({ value: 1632960001 })).toBe(invalidValue('1632960001', 'telecom/2/value'));
    expect(refusalOf([add('/telecom/-', { system: 'email', value: email.value })])).toBe(missing('telecom/2/use'));
    expect(refusalOf([add('/telecom/-', { system: 'email', use: 'home' })])).toBe(missing('telecom/2/value'));
    expect(refusalOf([add('/telecom/-', { use: 'home', value: 'x' })])).toBe(missing('telecom/2/system'));
  });

  it('with an e-mail has 7 to 89 characters and the form of one', () => {
    const wrong = invalidUpdate('email format is invalid');
    expect(refused({ value: 'a@b.cd' })).toBe(wrong);
    expect(refused({ value: 'a@bc.de' })).toBe('none');
    expect(refused({ value: `${'a'.repeat(82)}@bc.def` })).toBe('none');
    expect(refused({ value: `${'a'.repeat(83)}@bc.def` })).toBe(wrong);
    for (const value of ['no.at.sign.org', 'two@@example.org', 'a b@example.org', 'ada@example', 'ada@.org']) {
      expect(refused({ value })).toBe(wrong);
    }
  });

  it('is one of its system and use, which it keeps', () => {
    expect(refused({ system: 'phone', value: '01632960003' })).toBe(
      invalidUpdate('a patient can have only one home phone telecom'),
    );
    const kept = invalidUpdate('the system and use of an existing telecom cannot be changed');
    expect(refusalOf([replace('/telecom/0', { ...email, id: 'T1' })])).toBe(kept);
    expect(refusalOf([replace('/telecom/0/id', 'T1'), replace('/telecom/0/use', 'work')])).toBe(kept);
  });

  it('may say that the other system is a textphone', () => {
    const other = { system: 'other', use: 'home', value: '01632960004' };
    const extension = [{ url: extensionUrls.OtherContactSystem, valueCoding: { code: 'textphone' } }];
    expect(patched([add('/telecom/-', { ...other, extension })]).telecom?.[2]?.extension?.[0]?.valueCoding).toEqual({
      system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-OtherContactSystem',
      code: 'textphone',
      display: 'Minicom (Textphone)',
    });
    expect(refused({ extension })).toContain('telecom/2/extension/0/url');
  });
});

describe('an emergency contact', () => {
  const contact = {
    relationship: [{ coding: [{ code: 'C' }] }],
    telecom: [{ system: 'phone', value: '01632960005' }],
  };
  const refusedContact = (change: object) => refusalOf([add('/contact/-', { ...contact, ...change })]);

  it('starts today and says what it is', () => {
    expect(patched([add('/contact/-', contact)]).contact?.[1]).toEqual({
      id: '00000001',
      period: { start: today },
      relationship: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C', display: 'Emergency Contact' },
          ],
        },
      ],
      telecom: contact.telecom,
    });
  });

  it('is of relationship C only', () => {
    expect(refusedContact({ relationship: [{ coding: [{ code: 'N' }] }] })).toBe(
      invalidValue('N', 'contact/1/relationship/0/coding/0/code'),
    );
    expect(refusedContact({ relationship: [] })).toBe(missing('contact/1/relationship'));
    expect(refusedContact({ relationship: [{}, {}] })).toContain('TOO_MANY_VALUES_SUBMITTED');
  });

  it('has telecoms without use and period, and no fax', () => {
    const [phone] = contact.telecom;
    expect(refusedContact({ telecom: [{ ...phone, use: 'home' }] })).toContain("'use' must not be given");
    expect(refusedContact({ telecom: [{ ...phone, period: { start: today } }] })).toContain("'period' must not");
    expect(refusedContact({ telecom: [{ ...phone, system: 'fax' }] })).toContain('cannot be a fax');
    expect(refusedContact({ telecom: [{ system: 'email', value: 'x' }] })).toContain('email format is invalid');
    expect(refusedContact({ telecom: [] })).toBe(missing('contact/1/telecom'));
    expect(refusedContact({ name: { family: 'Eze' } })).toContain("('name' was unexpected)");
  });
});
