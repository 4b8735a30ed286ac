import { describe, expect, it } from 'vitest';
import { extensionUrls } from '../patient.ts';
import {
  adaPatient,
  add,
  forbidden,
  invalidUpdate,
  invalidValue,
  missing,
  patched,
  pharmacy,
  refusalOf,
  remove,
  replace,
  test,
  today,
} from './patched.fixture.ts';

const coded = (url: string, code: string) => ({ url, valueCodeableConcept: { coding: [{ code }] } });
const communication = (...extension: object[]) => ({ url: extensionUrls.NHSCommunication, extension });
const preference = (...extension: object[]) => ({ url: extensionUrls.ContactPreference, extension });
const method = coded('PreferredContactMethod', '4');
const times = (valueString: unknown) => ({ url: 'PreferredContactTimes', valueString });
const birthPlace = (valueAddress: unknown) => ({ url: extensionUrls.birthPlace, valueAddress });
const refused = (extension: unknown) => refusalOf([add('/extension/-', extension)]);

describe('an extension', () => {
  it('is of a kind that can be updated, and there once', () => {
    expect(refused(pharmacy('FQ002'))).toContain('a patient can have only one extension');
    expect(refused({ url: extensionUrls.EthnicCategory })).toContain('Update unsupported for extension');
    expect(refused({ url: 'toString' })).toContain('Update unsupported for extension');
    expect(refused({ valueString: 'x' })).toBe(missing('extension/3/url'));
    expect(refused({ url: 7 })).toBe(invalidValue('7', 'extension/3/url'));
  });

  it('is named by its url', () => {
    const { url } = pharmacy('');
    expect(patched([replace('/extension/0', pharmacy('FQ002'))]).extension?.[0]).toEqual(pharmacy('FQ002'));
    expect(refusalOf([replace('/extension/1', pharmacy('FQ002'))])).toContain('is not the object with id');
    expect(refusalOf([replace('/extension/0', birthPlace({ city: 'Leeds' }))])).toContain(
      "no 'extension' resources with url 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace'",
    );
    const path = '/extension/0/valueReference/identifier/value';
    expect(refusalOf([replace(path, 'FQ003')])).toContain('no id or url found for path with root /extension/0');
    expect(patched([replace('/extension/0/url', url), replace(path, 'FQ003')]).extension?.[0]).toEqual(
      pharmacy('FQ003'),
    );
  });
});

describe('a pharmacy', () => {
  it('is an ODS code without dates', () => {
    const other = { ...pharmacy('FQ004'), url: extensionUrls.MedicalApplianceSupplier };
    const dated = { identifier: { value: 'FQ004', period: { start: '2020-01-01', end: '2020-02-01' } } };
    expect(patched([add('/extension/-', { ...other, valueReference: dated })]).extension?.[3]).toEqual(other);
    expect(refused({ ...pharmacy('F!'), url: other.url })).toContain(
      "'F!' in field 'extension/3/valueReference/identifier/value'",
    );
    expect(refused({ url: other.url })).toBe(missing('extension/3/valueReference'));
    expect(refused({ url: other.url, valueString: 'FQ004' })).toContain("('valueString' was unexpected)");
  });
});

describe('communication', () => {
  const whole = (...parts: object[]) => [replace('/extension/1', communication(...parts))];
  const interpreter = { url: 'interpreterRequired', valueBoolean: false };

  it('names a listed language that is not English', () => {
    const [, changed] = patched(whole(coded('language', 'q4'), interpreter)).extension ?? [];
    expect(changed?.extension?.[0]?.valueCodeableConcept?.coding).toEqual([
      {
        system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-HumanLanguage',
        version: '1.0.0',
        code: 'q4',
        display: 'British Sign Language',
      },
    ]);
    expect(refusalOf(whole(coded('language', 'en'), interpreter))).toContain('must not be English');
    expect(refusalOf(whole(coded('language', 'qa'), interpreter))).toContain("Invalid value - 'qa' in field");
    expect(refusalOf(whole(coded('language', 'constructor'), interpreter))).toContain('INVALID_VALUE');
  });

  it('does not lose interpreterRequired, part by part or as a whole, unless all of it goes', () => {
    const lost = invalidUpdate('interpreterRequired cannot be removed');
    const named = test('/extension/1/url', extensionUrls.NHSCommunication);
    expect(refusalOf([named, remove('/extension/1/extension/1')])).toBe(lost);
    expect(refusalOf(whole(coded('language', 'fr')))).toBe(lost);
    expect(refusalOf([named, remove('/extension/1')])).toBe('none');
  });

  it('changes in one part without a look at the others', () => {
    const patient = adaPatient();
    const parts = patient.extension?.[1]?.extension ?? [];
    parts[0] = coded('language', 'zz');
    const patches = [
      replace('/extension/1/url', extensionUrls.NHSCommunication),
      replace('/extension/1/extension/1/valueBoolean', false),
    ];
    expect(patched(patches, { patient }).extension?.[1]?.extension).toEqual([parts[0], interpreter]);
  });

  it('has known parts of the right type, each once', () => {
    expect(refusalOf(whole({ url: 'interpreterRequired', valueBoolean: 'yes' }))).toBe(
      invalidValue('yes', 'extension/1/extension/0/valueBoolean'),
    );
    expect(refusalOf(whole({ url: 'dialect', valueString: 'x' }))).toBe(
      invalidValue('dialect', 'extension/1/extension/0/url'),
    );
    expect(refusalOf(whole(interpreter, interpreter))).toContain("'extension/1/extension/1/url'");
    expect(refusalOf(whole({ url: 'language' }))).toBe(missing('extension/1/extension/0/valueCodeableConcept'));
    expect(refusalOf(whole())).toBe(missing('extension/1/extension'));
  });
});

