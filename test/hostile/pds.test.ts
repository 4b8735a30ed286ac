import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { nhsNumbers, person } from '../support/people.ts';
import { bodyWithOneBadPlace } from '../support/refusals.ts';
import { birthRequest, coverageRequest, createRequest } from '../support/registration-requests.ts';
import { pdsBase, startSpine } from '../support/spine.ts';
import { hostileBodies, hostileTexts } from './bodies.ts';
import { faultOf, transportFaultOf } from './contract-shape.ts';
import { exchange, type RawRequest, send } from './raw.ts';

const spine = await startSpine();
const port = Number(new URL(spine.url).port);
const { known } = nhsNumbers(944_932_000, 'known');
const asItWas = () => spine.control('load', { pds: { patients: [person(known)] } });
await asItWas();
const staff = await spine.token({ mode: 'healthcare-worker', expiresIn: 86_400 });
const patient = await spine.token({ mode: 'patient', nhsNumber: known, expiresIn: 86_400 });

type Header = readonly [name: string, value: string];
const headers = (token: string, ...more: Header[]): Header[] => [
  ['Authorization', `Bearer ${token}`],
  ['X-Request-ID', randomUUID()],
  ...more,
];
const json: Header = ['Content-Type', 'application/json'];

/** Each operation as it is asked for, its body apart. */
const operations: Readonly<Record<string, Omit<RawRequest, 'body'>>> = {
  search: { method: 'GET', target: `${pdsBase}/Patient?family=X&birthdate=2000-01-01`, headers: headers(staff) },
  create: { method: 'POST', target: `${pdsBase}/Patient`, headers: headers(staff, json) },
  birth: { method: 'POST', target: `${pdsBase}/Patient/$process-birth-details`, headers: headers(staff, json) },
  retrieve: { method: 'GET', target: `${pdsBase}/Patient/${known}`, headers: headers(staff) },
  update: {
    method: 'PATCH',
    target: `${pdsBase}/Patient/${known}`,
    headers: headers(staff, ['Content-Type', 'application/json-patch+json'], ['If-Match', 'W/"3"']),
  },
  'related people': { method: 'GET', target: `${pdsBase}/Patient/${known}/RelatedPerson`, headers: headers(staff) },
  'read coverage': {
    method: 'GET',
    target: `${pdsBase}/Coverage?subscriber:identifier=${known}`,
    headers: headers(patient),
  },
  'replace coverage': {
    method: 'POST',
    target: `${pdsBase}/Coverage`,
    headers: headers(patient, json, ['If-Match', 'W/"3"']),
  },
};

/** Right bodies of the operations that take one. */
const bodies: Readonly<Record<string, () => unknown>> = {
  create: () => createRequest(),
  birth: () => birthRequest(),
  update: () => ({
    patches: [
      { op: 'test', path: '/telecom/0/id', value: 'CC000001' },
      { op: 'remove', path: '/telecom/0' },
      { op: 'replace', path: '/address/0/id', value: 'BB000001' },
      { op: 'replace', path: '/address/0/line/0', value: '9 Lock Lane' },
      {
        op: 'add',
        path: '/contact/-',
        value: {
          period: { start: '2024-09-04' },
          relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C' }] }],
          telecom: [{ system: 'phone', value: '01604555017' }],
        },
      },
    ],
  }),
  'replace coverage': () =>
    coverageRequest((body) => {
      body.subscriber.identifier.value = known;
    }),
};

/** Sends all of them and answers what was wrong with which; a record that one of them changed is put back. */
async function faultsOf(requests: readonly (RawRequest & { readonly name: string })[]): Promise<string[]> {
  const faults: string[] = [];
  const queue = [...requests];
  const isVersioned = requests.some(({ headers: sent = [] }) => sent.some(([header]) => header === 'If-Match'));
  const worker = async () => {
    for (let request = queue.shift(); request; request = queue.shift()) {
      const answer = await send(port, request);
      const fault = faultOf(answer, { isHead: request.method === 'HEAD' });
      if (fault !== undefined) faults.push(`${request.name}: ${fault}`);
      if (isVersioned && answer.status < 300) await asItWas();
    }
  };
  await Promise.all(Array.from({ length: isVersioned ? 1 : 8 }, worker));
  return faults;
}

