import { describe, expect, test } from 'vitest';
import { startSpine } from '../support/spine.ts';
import { hostileBodies, hostileTexts } from './bodies.ts';
import { type RawRequest, send } from './raw.ts';

/*
 * Every operation of identity, as the program itself lists them, with what nobody would send: never a 500, never a hung
 * connection, never a stack trace; and afterwards everything still works.
 */
const spine = await startSpine();
const port = Number(new URL(spine.url).port);
const officer = {
  roleProfileId: '555000000101',
  odsCode: 'A81001',
  roleCode: 'S0080:G0450:R5080',
  activities: ['B0015', 'B0016', 'B0017', 'B0018', 'B1300', 'B0267'],
};
const staff = await spine.token({
  mode: 'healthcare-worker',
  roles: [officer],
  expiresIn: 86_400,
  attributes: { 'developer-portal': 'true' },
});
const patient = await spine.token({ mode: 'patient', nhsNumber: '9449306621', expiresIn: 86_400 });

type Described = { paths: Record<string, Record<string, { operationId: string }>> };
const { paths } = (await (await fetch(`${spine.url}/openapi.json`)).json()) as Described;
const isOurs = (name: string) => !/^(pds|audit|sandbox|ops|docs)\./.test(name);
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, { operationId }]) => isOurs(operationId))
    .map(([method, { operationId }]) => ({ name: operationId, method: method.toUpperCase(), path })),
);

const types = ['application/json', 'application/x-www-form-urlencoded'];
const requestTo = (
  { method, path }: { method: string; path: string },
  filling: string,
  token: string,
  type: string,
  body: Buffer,
): RawRequest => ({
  method,
  target: path.replaceAll(/\{[A-Za-z]+\}/g, filling),
  headers: [
    ['Authorization', `Bearer ${token}`],
    ['X-Request-ID', crypto.randomUUID()],
    ['Content-Type', type],
    ['Cookie', `cis2_session=${filling}; cis2_interaction=${filling}; _session=${filling}; nhs-login_session=x`],
  ],
  body: method === 'GET' ? Buffer.alloc(0) : body,
});

/** What an answer must not be: a failure of ours, silence, or a look inside. */
function faultIn(status: number, text: string): string | undefined {
  if (status === 0) return 'no answer';
  if (status >= 500 && status !== 501 && status !== 503) return `${status}`;
  if (/node_modules|\.ts:\d+|at Object\.|SyntaxError|TypeError|syntax error at/.test(text)) return 'a look inside';
  return undefined;
}

async function faultsOf(requests: { what: string; request: RawRequest }[]): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < requests.length; i += 16) {
    const some = requests.slice(i, i + 16);
    const answers = await Promise.all(some.map(({ request }) => send(port, request)));
    answers.forEach((answer, j) => {
      const fault = faultIn(answer.status, answer.text);
      if (fault !== undefined) found.push(`${some[j]?.what}: ${fault} ${answer.text.slice(0, 200)}`);
    });
  }
  return found;
}

describe('identity meets what nobody would send', () => {
  test('the program lists its operations of identity', () => {
    expect(operations.length).toBeGreaterThan(60);
  });

  test.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (_name, operation) => {
    const bodies = Object.entries(hostileBodies).filter(() => operation.method !== 'GET');
    const requests = [
      // as what it is called in turn: few operations take both
      ...bodies.map(([what, body], i) => {
        const type = types[i % 2] as string;
        return { what: `${what} as ${type}`, request: requestTo(operation, '555000000101', staff, type, body) };
      }),
      ...hostileTexts
        .filter(() => operation.path.includes('{'))
        .map((text) => ({
          what: `path of ${text.slice(0, 30)}`,
          request: requestTo(operation, text, staff, types[0] as string, Buffer.from('{}')),
        })),
      ...hostileTexts.map((text) => ({
        what: `query of ${text.slice(0, 30)}`,
        request: requestTo(
          { ...operation, path: `${operation.path}?${text}=${text}&search=${text}&code=${text}&state=${text}` },
          'x',
          staff,
          types[1] as string,
          Buffer.from(`a=${text}`),
        ),
      })),
      {
        what: 'a patient',
        request: requestTo(operation, '9449306621', patient, types[0] as string, Buffer.from('{}')),
      },
      { what: 'nobody', request: requestTo(operation, 'x', 'nobody', types[0] as string, Buffer.from('{}')) },
    ];
    expect(await faultsOf(requests)).toEqual([]);
  });

  test('the mounted providers', async () => {
    const targets = ['/cis2', '/cis2/', '/nhs-login', '/nhs-login/'].concat(
      ...['/cis2', '/nhs-login'].map((base) =>
        ['authorize', 'token', 'userinfo', 'jwks', 'session/end', '.well-known/openid-configuration', 'nowhere'].map(
          (path) => `${base}/${path}`,
        ),
      ),
    );
    const requests = targets.flatMap((path) =>
      ['GET', 'POST', 'PUT', 'DELETE'].flatMap((method) => [
        ...hostileTexts.map((text) => ({
          what: `${method} ${path} with ${text.slice(0, 30)}`,
          request: requestTo(
            {
              method,
              path: `${path}?client_id=${text}&redirect_uri=${text}&scope=openid&response_type=code&vtr=${text}&acr_values=${text}`,
            },
            'x',
            text.slice(0, 100),
            types[1] as string,
            Buffer.from(`grant_type=authorization_code&code=${text}&client_id=${text}`),
          ),
        })),
        ...Object.entries(hostileBodies).map(([what, body]) => ({
          what: `${method} ${path} with ${what}`,
          request: requestTo({ method, path }, 'x', 'x', types[1] as string, body),
        })),
      ]),
    );
    expect(await faultsOf(requests)).toEqual([]);
  });

  test('and afterwards it still works', async () => {
    expect((await fetch(`${spine.url}/cis2/.well-known/openid-configuration`)).status).toBe(200);
    expect((await fetch(`${spine.url}/oauth2/_status`, { headers: { apikey: 'sandbox-status-key' } })).status).toBe(
      200,
    );
  });
});
