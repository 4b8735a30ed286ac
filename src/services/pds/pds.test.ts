import { expect, test } from 'vitest';
import { startSpine } from '../../../test/support/spine.ts';

const spine = await startSpine();
await spine.control('load', {
  pds: {
    patients: [
      {
        resourceType: 'Patient',
        id: '9449306621',
        identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9449306621' }],
        meta: {
          versionId: '3',
          security: [
            { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'U', display: 'unrestricted' },
          ],
        },
        name: [
          {
            id: 'AA000001',
            use: 'usual',
            period: { start: '1990-01-01' },
            given: ['Nora', 'June'],
            family: 'Penhaligon',
            prefix: ['Ms'],
          },
        ],
        gender: 'female',
        birthDate: '1990-01-01',
        address: [
          {
            id: 'BB000001',
            use: 'home',
            period: { start: '2010-01-01' },
            line: ['', '4 Quay Lane', '', 'Truro', ''],
            postalCode: 'TR1 1AA',
          },
        ],
      },
    ],
  },
});
const staff = await spine.token({ mode: 'healthcare-worker' });

test('a record comes back as it was loaded, blank address lines left out', async () => {
  const answer = await spine.pds('/Patient/9449306621', { token: staff });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('etag')).toBe('W/"3"');
  expect(answer.headers.get('content-type')).toBe('application/fhir+json');
  expect(answer.body.address[0].line).toEqual(['4 Quay Lane', 'Truro']);
  expect(answer.body.name[0]).toEqual({
    id: 'AA000001',
    use: 'usual',
    period: { start: '1990-01-01' },
    given: ['Nora', 'June'],
    family: 'Penhaligon',
    prefix: ['Ms'],
  });
});

test('a search by family name, birth date and gender finds them with score 1', async () => {
  const answer = await spine.pds('/Patient?family=PENHALIGON&birthdate=eq1990-01-01&gender=female', { token: staff });
  expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
  expect(answer.body.entry[0]).toMatchObject({ search: { score: 1 }, resource: { id: '9449306621' } });
});

test('an update moves the version, is found by the next search, and is refused on a stale version', async () => {
  const patch = (version: number) =>
    spine.pds('/Patient/9449306621', {
      token: staff,
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': `W/"${version}"` },
      body: {
        patches: [
          { op: 'replace', path: '/name/0/id', value: 'AA000001' },
          { op: 'replace', path: '/name/0/family', value: 'Trelawny' },
        ],
      },
    });
  const first = await patch(3);
  expect(first.body).toMatchObject({ meta: { versionId: '4' }, name: [{ family: 'Trelawny' }] });
  expect(first.status).toBe(200);
  expect(first.headers.get('etag')).toBe('W/"4"');
  const found = await spine.pds('/Patient?family=Trelawny&birthdate=1990-01-01', { token: staff });
  expect(found.body.total).toBe(1);
  const byOldName = await spine.pds('/Patient?family=Penhaligon&birthdate=1990-01-01', { token: staff });
  expect(byOldName.body.total).toBe(0);
  const withHistory = await spine.pds('/Patient?family=Penhaligon&birthdate=1990-01-01&_history=true', {
    token: staff,
  });
  expect(withHistory.body.entry[0].resource.name[0].family).toBe('Trelawny');
  const stale = await patch(3);
  expect(stale.status).toBe(409);
  expect(stale.body.issue[0].details.coding[0].code).toBe('RESOURCE_VERSION_MISMATCH');
});

test('of twenty updates of one version at once, one is done', async () => {
  const { headers } = await spine.pds('/Patient/9449306621', { token: staff });
  const version = headers.get('etag') as string;
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      spine.pds('/Patient/9449306621', {
        token: staff,
        method: 'PATCH',
        headers: { 'content-type': 'application/json-patch+json', 'if-match': version },
        body: { patches: [{ op: 'add', path: '/multipleBirthInteger', value: (i % 7) + 1 }] },
      }),
    ),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
});

test('the patient sees who looked', async () => {
  const patient = await spine.token({ mode: 'patient', nhsNumber: '9449306621' });
  const response = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=9449306621`, {
    headers: { authorization: `Bearer ${patient}` },
  });
  const bundle = (await response.json()) as { entry: { resource: { subtype: { code: string }[]; outcome: string } }[] };
  const seen = bundle.entry.map(({ resource }) => `${resource.subtype[1]?.code} ${resource.outcome}`);
  expect(seen).toContain('pds.retrieve-patient 0');
  expect(seen).toContain('pds.search-patients 0');
  expect(seen).toContain('pds.update-patient 0');
  expect(seen).toContain('pds.update-patient 4');
});