afterAll(async () => {
  const answer = await spine.pds(`/Patient/${known}`, { token: staff });
  expect(answer.status, 'the service still works').toBe(200);
  expect(answer.body.name).toEqual(person(known).name);
  // the Spine runs in this process: what it let into a prototype would be here
  expect({}).not.toHaveProperty('polluted');
  expect({}).not.toHaveProperty('isAdmin');
});

describe.each(Object.entries(operations))('%s', (name, operation) => {
  const rightBody = bodies[name] ? { body: JSON.stringify(bodies[name]()) } : {};

  test('takes no body amiss', async () => {
    const requests = Object.entries(hostileBodies).map(([what, body]) => ({ ...operation, name: what, body }));
    expect(await faultsOf(requests)).toEqual([]);
  });

  test('refuses a body beyond the limit, where a body has a meaning', async () => {
    const answer = await send(port, { ...operation, body: Buffer.alloc(2_000_000, 0x20) });
    expect(faultOf(answer)).toBeUndefined();
    expect(answer.status).toBe(operation.method === 'GET' ? 200 : 413);
  });

  test('takes no header amiss', async () => {
    const values = [
      '',
      ' ',
      '\t',
      '\xff\xfe',
      '"',
      "';--",
      'W/""',
      '*',
      'null',
      'undefined',
      'x'.repeat(8_000),
      '\\u0000',
    ];
    const names = [
      'Authorization',
      'X-Request-ID',
      'X-Correlation-ID',
      'NHSD-Session-URID',
      'NHSD-End-User-Organisation-ODS',
      'If-Match',
      'Content-Type',
      'Accept',
      'X-Sync-Wait',
      'Prefer',
      '__proto__',
      'Transfer-Coding',
    ];
    const requests = names.flatMap((header) =>
      values.map((value) => ({
        ...operation,
        ...rightBody,
        name: `${header}: ${value.slice(0, 20)}`,
        headers: [...(operation.headers ?? []).filter(([other]) => other !== header), [header, value] as const],
      })),
    );
    expect(await faultsOf(requests)).toEqual([]);
  });

  test('takes no header amiss that comes twice', async () => {
    const requests = (operation.headers ?? []).map((header) => ({
      ...operation,
      ...rightBody,
      name: `${header[0]} twice`,
      headers: [...(operation.headers ?? []), header, [header[0], 'other'] as const],
    }));
    expect(await faultsOf(requests)).toEqual([]);
  });

  test('takes no query amiss', async () => {
    const [path = ''] = operation.target.split('?');
    const queries = hostileTexts.flatMap((text) => [text, `family=${text}&birthdate=2000-01-01`, `${text}=1`]);
    const many = Array.from({ length: 2_000 }, (_, index) => `given=${index}`).join('&');
    const requests = [...queries, many, '&&&&', '=', '?', '%3D', 'a=b=c', 'birthdate[]=1', 'family[x]=1'].map(
      (query) => ({ ...operation, name: query.slice(0, 60), target: `${path}?${query}` }),
    );
    expect(await faultsOf(requests)).toEqual([]);
  });
});

test('each search parameter takes hostile texts', async () => {
  const names = [
    'family',
    'given',
    'gender',
    'birthdate',
    'death-date',
    'address-postalcode',
    'general-practitioner',
    'email',
    'phone',
    '_fuzzy-match',
    '_exact-match',
    '_history',
    '_max-results',
  ];
  const requests = names.flatMap((name) =>
    hostileTexts.flatMap((text) =>
      ['', '&_fuzzy-match=true', '&_history=true'].map((more) => ({
        name: `${name}=${text.slice(0, 40)}${more}`,
        method: 'GET',
        target: `${pdsBase}/Patient?${name === 'family' ? '' : 'family=Smith&'}${
          name === 'birthdate' ? '' : 'birthdate=2000-01-01&'
        }given=A&${name}=${text}${name === '_fuzzy-match' || name === '_history' ? '' : more}`,
        headers: headers(staff),
      })),
    ),
  );
  expect(await faultsOf(requests)).toEqual([]);
});

