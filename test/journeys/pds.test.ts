import { randomUUID } from 'node:crypto';
import { Client } from 'fhir-kit-client';
import {
  allowInsecureRequests,
  Configuration,
  type CustomFetchOptions,
  clientCredentialsGrant,
  customFetch,
  modifyAssertion,
  PrivateKeyJwt,
} from 'openid-client';
import { afterAll, describe, expect, test } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { registerApplication } from '../../src/platform/identity/applications.ts';
import { type Json, nhsNumbers, patch, person, told } from '../support/people.ts';
import { pdsBase, startSpine } from '../support/spine.ts';
import { assertionOf, clientKey, credentialsForm, post } from '../support/token-service.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
afterAll(() => db.close());
const { marigold } = nhsNumbers(944_933_000, 'marigold');
await spine.control('load', { pds: { patients: [person(marigold)] } });

const tokenUrl = `${spine.url}/oauth2/token`;
const key = await clientKey('ward-1');
const application = await registerApplication(
  db,
  {
    name: 'Ward list',
    odsCode: 'RR8',
    asid: '200000000717',
    mode: 'application-restricted',
    jwks: { keys: [key.publicJwk] },
  },
  Date.now(),
);
const born = 'birthdate=1984-03-09';

/** The accesses that a patient is shown: operation, outcome, who. */
async function accessesSeenBy(
  token: string,
  number: string,
): Promise<{ operation: string; outcome: string; text: string }[]> {
  const response = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${number}&_count=200`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  const { entry } = (await response.json()) as Json;
  return entry.map(({ resource }: Json) => ({
    operation: resource.subtype[1].code,
    outcome: resource.outcome,
    text: JSON.stringify(resource),
  }));
}

describe('from a registered key to a record, and to the patient who sees it', () => {
  let applicationToken = '';

  test('an application proves itself by a signed assertion and gets a token', async () => {
    const assertion = await assertionOf(key, { appId: application.appId, audience: tokenUrl, now: Date.now() });
    const answer = await post(tokenUrl, credentialsForm(assertion));
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: '599' } });
    applicationToken = answer.body.access_token;
    const replayed = await post(tokenUrl, credentialsForm(assertion));
    expect(replayed.status, 'an assertion is good once').toBe(400);
  });

  test('it traces somebody and retrieves the record by the number it found', async () => {
    const traced = await spine.pds(`/Patient?family=Osgathorpe&given=Marigold&${born}`, { token: applicationToken });
    expect(traced.body).toMatchObject({ total: 1, entry: [{ search: { score: 1 }, resource: { id: marigold } }] });
    const { id } = traced.body.entry[0].resource;
    const retrieved = await spine.pds(`/Patient/${id}`, { token: applicationToken });
    expect(retrieved.status).toBe(200);
    expect(retrieved.body.address[0].postalCode).toBe('NN6 8SW');
  });

  test('it may not update', async () => {
    const patches = [{ op: 'replace', path: '/gender', value: 'male' }];
    expect((await patch(spine, marigold, { token: applicationToken, patches })).status).toBe(403);
  });

  test('a clinician writes the new address; the one who read before is told to read again', async () => {
    const clinician = await spine.token({
      mode: 'healthcare-worker',
      userId: '555036637105',
      roles: [{ roleProfileId: '555083343101', odsCode: 'K83002' }],
    });
    const colleague = await spine.token({ mode: 'healthcare-worker', userId: '555036637106' });
    const read = await spine.pds(`/Patient/${marigold}`, { token: clinician });
    const readToo = await spine.pds(`/Patient/${marigold}`, { token: colleague });
    const moveTo = (answer: typeof read, token: string, line: string) =>
      patch(spine, marigold, {
        token,
        version: answer.headers.get('etag') ?? '',
        patches: [
          { op: 'replace', path: '/address/0/id', value: answer.body.address[0].id },
          { op: 'replace', path: '/address/0/line/0', value: line },
          { op: 'replace', path: '/address/0/postalCode', value: 'NN11 7HJ' },
        ],
      });
    const moved = await moveTo(read, clinician, '8 Canal Row');
    expect(moved.status).toBe(200);
    expect(told(await moveTo(readToo, colleague, '9 Canal Row'))).toBe('409 RESOURCE_VERSION_MISMATCH');
    const again = await moveTo(await spine.pds(`/Patient/${marigold}`, { token: colleague }), colleague, '9 Canal Row');
    expect(again.body).toMatchObject({ meta: { versionId: '5' }, address: [{ line: ['9 Canal Row', 'Thornby'] }] });
    const found = await spine.pds(`/Patient?family=Osgathorpe&${born}&address-postalcode=NN117HJ`, {
      token: clinician,
    });
    expect(found.body.total).toBe(1);
  });

  test('the patient sees who looked and who wrote, refused attempts too, and no member of staff by number', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: marigold });
    const accesses = await accessesSeenBy(token, marigold);
    const seen = accesses.map(({ operation, outcome }) => `${operation} ${outcome}`);
    expect(seen.filter((access) => access === 'pds.update-patient 0')).toHaveLength(2);
    expect(seen).toContain('pds.update-patient 4');
    expect(seen).toContain('pds.search-patients 0');
    const byApplication = accesses.filter(({ text }) => text.includes(application.appId));
    expect(byApplication.map(({ operation }) => operation).sort()).toEqual([
      'pds.retrieve-patient',
      'pds.search-patients',
      'pds.update-patient',
    ]);
    expect(accesses.some(({ text }) => text.includes('healthcare-worker at K83002'))).toBe(true);
    expect(accesses.some(({ text }) => text.includes('555036637105'))).toBe(false);
  });

  test('nobody else sees that', async () => {
    const { other } = nhsNumbers(944_933_100, 'other');
    const token = await spine.token({ mode: 'patient', nhsNumber: other });
    const response = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${marigold}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(403);
  });
});

describe('clients that others wrote', () => {
  const configuration = () => {
    const server = { issuer: spine.url, token_endpoint: tokenUrl };
    const authentication = PrivateKeyJwt(
      { key: key.privateKey, kid: key.kid },
      {
        [modifyAssertion]: (header, payload) => {
          header.typ = 'JWT';
          payload.aud = tokenUrl;
        },
      },
    );
    const made = new Configuration(server, application.appId, {}, authentication);
    allowInsecureRequests(made);
    // the published service takes the media type without a parameter only, and this client sends its charset
    made[customFetch] = (url: string, { body, headers, method }: CustomFetchOptions) =>
      fetch(url, {
        method,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: String(body),
      });
    return made;
  };
  const fhirClient = (token: string) =>
    new Client({
      baseUrl: `${spine.url}${pdsBase}`,
      bearerToken: token,
      customHeaders: { 'x-request-id': randomUUID() },
    });

  test('openid-client gets a token by client credentials, fhir-kit-client searches and reads with it', async () => {
    const tokens = await clientCredentialsGrant(configuration());
    expect(tokens.expiresIn()).toBeGreaterThan(500);
    const client = fhirClient(tokens.access_token);
    const bundle = (await client.search({
      resourceType: 'Patient',
      searchParams: { family: 'Osgathorpe', birthdate: 'eq1984-03-09', gender: 'female' },
    })) as Json;
    expect(bundle).toMatchObject({ resourceType: 'Bundle', total: 1 });
    const patient = (await client.read({ resourceType: 'Patient', id: bundle.entry[0].resource.id })) as Json;
    expect(patient).toMatchObject({ resourceType: 'Patient', id: marigold });
  });

  test('fhir-kit-client reports a refusal with its OperationOutcome', async () => {
    const token = await spine.token({ mode: 'healthcare-worker' });
    const failure = await fhirClient(token)
      .read({ resourceType: 'Patient', id: '9000000000' })
      .then(
        () => undefined,
        (error: Json) => error,
      );
    expect(failure?.response).toMatchObject({ status: 400, data: { resourceType: 'OperationOutcome' } });
  });
});
