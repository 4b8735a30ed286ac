import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { display, nhsNumbers, patch, person, told } from '../../../../../test/support/people.ts';
import { pdsBase, startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { known } = nhsNumbers(944_930_700, 'known');
await spine.control('load', { pds: { patients: [person(known)] } });
const staff = await spine.token({ mode: 'healthcare-worker' });

const raw = (path: string, init: RequestInit = {}) => fetch(`${spine.url}${pdsBase}${path}`, init);
const asAnswer = async (response: Response) => {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) };
};
const withAuthorization = async (authorization: string | undefined) =>
  asAnswer(await raw(`/Patient/${known}`, { headers: authorization === undefined ? {} : { authorization } }));

describe('the access token', () => {
  test.each([
    [undefined, 'Missing Authorization header'],
    ['', 'Empty Authorization header'],
    ['Bearer', 'Missing access token'],
    ['Basic abc', "Invalid token type 'Basic', must be 'Bearer'"],
    ['bearer abc', "Invalid token type 'bearer', must be 'Bearer'"],
    ['Bearer abc', 'Invalid Access Token'],
    [`Bearer ${staff} ${staff}`, 'Invalid Access Token'],
    [`Bearer ${'x'.repeat(5000)}`, 'Invalid Access Token'],
  ])('Authorization: %s is refused', async (authorization, why) => {
    const answer = await withAuthorization(authorization);
    expect(told(answer)).toBe(`401 ACCESS_DENIED ${why}`);
    expect(display(answer)).toBe('401 ACCESS_DENIED Access Denied - Unauthorised');
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('an expired one is refused', async () => {
    const token = await spine.token({ mode: 'healthcare-worker', expiresIn: -1 });
    expect(told(await spine.pds(`/Patient/${known}`, { token }))).toBe('401 ACCESS_DENIED Invalid Access Token');
  });

  test('it comes before the path, the request id and everything else', async () => {
    const answer = await asAnswer(await raw('/HelloWorld', { headers: { 'x-request-id': 'no uuid' } }));
    expect(told(answer)).toBe('401 ACCESS_DENIED Missing Authorization header');
  });
});

describe('the order of checks', () => {
  const staffWith = (more: object) => spine.token({ mode: 'healthcare-worker', ...more });
  const twoRoles = [
    { roleProfileId: '555001', odsCode: 'A81001' },
    { roleProfileId: '555002', odsCode: 'A81002' },
  ];

  test('path, then form of X-Request-ID, then role, then ASID, then mode, then presence of X-Request-ID', async () => {
    const token = await spine.token({ mode: 'healthcare-worker', roles: twoRoles, attributes: { asid: '' } });
    const ask = (path: string, headers: Record<string, string | undefined>) =>
      spine.pds(path, { token, headers }).then(told);
    expect(await ask('/Nobody', { 'x-request-id': '1' })).toBe("400 UNSUPPORTED_REQUEST Unsupported path - '/Nobody'");
    expect(await ask('/Patient/1', { 'x-request-id': '1' })).toBe(
      "400 INVALID_VALUE Invalid value - '1' in header 'X-Request-ID'",
    );
    expect(await ask('/Patient/1', { 'nhsd-session-urid': '9' })).toMatch(
      /^400 INVALID_VALUE Invalid value - '9' in header 'NHSD-Session-URID'. Refer to the guidance/,
    );
    expect(await ask('/Patient/1', { 'nhsd-session-urid': '555002', 'x-request-id': undefined })).toBe(
      '400 MISSING_VALUE No ASID is associated with your app. Please contact support.',
    );
  });

  test('a patient without ASID is refused for that before being refused as a patient', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: known, attributes: { asid: '' } });
    expect(told(await spine.pds('/Patient/9000000000', { token }))).toMatch(/^400 MISSING_VALUE No ASID/);
  });

  test('a patient is refused as a patient before the missing request id', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: known });
    const answer = await spine.pds('/Patient/12345', { token, headers: { 'x-request-id': undefined } });
    expect(display(answer)).toBe('403 ACCESS_DENIED Patient cannot perform this action');
  });

  test('the missing request id comes before the interactions, these before the number', async () => {
    const token = await staffWith({ attributes: { interactions: 'none' } });
    expect(told(await spine.pds('/Patient/12345', { token, headers: { 'x-request-id': undefined } }))).toBe(
      '400 MISSING_VALUE Invalid request with error - X-Request-ID header must be supplied to access this resource',
    );
    const answer = await spine.pds('/Patient/12345', { token });
    expect(told(answer)).toBe('401 ACCESS_DENIED');
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
  });

  test.each([
    ['GET', '/Patient?family=X&birthdate=2000-01-01'],
    ['GET', `/Patient/${known}`],
    ['PATCH', `/Patient/${known}`],
    ['GET', `/Patient/${known}/RelatedPerson`],
    ['POST', '/Patient'],
    ['POST', '/Patient/$process-birth-details'],
  ])('%s %s is closed to a system that is registered for nothing', async (method, path) => {
    const token = await staffWith({ attributes: { interactions: 'none' } });
    const headers = { 'content-type': 'application/json' };
    expect(told(await spine.pds(path, { token, method, headers }))).toBe('401 ACCESS_DENIED');
  });
});

