import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { display, type Json, nhsNumbers, patch, person, told, urls } from '../../../../../test/support/people.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { open, restricted, superseded, invalidated, unheld } = nhsNumbers(
  944_931_000,
  'open',
  'restricted',
  'superseded',
  'invalidated',
  'unheld',
);
beforeEach(async () => {
  await spine.control('reset', { population: 'none' });
  await spine.control('load', {
    pds: {
      patients: [person(open), person(restricted, { security: 'R' }), person(invalidated)],
      invalidated: [invalidated],
      superseded: { [superseded]: open },
    },
  });
});
const staff = await spine.token({ mode: 'healthcare-worker' });
const retrieve = (number: string, token = staff) => spine.pds(`/Patient/${number}`, { token });
const gender = (value: string) => [{ op: 'replace', path: '/gender', value }];
const newAddress = (postcode: string) => [
  {
    op: 'replace',
    path: '/address/0',
    value: {
      id: 'BB000001',
      use: 'home',
      period: { start: '2024-01-12' },
      line: ['', '8 Canal Row', '', 'Braunston', ''],
      postalCode: postcode,
    },
  },
];
const json = (text: string) => ({ token: staff, body: text });

describe('the answer', () => {
  test('is the whole record, one version on, as it is read afterwards', async () => {
    const answer = await patch(spine, open, { token: staff, patches: gender('unknown') });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"4"');
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
    const before = person(open).address[0];
    expect(answer.body).toMatchObject({ gender: 'unknown', meta: { versionId: '4' }, address: [{ id: before.id }] });
    expect((await retrieve(open)).body).toEqual(answer.body);
  });

  test('is all or nothing', async () => {
    const patches = [...gender('male'), { op: 'replace', path: '/name/0/family', value: 'Nobody' }];
    const answer = await patch(spine, open, { token: staff, patches });
    expect(told(answer)).toBe(
      '400 INVALID_UPDATE Invalid update with error - no id or url found for path with root /name/0',
    );
    const { body } = await retrieve(open);
    expect(body.gender).toBe('female');
    expect(body.meta.versionId).toBe('3');
  });

  test('keeps what of a restricted record was never shown', async () => {
    const answer = await patch(spine, restricted, { token: staff, patches: gender('unknown') });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('address');
    const privileged = await spine.token({ mode: 'privileged-application-restricted' });
    const { body } = await retrieve(restricted, privileged);
    expect(body.address[0].postalCode).toBe('NN6 8SW');
    expect(body.telecom[0].value).toBe('07700900461');
    expect(body.extension.map(({ url }: Json) => url)).toEqual([urls.pharmacy, urls.birthPlace]);
  });

  test('keeps blank lines of an address that was not touched', async () => {
    await patch(spine, open, { token: staff, patches: gender('unknown') });
    const token = await spine.token({
      mode: 'healthcare-worker',
      attributes: { 'return-empty-address-lines': 'true' },
    });
    expect((await retrieve(open, token)).body.address[0].line).toEqual([null, '12 Weir Walk', null, 'Thornby', null]);
  });
});

describe('the order of checks', () => {
  const wrong = {
    headers: { 'content-type': 'text/plain', 'x-request-id': undefined },
    version: 'nonsense',
    body: '{',
  };

  test('number, If-Match, Content-Type, X-Request-ID, existence, patches, version, operation', async () => {
    const { headers } = wrong;
    const ask = async (number: string, options: object) =>
      told(await patch(spine, number, { token: staff, ...options }));
    expect(await ask('9000000000', wrong)).toBe('400 INVALID_RESOURCE_ID');
    expect(await ask(unheld, wrong)).toMatch(/^412 PRECONDITION_FAILED Invalid request with error - If-Match header/);
    expect(await ask(unheld, { ...wrong, version: 9 })).toBe('400 UNSUPPORTED_SERVICE');
    expect(await ask(unheld, { ...wrong, version: 9, headers: { 'x-request-id': headers['x-request-id'] } })).toMatch(
      /^400 MISSING_VALUE .*X-Request-ID/,
    );
    expect(await ask(unheld, { version: 9, body: '{' })).toBe('404 RESOURCE_NOT_FOUND');
    expect(await ask(invalidated, { version: 9, patches: [] })).toBe('404 INVALIDATED_RESOURCE');
    expect(await ask(open, { version: 9, patches: [] })).toBe(
      '400 INVALID_UPDATE Invalid update with error - No patches found',
    );
    expect(await ask(open, { version: 9, patches: [{ op: 'bad_value', path: '/name' }] })).toBe(
      '409 RESOURCE_VERSION_MISMATCH',
    );
    expect(await ask(open, { patches: [{ op: 'bad_value', path: '/name' }] })).toBe(
      "400 INVALID_VALUE Invalid value - 'bad_value' in field '0/op'",
    );
  });

  test.each([undefined, '"3"', 'W/3', 'W/"x"', '*', 'W/"3', 'w/"3"', ''])(
    'If-Match: %s is no precondition',
    async (version) => {
      const headers = { 'if-match': version };
      const answer = await patch(spine, open, { token: staff, patches: gender('male'), headers });
      expect(told(answer)).toBe(
        '412 PRECONDITION_FAILED Invalid request with error - If-Match header must be supplied to update this resource',
      );
    },
  );

  test.each([undefined, 'application/json', 'application/fhir+json', 'text/plain'])(
    'Content-Type: %s is an unsupported service',
    async (type) => {
      const headers = { 'content-type': type };
      const answer = await patch(spine, open, { token: staff, patches: gender('male'), headers });
      expect(told(answer)).toBe('400 UNSUPPORTED_SERVICE');
    },
  );

  test.each(['{}', '{"patches":[]}', '{"patches":null}', '[]', '"patches"', 'null'])(
    '%s holds no patches',
    async (text) => {
      expect(told(await patch(spine, open, json(text)))).toBe(
        '400 INVALID_UPDATE Invalid update with error - No patches found',
      );
    },
  );

  test('members beside the patches are ignored', async () => {
    const body = { patches: gender('male'), correction: true };
    expect((await patch(spine, open, { token: staff, body })).status).toBe(200);
  });
});