describe('a contact preference', () => {
  it('has times of at most forty characters, with a method', () => {
    const { extension } = patched([add('/extension/-', preference(method, times('After six')))]);
    expect(extension?.[3]?.extension?.[0]?.valueCodeableConcept?.coding?.[0]?.display).toBe('E-mail');
    expect(refused(preference(times('After six')))).toContain('PreferredContactTimes needs a PreferredContactMethod');
    expect(refused(preference(method, times('x'.repeat(40))))).toBe('none');
    expect(refused(preference(method, times('x'.repeat(41))))).toContain("extension/3/extension/1/valueString'");
    expect(refused(preference(coded('PreferredContactMethod', '10')))).toContain("Invalid value - '10'");
    expect(refused(preference(coded('PreferredWrittenCommunicationFormat', '12')))).toBe('none');
  });
});

describe('a place of birth', () => {
  it('has a city, a district or a country of the list', () => {
    expect(refused(birthPlace({ city: 'Ibadan', country: 'NGA' }))).toBe('none');
    expect(refused(birthPlace({ country: '10' }))).toBe('none');
    expect(refused(birthPlace({}))).toBe(invalidUpdate('the place of birth needs a city, a district or a country'));
    expect(refused(birthPlace({ country: 'Nigeria' }))).toBe(
      invalidValue('Nigeria', 'extension/3/valueAddress/country'),
    );
    expect(refused(birthPlace({ city: 'Ibadan', line: [] }))).toContain("('line' was unexpected)");
    expect(refused(birthPlace('Ibadan'))).toBe(invalidValue('Ibadan', 'extension/3/valueAddress'));
  });
});

describe('the general practice', () => {
  const primaryCare = { source: { kind: 'user', isPrimaryCare: true } } as const;
  const backOffice = { source: { kind: 'user', isBackOffice: true } } as const;
  const moved = [
    replace('/generalPractitioner/0/id', 'G1'),
    replace('/generalPractitioner/0/identifier/value', 'Q90002'),
  ];
  const gone = [test('/generalPractitioner/0/id', 'G1'), remove('/generalPractitioner/0')];

  it('is set by primary care and the back office, and removed by the latter', () => {
    const refusedSet = forbidden("source not permitted to update 'generalPractitioner'");
    expect(refusalOf(moved)).toBe(refusedSet);
    expect(patched(moved, primaryCare).generalPractitioner?.[0]?.identifier?.value).toBe('Q90002');
    expect(refusalOf(moved, backOffice)).toBe('none');
    const refusedRemoval = forbidden("source not permitted to remove 'generalPractitioner'");
    expect(refusalOf(gone)).toBe(refusedRemoval);
    expect(refusalOf(gone, primaryCare)).toBe(refusedRemoval);
    expect(patched(gone, backOffice)).not.toHaveProperty('generalPractitioner');
  });

  it('is one, has no end and starts today', () => {
    const added = (identifier: object) => [add('/generalPractitioner/-', { identifier })];
    expect(refusalOf(added({ value: 'Q90003' }), primaryCare)).toContain('only one generalPractitioner');
    const patient = { ...adaPatient(), generalPractitioner: [] };
    expect(patched(added({ value: 'Q90003' }), { patient, ...primaryCare }).generalPractitioner).toEqual([
      {
        id: '00000001',
        type: 'Organization',
        identifier: {
          system: 'https://fhir.nhs.uk/Id/ods-organization-code',
          value: 'Q90003',
          period: { start: today },
        },
      },
    ]);
    const ended = added({ value: 'Q90003', period: { start: '2020-01-01', end: '2021-01-01' } });
    expect(refusalOf(ended, { patient, ...primaryCare })).toContain('an end date cannot be provided');
    expect(refusalOf(added({ value: 'q9!' }), { patient, ...primaryCare })).toContain("Invalid value - 'q9!'");
  });

  it('is told apart from the managing organisation, which the back office writes', () => {
    const patches = [replace('/managingOrganization/identifier/value', 'Q90009')];
    expect(refusalOf(patches, primaryCare)).toBe(
      invalidUpdate("Update unsupported for resource - 'managingOrganization'"),
    );
    expect(patched(patches, backOffice).managingOrganization?.identifier).toEqual({
      system: 'https://fhir.nhs.uk/Id/ods-organization-code',
      value: 'Q90009',
      period: { end: '2019-01-01' },
    });
    expect(refusalOf([replace('/managingOrganization', 'Q9')], backOffice)).toBe(
      invalidValue('Q9', 'managingOrganization'),
    );
  });
});