describe('the role', () => {
  const one = [{ roleProfileId: '555001', odsCode: 'A81001' }];
  const two = [...one, { roleProfileId: '555002', odsCode: 'A81002' }];
  const ask = async (roles: object[], urid?: string) => {
    const token = await spine.token({ mode: 'healthcare-worker', roles });
    return (await spine.pds(`/Patient/${known}`, { token, headers: { 'nhsd-session-urid': urid } })).status;
  };

  test('is the only one, or the one named', async () => {
    expect(await ask(one)).toBe(200);
    expect(await ask(one, '555001')).toBe(200);
    expect(await ask(two, '555002')).toBe(200);
  });

  test('must be named among several, be digits, and be one of them', async () => {
    expect(await ask(two)).toBe(400);
    expect(await ask(two, '555003')).toBe(400);
    expect(await ask(one, 'doctor')).toBe(400);
  });

  test('plays no part for an application or a patient', async () => {
    const headers = { 'nhsd-session-urid': 'doctor' };
    for (const request of [{ mode: 'application-restricted' }, { mode: 'patient', nhsNumber: known }]) {
      const token = await spine.token(request);
      expect((await spine.pds(`/Patient/${known}`, { token, headers })).status).toBe(200);
    }
  });
});

describe('request and correlation id', () => {
  const ids = { 'x-request-id': '60E0B220-8136-4CA5-AE46-1D97EF59D068', 'x-correlation-id': 'free text, 11/2' };

  test.each([
    ['a success', `/Patient/${known}`, 200],
    ['an error of the service', '/Patient/9000000000', 400],
    ['an error of the gateway', '/HelloWorld', 400],
  ])('are echoed exactly as sent on %s', async (_what, path, status) => {
    const answer = await spine.pds(path, { token: staff, headers: ids });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-request-id')).toBe(ids['x-request-id']);
    expect(answer.headers.get('x-correlation-id')).toBe(ids['x-correlation-id']);
  });

  test('are echoed on a refused token, and when malformed', async () => {
    const refused = await spine.pds(`/Patient/${known}`, { token: 'unknown', headers: ids });
    expect(refused.headers.get('x-request-id')).toBe(ids['x-request-id']);
    const malformed = await spine.pds(`/Patient/${known}`, { token: staff, headers: { 'x-request-id': 'tea' } });
    expect(malformed.status).toBe(400);
    expect(malformed.headers.get('x-request-id')).toBe('tea');
  });

  test('are absent when not sent', async () => {
    const answer = await spine.pds(`/Patient/${known}`, { token: staff, headers: { 'x-request-id': undefined } });
    expect(answer.headers.has('x-request-id')).toBe(false);
    expect(answer.headers.has('x-correlation-id')).toBe(false);
  });

  test.each(['3f7c2b1a-0000-0000-0000-000000000000', 'ABCDEFAB-cdef-9999-ffff-ABCDEFABCDEF'])(
    '%s is well formed whatever its version',
    async (id) => {
      const answer = await spine.pds(`/Patient/${known}`, { token: staff, headers: { 'x-request-id': id } });
      expect(answer.status).toBe(200);
    },
  );
});

describe('what clients may not steer', () => {
  test('internal headers, Prefer and X-Sync-Wait change nothing and are never echoed', async () => {
    const headers = {
      'nhse-pds-custom-attributes': '{"return-empty-address-lines":"true"}',
      'nhse-pds-privileged-access': 'true',
      prefer: 'respond-async',
      'x-sync-wait': '29',
    };
    const plain = await spine.pds(`/Patient/${known}`, { token: staff });
    const steered = await spine.pds(`/Patient/${known}`, { token: staff, headers });
    expect(steered.body).toEqual(plain.body);
    for (const name of Object.keys(headers)) expect(steered.headers.has(name)).toBe(false);
    const updated = await patch(spine, known, {
      token: staff,
      patches: [{ op: 'replace', path: '/gender', value: 'unknown' }],
      headers,
    });
    expect(updated.status).toBe(200);
  });
});

describe('content types', () => {
  test.each([
    ['a patient', `/Patient/${known}`, 'application/fhir+json'],
    ['a search', '/Patient?family=Nobody&birthdate=2000-01-01', 'application/fhir+json'],
    ['related people', `/Patient/${known}/RelatedPerson`, 'application/fhir+json'],
    ['an error of the service', '/Patient/9000000000', 'application/fhir+json'],
    ['an unsupported path', '/metadata', 'application/json'],
  ])('%s', async (_what, path, type) => {
    const answer = await spine.pds(path, { token: staff });
    expect(answer.headers.get('content-type')).toBe(type);
  });
});