test('each path takes hostile texts', async () => {
  const requests = hostileTexts.flatMap((text) =>
    [
      `/Patient/${text}`,
      `/Patient/${text}/RelatedPerson`,
      `/${text}`,
      `/Patient/${known}/${text}`,
      `/Coverage/${text}`,
    ].flatMap((path) =>
      ['GET', 'PATCH', 'POST'].map((method) => ({
        name: `${method} ${path.slice(0, 60)}`,
        method,
        target: `${pdsBase}${path}`,
        headers: headers(staff, json),
      })),
    ),
  );
  expect(await faultsOf(requests)).toEqual([]);
});

test('each method is answered on each path', async () => {
  const methods = [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'LINK',
    'SEARCH',
    'PURGE',
  ];
  const paths = [
    '',
    '/',
    '/Patient',
    '/Patient/',
    '//Patient',
    `/Patient/${known}`,
    `/Patient/${known}/`,
    `/Patient/${known}/RelatedPerson`,
    '/Patient/$process-birth-details',
    '/Coverage',
    '/_ping',
    '/_status',
    '/_poll/1',
    '/metadata',
    '/../../../etc/passwd',
  ];
  const requests = methods.flatMap((method) =>
    paths.map((path) => ({
      name: `${method} ${path}`,
      method,
      target: `${pdsBase}${path}`,
      headers: headers(staff, json),
    })),
  );
  expect(await faultsOf(requests)).toEqual([]);
});

describe('what is no HTTP', () => {
  const target = `${pdsBase}/Patient/${known}`;
  const get = (...lines: string[]) => Buffer.from([`GET ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1');

  test.each<[string, Buffer]>([
    ['a header of a megabyte', get('Host: a', `X-Long: ${'x'.repeat(1_048_576)}`)],
    ['100,000 parameters', Buffer.from(`GET ${pdsBase}/Patient?${'a=1&'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)],
    ['5,000 headers', get('Host: a', ...Array.from({ length: 5_000 }, (_, index) => `X-${index}: 1`))],
    ['a NUL in a header', get('Host: a', 'X-Nul: a\0b')],
    ['a NUL in the path', Buffer.from(`GET ${pdsBase}/Patient/\0 HTTP/1.1\r\nHost: a\r\n\r\n`)],
    ['a blank in the path', Buffer.from(`GET ${pdsBase}/Patient/1 2 HTTP/1.1\r\nHost: a\r\n\r\n`)],
    ['an unknown method', Buffer.from(`FROB ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)],
    ['two lengths', get('Host: a', 'Content-Length: 1', 'Content-Length: 2')],
    ['a length and chunks', get('Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['a length that is none', get('Host: a', 'Content-Length: -1')],
    ['chunks that are none', Buffer.concat([get('Host: a', 'Transfer-Encoding: chunked'), Buffer.from('zz\r\n')])],
    ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03])],
    ['noise', Buffer.from('\xff\xfe\x00\x01 nothing at all\r\n\r\n', 'latin1')],
  ])('%s is refused, and the connection closed', async (_what, bytes) => {
    expect(transportFaultOf(await exchange(port, bytes))).toBeUndefined();
  });

  test('a request without Host is refused', async () => {
    expect((await exchange(port, get('Connection: close'))).status).toBe(400);
  });

  test('a body that never comes costs its own connection only', async () => {
    const idle = Array.from({ length: 50 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`PATCH ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{`);
      return socket;
    });
    const answer = await spine.pds(`/Patient/${known}`, { token: staff });
    expect(answer.status).toBe(200);
    for (const socket of idle) socket.destroy();
    expect((await spine.pds(`/Patient/${known}`, { token: staff })).status).toBe(200);
  });
});

describe('a right request with one place gone wrong is answered or refused', () => {
  test.each(Object.entries(bodies))('%s', async (name, body) => {
    const operation = operations[name] as Omit<RawRequest, 'body'>;
    await fc.assert(
      fc.asyncProperty(bodyWithOneBadPlace(body), async (changed) => {
        const requestId: Header = ['X-Request-ID', randomUUID()];
        const others = (operation.headers ?? []).filter(([header]) => header !== 'X-Request-ID');
        const sent = { ...operation, headers: [...others, requestId], body: JSON.stringify(changed) ?? '' };
        const answer = await send(port, sent);
        expect(faultOf(answer)).toBeUndefined();
        if (name !== 'create' && name !== 'birth' && answer.status < 300) await asItWas();
      }),
      { numRuns: 200 },
    );
  });
});
