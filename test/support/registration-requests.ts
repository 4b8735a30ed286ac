const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';

// biome-ignore lint/suspicious/noExplicitAny: tests bend these bodies in every way
export type Body = any;

const registeringAuthority = () => ({
  url: `${ukCore}RegisteringAuthority`,
  extension: [
    {
      url: 'registeringAuthorityType',
      valueCodeableConcept: {
        coding: [{ system: 'https://fhir.nhs.uk/CodeSystem/UKCore-RegisteringAuthorityType', code: 'x' }],
      },
    },
    { url: 'organisationIdentifier', valueString: 'RJ1' },
  ],
});

/** A request to create a record that is right in every part. */
export function createRequest(change: (body: Body) => void = () => {}): Body {
  const body = {
    resourceType: 'Patient',
    name: [{ use: 'usual', given: ['Odile'], family: 'Brackenbury', prefix: ['Ms'], period: { start: '2001-02-03' } }],
    address: [
      {
        use: 'home',
        period: { start: '2019-11-30' },
        line: ['', '7 Sexton Row', '', 'Ripon', ''],
        postalCode: 'HG4 1QZ',
      },
    ],
    gender: 'female',
    birthDate: '1979-08-21',
    telecom: [{ system: 'email', use: 'home', value: 'odile@example.org', period: { start: '2022-01-01' } }],
    extension: [registeringAuthority()],
  };
  change(body);
  return body;
}

const observation = (code: string, value: object) => ({
  resource: { resourceType: 'Observation', code: { coding: [{ system: 'http://snomed.info/sct', code }] }, ...value },
});

/** A birth notification that is right in every part. */
export function birthRequest(change: (body: Body) => void = () => {}): Body {
  const mother = '9994128736';
  const body = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        resource: {
          resourceType: 'Patient',
          name: [{ use: 'usual', given: ['Wilf'], family: 'Brackenbury', period: { start: '2026-03-04' } }],
          gender: 'male',
          birthDate: '2026-03-04',
          _birthDate: {
            extension: [
              {
                url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
                valueDateTime: '2026-03-04T05:06:00+00:00',
              },
            ],
          },
          multipleBirthInteger: 1,
          address: [
            {
              use: 'home',
              period: { start: '2026-03-04' },
              line: ['', '7 Sexton Row', '', 'Ripon'],
              postalCode: 'HG4 1QZ',
            },
          ],
          extension: [
            registeringAuthority(),
            {
              url: `${ukCore}EthnicCategory`,
              valueCodeableConcept: {
                coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland', code: 'Z' }],
              },
            },
            {
              url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
              valueAddress: { text: 'Harrogate District Hospital', city: 'Harrogate', country: '1' },
            },
          ],
        },
      },
      observation('364589006', { valueQuantity: { value: 3410, unit: 'grams' } }),
      observation('237364002', { valueCodeableConcept: { coding: [{ code: '1' }] } }),
      observation('268477000', { valueQuantity: { value: 40, unit: 'weeks' } }),
      observation('246435002', { valueInteger: 1 }),
      observation('66091009', { valueCodeableConcept: { coding: [{ code: 'N' }] } }),
      {
        resource: {
          resourceType: 'RelatedPerson',
          identifier: [{ value: mother }],
          relationship: [{ coding: [{ code: 'GESTM' }] }],
        },
      },
      { resource: { resourceType: 'Patient', identifier: [{ value: mother }] } },
      { resource: { resourceType: 'Organization', identifier: [{ value: 'B82020' }] } },
      { resource: { resourceType: 'Location', identifier: [{ value: 'RCD01' }] } },
      { resource: { resourceType: 'CareTeam', participant: [] } },
      { resource: { resourceType: 'Practitioner' } },
    ],
  };
  change(body);
  return body;
}

/** A health insurance card as it is sent, right in every part. */
export function coverageRequest(change: (body: Body) => void = () => {}): Body {
  const body = {
    resourceType: 'Coverage',
    status: 'active',
    subscriber: { identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9994128736' } },
    identifier: [
      { value: 'NL80528800000123', assigner: { identifier: { system: 'urn:iso:std:iso:3166', value: 'NLD' } } },
    ],
    payor: [{ identifier: { value: 'NL-7029' } }],
    beneficiary: { identifier: { value: '123456782' } },
    period: { end: '2029-06-30' },
  };
  change(body);
  return body;
}
