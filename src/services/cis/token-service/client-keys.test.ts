import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { registered, serviceWithClient, type Wanted } from '../../../../test/support/token-service.ts';
import { sql } from '../../../platform/db/sql.ts';

const { service, key, client, facts: factsOf, send, ...asks } = await serviceWithClient();
const ask = (wanted: Wanted = {}, appId = client.appId) => asks.ask(wanted, {}, key, appId);
const words = async (answer: ReturnType<typeof send>) => (await answer).body.error_description;

const noKey = "Invalid 'kid' header in client_assertion JWT - no matching public key";

describe('key sets that clients publish', () => {
  const answers = new Map<string, RequestListener>();
  const asked: string[] = [];
  const publisher = createServer((request, response) => {
    asked.push(request.url as string);
    const answer = answers.get(request.url as string);
    if (answer) answer(request, response);
    else response.writeHead(404).end('{}');
  }).listen(0, '127.0.0.1');
  afterAll(() => {
    publisher.closeAllConnections();
    publisher.close();
  });
  const publisherBase = () => `http://127.0.0.1:${(publisher.address() as AddressInfo).port}`;
  const good = JSON.stringify({ keys: [key.publicJwk] });
  const unreachable = "The JWKS endpoint, for your client_assertion can't be reached";

  const publishing = async (path: string, answer: RequestListener) => {
    answers.set(path, answer);
    return registered(service.db, { jwksUrl: publisherBase() + path });
  };

  test('a key set is fetched once, however many ask, and again after 3,600 seconds', async () => {
    const { appId } = await publishing('/good', (_request, response) => void setTimeout(() => response.end(good), 50));
    const count = () => asked.filter((path) => path === '/good').length;
    const all = await Promise.all(Array.from({ length: 5 }, () => ask({}, appId)));
    expect(all.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(count()).toBe(1);
    try {
      service.clock.moveTo(3_590_000);
      expect((await ask({}, appId)).status).toBe(200);
      expect(count()).toBe(1);
      service.clock.moveTo(3_610_000);
      expect((await ask({}, appId)).status).toBe(200);
      expect(count()).toBe(2);
    } finally {
      service.clock.moveTo(0);
    }
  });

  test('step 28: a kid that a kept set does not have is not asked for again', async () => {
    const { appId } = await publishing('/kid', (_request, response) => void response.end(good));
    expect((await ask({}, appId)).status).toBe(200);
    expect(await words(ask({ header: { kid: 'newer' } }, appId))).toBe(noKey);
    expect(asked.filter((path) => path === '/kid').length).toBe(1);
  });

  test.each<[string, RequestListener]>([
    ['an error', (_request, response) => void response.writeHead(500).end(good)],
    ['a redirect to a good set', (_request, response) => void response.writeHead(302, { location: '/good' }).end()],
    ['no JSON', (_request, response) => void response.end('<html>')],
    ['JSON that is no set', (_request, response) => void response.end('{"keys":"none"}')],
    ['null', (_request, response) => void response.end('null')],
    ['more than 100 KB', (_request, response) => void response.end(`{"keys":[],"x":"${'x'.repeat(120_000)}"}`)],
    [
      'a compressed body',
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(good),
    ],
    ['a connection cut short', (_request, response) => void response.destroy()],
    [
      'half a body',
      (_request, response) =>
        void response.writeHead(200, { 'content-length': '5000' }).write(good, () => response.destroy()),
    ],
  ])('step 27: the address answers %s', async (what, answer) => {
    const { appId } = await publishing(`/bad/${encodeURIComponent(what)}`, answer);
    expect(await ask({}, appId)).toMatchObject({
      status: 403,
      body: { error: 'public_key error', error_description: unreachable },
    });
  });

  test('step 27: nobody listens at the address', async () => {
    const { appId } = await registered(service.db, { jwksUrl: 'http://127.0.0.1:9/jwks' });
    expect(await words(ask({}, appId))).toBe(unreachable);
  });

  test('step 27: the address drips bytes for more than five seconds', async () => {
    const { appId } = await publishing('/drip', (_request, response) => {
      response.write('{"keys":[');
      const drip = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(drip));
    });
    // it never ends by itself
    expect(await words(ask({}, appId))).toBe(unreachable);
  });

  test('a failure is not remembered', async () => {
    const { appId } = await publishing('/mended', (_request, response) => void response.writeHead(503).end());
    expect(await words(ask({}, appId))).toBe(unreachable);
    answers.set('/mended', (_request, response) => void response.end(good));
    expect((await ask({}, appId)).status).toBe(200);
  });

  test('keys that are not for RS512 signatures are passed over', async () => {
    const weak = { kty: 'RSA', kid: 'weak', n: Buffer.alloc(128, 0xc5).toString('base64url'), e: 'AQAB' };
    const keys = [
      { ...key.publicJwk, kid: 'enc', use: 'enc' },
      { ...key.publicJwk, kid: 'rs256', alg: 'RS256' },
      { ...key.publicJwk, kid: 'e1', e: 'AQ' },
      { kty: 'oct', kid: 'oct', k: 'c2VjcmV0', alg: 'HS512' },
      weak,
      null,
      'key',
      { ...key.publicJwk, kid: 5 },
      key.publicJwk,
    ];
    const { appId } = await publishing('/mixed', (_request, response) => void response.end(JSON.stringify({ keys })));
    for (const kid of ['enc', 'rs256', 'e1', 'oct', 'weak', '5']) {
      expect(await words(ask({ header: { kid } }, appId))).toBe(noKey);
    }
    expect((await ask({}, appId)).status).toBe(200);
  });

  test('the jti is spent before the address is asked', async () => {
    let spent: object[] = [];
    const jti = crypto.randomUUID();
    const before = await service.db.query(sql`select jti_key from identity.assertion`);
    const { appId } = await publishing('/order', (_request, response) => {
      void service.db.query(sql`select jti_key from identity.assertion`).then((rows) => {
        spent = rows;
        response.end(good);
      });
    });
    expect((await ask({ claims: { jti } }, appId)).status).toBe(200);
    expect(spent.length).toBe(before.length + 1);
  });
});
