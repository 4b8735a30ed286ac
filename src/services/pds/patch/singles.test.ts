import { describe, expect, it } from 'vitest';
import {
  adaPatient,
  add,
  deathStatus,
  forbidden,
  invalidUpdate,
  invalidValue,
  patched,
  refusalOf,
  remove,
  replace,
  test,
  today,
} from './patched.fixture.ts';

const notified = add('/extension/-', deathStatus('1'));
const died = (value: unknown) => add('/deceasedDateTime', value);

/** Ada with a death of the given notification status. */
function dead(code: string) {
  const patient = { ...adaPatient(), deceasedDateTime: '2025-12-24T00:00:00+00:00' };
  return { patient: { ...patient, extension: [...(patient.extension ?? []), deathStatus(code)] } };
}

describe('gender', () => {
  it('can be male, female or unknown', () => {
    expect(patched([replace('/gender', 'unknown')]).gender).toBe('unknown');
    expect(refusalOf([replace('/gender', 'Male')])).toBe(invalidValue('Male', 'gender'));
    expect(refusalOf([replace('/gender', null)])).toBe(invalidValue('None', 'gender'));
    expect(refusalOf([replace('/gender', 'other')])).toBe(
      "UNSUPPORTED_VALUE: Unsupported value - 'other' in field 'gender'",
    );
  });
});

describe('multipleBirthInteger', () => {
  it('is a whole number from 1 to 9', () => {
    expect(patched([add('/multipleBirthInteger', 9)]).multipleBirthInteger).toBe(9);
    for (const value of [0, 10, 1.5, '1', true]) {
      expect(refusalOf([add('/multipleBirthInteger', value)])).toContain("in field 'multipleBirthInteger'");
    }
  });
});

describe('birthDate', () => {
  it('is a real day, not in the future, not after death', () => {
    expect(patched([replace('/birthDate', today)]).birthDate).toBe(today);
    expect(refusalOf([replace('/birthDate', '1971-02-30')])).toBe(invalidValue('1971-02-30', 'birthDate'));
    expect(refusalOf([replace('/birthDate', '1971')])).toBe(invalidValue('1971', 'birthDate'));
    expect(refusalOf([replace('/birthDate', '2026-03-11')])).toBe(invalidUpdate('birthDate cannot be in the future'));
    expect(refusalOf([replace('/birthDate', '2025-12-25')], dead('1'))).toBe(
      invalidUpdate('birthDate cannot be after deceasedDateTime'),
    );
    expect(refusalOf([replace('/birthDate', '2025-12-24')], dead('1'))).toBe('none');
  });
});

describe('deceasedDateTime', () => {
  it.each([
    ['2026-03-10', '2026-03-10T00:00:00+00:00'],
    ['2026-03-09T00:00:00', '2026-03-09T00:00:00+00:00'],
    ['2026-03-09T23:59:59+00:00', '2026-03-09T23:59:59+00:00'],
  ])('accepts %s and shows it in UTC', (value, shown) => {
    expect(patched([notified, died(value)]).deceasedDateTime).toBe(shown);
  });

  it.each(['2026-03-09T00:00:00+01:00', '2026-03-09T00:00:00Z', '2026-03-09T24:00:00', '2026-02-30', '2026', ''])(
    'refuses %s',
    (value) => {
      expect(refusalOf([notified, died(value)])).toBe(invalidValue(value, 'deceasedDateTime'));
    },
  );

  it('is not in the future and not before birth', () => {
    expect(refusalOf([notified, died('2026-03-11')])).toBe(invalidUpdate('deceasedDateTime cannot be in the future'));
    expect(refusalOf([notified, died('1971-05-16')])).toBe(
      invalidUpdate('deceasedDateTime cannot be before birthDate'),
    );
  });

  it('comes with its notification, in either order, and never without', () => {
    expect(refusalOf([died('2026-01-01')])).toBe(
      invalidUpdate('a death notification status must be added with the date of death'),
    );
    expect(refusalOf([notified])).toBe(
      invalidUpdate('a date of death must be added with the death notification status'),
    );
    expect(patched([died('2026-01-01'), notified]).extension?.[3]).toEqual({
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus',
      extension: [
        {
          url: 'deathNotificationStatus',
          valueCodeableConcept: {
            coding: [
              {
                system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus',
                version: '1.0.0',
                code: '1',
                display:
                  'Informal - death notice received via an update from a local NHS Organisation such as GP or Trust',
              },
            ],
          },
        },
        { url: 'systemEffectiveDate', valueDateTime: '2026-03-10T00:00:00+00:00' },
      ],
    });
  });

  it('can be replaced until it is formal, and is never removed', () => {
    expect(patched([replace('/deceasedDateTime', '2025-12-23')], dead('1')).deceasedDateTime).toContain('2025-12-23');
    expect(refusalOf([replace('/deceasedDateTime', '2025-12-23')], dead('2'))).toBe(
      invalidUpdate('deceasedDateTime cannot be replaced when the death notification is formal'),
    );
    expect(refusalOf([remove('/deceasedDateTime')], dead('1'))).toBe(
      forbidden("source not permitted to remove 'deceasedDateTime'"),
    );
  });
});

describe('a death notification', () => {
  const { url } = deathStatus('1');

  it('is made formal by a privileged source only', () => {
    const source = { kind: 'user', mayNotifyFormally: true } as const;
    const formal = [replace('/extension/3', deathStatus('2'))];
    expect(refusalOf(formal, dead('1'))).toBe(forbidden('source not permitted to set a formal death notification'));
    expect(refusalOf(formal, { ...dead('1'), source })).toBe('none');
  });

  it('is not changed once formal, not removed, not set to U', () => {
    expect(refusalOf([replace('/extension/3', deathStatus('1'))], dead('2'))).toContain('cannot be replaced when');
    expect(refusalOf([test('/extension/3/url', url), remove('/extension/3')], dead('1'))).toBe(
      invalidUpdate('DeathNotificationStatus cannot be removed'),
    );
    expect(refusalOf([replace('/extension/3', deathStatus('U'))], dead('1'))).toContain("Invalid value - 'U' in field");
  });
});