describe('who asks', () => {
  test.each(['application-restricted', 'privileged-application-restricted'])('%s may not update', async (mode) => {
    const answer = await patch(spine, '9000000000', { token: await spine.token({ mode }), version: 'x', body: '{' });
    expect(display(answer)).toBe(`403 INVALID_METHOD Cannot update resource with ${mode} access token`);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('an application that holds the attribute may', async () => {
    const token = await spine.token({
      mode: 'application-restricted',
      attributes: { 'app-restricted-update': 'true' },
    });
    expect((await patch(spine, open, { token, patches: gender('male') })).status).toBe(200);
  });

  test('a patient may change some of their own record, and nobody else’s', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: open });
    expect(display(await patch(spine, restricted, { token, patches: newAddress('NN11 7HJ') }))).toBe(
      '403 ACCESS_DENIED Patient cannot perform this action',
    );
    expect(told(await patch(spine, open, { token, patches: gender('male') }))).toBe(
      '400 INVALID_UPDATE Invalid update with error - This user does not have permission to update the fields in the patches provided.',
    );
    const moved = await patch(spine, open, { token, patches: newAddress('NN11 7HJ') });
    expect(moved.body.address[0]).toMatchObject({ postalCode: 'NN11 7HJ', line: ['8 Canal Row', 'Braunston'] });
  });

  test('a patient of weak proofing may not', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: open, vector: 'P5.Cp.Cd', proofing: 'P5' });
    expect((await patch(spine, open, { token, patches: newAddress('NN11 7HJ') })).status).toBe(403);
  });

  test('a superseded record is not updated, nor the kept one by a patient of the old number', async () => {
    const forbidden =
      '403 FORBIDDEN_UPDATE Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge';
    expect(told(await patch(spine, superseded, { token: staff, patches: gender('male') }))).toBe(forbidden);
    const token = await spine.token({ mode: 'patient', nhsNumber: superseded });
    const old = await patch(spine, superseded, { token, patches: newAddress('NN11 7HJ') });
    expect(told(old)).toBe(forbidden);
    expect(old.body.issue[0].severity).toBe('information');
    const kept = await patch(spine, open, { token, patches: newAddress('NN11 7HJ') });
    expect(display(kept)).toBe('403 ACCESS_DENIED Patient cannot perform this action');
  });
});

describe('at the same time', () => {
  test('of twenty updates of one version one is done, the others conflict', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        patch(spine, open, { token: staff, patches: newAddress(`NN11 7H${String.fromCharCode(65 + index)}`) }),
      ),
    );
    const done = answers.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    expect(answers.filter((answer) => told(answer) === '409 RESOURCE_VERSION_MISMATCH')).toHaveLength(19);
    const { body } = await retrieve(open);
    expect(body).toEqual(done[0]?.body);
    expect(body.meta.versionId).toBe('4');
  });

  test('the same request sent twenty times is done once and answered twenty times', async () => {
    const headers = { 'x-request-id': randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => patch(spine, open, { token: staff, patches: gender('male'), headers })),
    );
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect((await retrieve(open)).body.meta.versionId).toBe('4');
  });
});

describe('a repetition', () => {
  test('answers what the first answered, also after later changes', async () => {
    const first = { token: staff, patches: gender('male'), headers: { 'x-request-id': randomUUID() } };
    const answer = await patch(spine, open, first);
    const repeated = async () => {
      const again = await patch(spine, open, first);
      expect(again.body).toEqual(answer.body);
      expect(again.headers.get('etag')).toBe('W/"4"');
    };
    await repeated();
    await patch(spine, open, { token: staff, version: 4, patches: newAddress('NN11 7HJ') });
    await repeated();
    await patch(spine, open, { token: staff, version: 5, patches: gender('unknown') });
    await repeated();
    expect((await retrieve(open)).body).toMatchObject({ gender: 'unknown', meta: { versionId: '6' } });
  });

  test('is one only with the same content, version and application', async () => {
    const headers = { 'x-request-id': randomUUID() };
    await patch(spine, open, { token: staff, patches: gender('male'), headers });
    const other = await spine.token({ mode: 'healthcare-worker', appId: 'another' });
    expect((await patch(spine, open, { token: staff, patches: gender('unknown'), headers })).status).toBe(409);
    expect((await patch(spine, open, { token: other, patches: gender('male'), headers })).status).toBe(409);
    expect((await patch(spine, open, { token: staff, version: 4, patches: gender('unknown'), headers })).status).toBe(
      200,
    );
  });

  test('is an access like any other, and recorded', async () => {
    const first = { token: staff, patches: gender('male'), headers: { 'x-request-id': randomUUID() } };
    await patch(spine, open, first);
    await patch(spine, open, first);
    await patch(spine, open, first);
    const token = await spine.token({ mode: 'patient', nhsNumber: open });
    const response = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${open}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { entry } = (await response.json()) as Json;
    const mine = entry.filter(({ resource }: Json) => JSON.stringify(resource).includes(first.headers['x-request-id']));
    expect(mine).toHaveLength(3);
  });
});