describe('paths and methods outside the interface', () => {
  test.each([
    '/HelloWorld',
    '/metadata',
    '/Patient/',
    `/Patient/${known}/Observation`,
    `/Patient/${known}/RelatedPerson/1`,
    '/patient',
    '/Coverage/1',
  ])('%s is an unsupported path', async (path) => {
    const answer = told(await spine.pds(path, { token: staff }));
    if (path === '/Patient/') expect(answer).toBe('400 UNSUPPORTED_SERVICE');
    else expect(answer).toBe(`400 UNSUPPORTED_REQUEST Unsupported path - '${path}'`);
  });

  test.each([
    ['PUT', `/Patient/${known}`],
    ['DELETE', `/Patient/${known}`],
    ['POST', `/Patient/${known}`],
    ['PUT', '/Patient'],
    ['PATCH', '/Patient'],
    ['DELETE', '/Coverage'],
    ['PATCH', '/Coverage'],
    ['POST', `/Patient/${known}/RelatedPerson`],
  ])('%s %s is an unsupported service', async (method, path) => {
    const answer = await spine.pds(path, { token: staff, method, body: {} });
    expect(told(answer)).toBe('400 UNSUPPORTED_SERVICE');
  });
});

describe('OPTIONS', () => {
  test('of a browser is answered with what the interface allows, without a token', async () => {
    const response = await raw(`/Patient/${known}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://clinic.example',
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization, if-match',
      },
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(response.headers.get('access-control-allow-origin')).toBe('https://clinic.example');
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, PUT, POST, PATCH, DELETE');
    expect(response.headers.get('access-control-max-age')).toBe('3628800');
    expect(response.headers.get('access-control-allow-headers')?.split(', ').sort()).toEqual([
      'accept',
      'authorization',
      'content-type',
      'if-match',
      'nhsd-end-user-organisation-ods',
      'nhsd-session-urid',
      'origin',
      'x-correlation-id',
      'x-request-id',
      'x-requested-with',
    ]);
  });

  test('alone ends at a service that does not know it', async () => {
    const answer = await spine.pds(`/Patient/${known}`, { token: staff, method: 'OPTIONS' });
    expect(display(answer)).toBe('502 UNKNOWN_ERROR Unknown Error');
    expect(answer.body.issue[0]).not.toHaveProperty('diagnostics');
    const nobody = await asAnswer(await raw(`/Patient/${known}`, { method: 'OPTIONS' }));
    expect(nobody.status).toBe(401);
  });
});

describe('_ping and _status', () => {
  test('_ping is public and says what is running', async () => {
    const answer = await asAnswer(await raw('/_ping'));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(['commitId', 'releaseId', 'revision', 'version']);
  });

  test('_status needs its key', async () => {
    const without = await asAnswer(await raw('/_status'));
    expect(display(without)).toBe('401 ACCESS_DENIED Invalid Api Key');
    expect((await raw('/_status', { headers: { apikey: 'wrong' } })).status).toBe(401);
    const opened = await asAnswer(await raw('/_status', { headers: { apikey: 'sandbox-status-key' } }));
    expect(opened.status).toBe(200);
    expect(opened.body.status).toBe('pass');
  });
});

describe('a limited rate', async () => {
  const limited = await startSpine({ OPENSPINE_RATE_LIMIT: 'contract' });
  const tokenOf = (appId: string) => limited.token({ mode: 'healthcare-worker', appId });
  const atOnce = (count: number, path: string, options: Parameters<typeof limited.pds>[1]) =>
    Promise.all(Array.from({ length: count }, () => limited.pds(path, options)));
  const tooManyCreations =
    '429 TOO_MANY_REQUESTS There have been too many Create Patient requests. Please try again later.';

  test('lets five requests a second of one application through', async () => {
    const token = await tokenOf('one');
    const answers = await atOnce(30, '/HelloWorld', { token });
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(display(refused[0]!)).toBe('429 TOO_MANY_REQUESTS Too many requests');
    expect((await limited.pds('/HelloWorld', { token: await tokenOf('two') })).status).toBe(400);
  });

  test('comes before the path and the request id, and after the token', async () => {
    const token = await tokenOf('three');
    const answers = await atOnce(30, '/HelloWorld', { token, headers: { 'x-request-id': 'tea' } });
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    const unknown = await atOnce(30, '/HelloWorld', { token: 'nobody' });
    expect(unknown.every(({ status }) => status === 401)).toBe(true);
  });

  test('lets three creations a second of all applications through, before anything of the mode', async () => {
    const tokens = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        limited.token({ mode: 'patient', nhsNumber: known, appId: `patient ${index}` }),
      ),
    );
    const answers = await Promise.all(
      tokens.map((token) => limited.pds('/Patient', { token, method: 'POST', headers: { 'x-request-id': 'tea' } })),
    );
    expect(answers.map(told).filter((answer) => answer === tooManyCreations).length).toBeGreaterThanOrEqual(5);
    expect(answers.map(told).filter((answer) => answer.startsWith('400 INVALID_VALUE')).length).toBeGreaterThanOrEqual(
      3,
    );
  });
});

test('every answer has a length and a request of its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const id = randomUUID();
      const answer = await spine.pds(`/Patient/${known}`, { token: staff, headers: { 'x-request-id': id } });
      return answer.headers.get('x-request-id') === id && Number(answer.headers.get('content-length')) > 0;
    }),
  );
  expect(answers.every(Boolean)).toBe(true);
});
