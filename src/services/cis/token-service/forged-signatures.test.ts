import { createHmac, createPublicKey, createSign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  assertionOf,
  clientKey,
  credentialsForm,
  encode,
  post,
  registered,
  serviceWithClient,
  tokenService,
} from '../../../../test/support/token-service.ts';

const { service, key, client, facts: factsOf, send } = await serviceWithClient();
const words = async (answer: ReturnType<typeof send>) => (await answer).body.error_description;

const badSignature = 'JWT signature verification failed';
const noKey = "Invalid 'kid' header in client_assertion JWT - no matching public key";
const badAlg = "Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'";

describe('forged signatures', () => {
  const claims = () => ({
    iss: client.appId,
    sub: client.appId,
    aud: service.url,
    jti: crypto.randomUUID(),
    exp: Math.floor(service.clock.now() / 1000) + 100,
  });
  const signedWith = (header: object, signature: (signed: string) => Buffer) => {
    const signed = `${encode(header)}.${encode(claims())}`;
    return `${signed}.${signature(signed).toString('base64url')}`;
  };
  const publicPem = createPublicKey({ key: key.publicJwk as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const hmac = (secret: string) => (signed: string) => createHmac('sha512', secret).update(signed).digest();
  const rsa = (algorithm: string) => (signed: string) => createSign(algorithm).update(signed).sign(key.pem);

  test.each([
    ['none'],
    ['None'],
    ['NONE'],
    [''],
    [null],
    [['RS512']],
    ['rs512'],
    ['RS512 '],
    ['PS512'],
    ['ES512'],
    ['HS512'],
    ['HS256'],
  ])('alg %j is refused for what it is', async (alg) => {
    expect(await words(send(signedWith({ alg, typ: 'JWT', kid: 'test-1' }, () => Buffer.alloc(0))))).toBe(badAlg);
  });

  test('an HMAC keyed with the public key is refused, under its own name and under RS512', async () => {
    expect(await words(send(signedWith({ alg: 'HS256', typ: 'JWT', kid: 'test-1' }, hmac(publicPem))))).toBe(badAlg);
    expect(await words(send(signedWith({ alg: 'RS512', typ: 'JWT', kid: 'test-1' }, hmac(publicPem))))).toBe(
      badSignature,
    );
  });

  test('RS512 by name with an empty, a shorter-hash or a truncated signature is refused', async () => {
    const header = { alg: 'RS512', typ: 'JWT', kid: 'test-1' };
    expect(await words(send(signedWith(header, () => Buffer.alloc(0))))).toBe(badSignature);
    expect(await words(send(signedWith(header, rsa('sha256'))))).toBe(badSignature);
    expect(await words(send(signedWith(header, (signed) => rsa('sha512')(signed).subarray(1))))).toBe(badSignature);
    expect((await send(signedWith(header, rsa('sha512')))).status).toBe(200);
  });

  test('claims changed under a good signature are refused', async () => {
    const [header, , signature] = (await assertionOf(key, factsOf(client.appId))).split('.');
    expect(await words(send(`${header}.${encode(claims())}.${signature}`))).toBe(badSignature);
  });

  test('a key that travels in the header is not looked at', async () => {
    const own = await clientKey('own');
    const facts = factsOf(client.appId);
    const carried = { jwk: own.publicJwk, jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/' };
    expect(await words(send(await assertionOf(own, facts, { header: carried })))).toBe(noKey);
    expect(await words(send(await assertionOf(own, facts, { header: { ...carried, kid: 'test-1' } })))).toBe(
      badSignature,
    );
  });

  test('critical extensions nobody knows make the signature void', async () => {
    const header = { alg: 'RS512', typ: 'JWT', kid: 'test-1', crit: ['b64'], b64: true };
    expect(await words(send(signedWith(header, rsa('sha512'))))).toBe(badSignature);
  });

  test.each([
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['TEST-1'],
    ['test-1 '],
    ['../test-1'],
    ["' or 1=1 --"],
    ['test-1\u0000'],
    [1],
    [true],
    [['test-1']],
    [{}],
  ])('kid %j names no key', async (kid) => {
    expect(await words(send(signedWith({ alg: 'RS512', typ: 'JWT', kid }, rsa('sha512'))))).toBe(noKey);
  });

  test.each(['\u0000', 'a'.repeat(20_000), '__proto__', "' or 1=1 --"])(
    'API key number %# is nobody',
    async (appId) => {
      expect(await words(send(await assertionOf(key, factsOf(appId))))).toBe(
        "Invalid 'iss'/'sub' claims in client_assertion JWT",
      );
    },
  );

  test('an assertion for another host is not made good by the Host header it is sent with', async () => {
    const named = await tokenService({ config: { issuerBase: 'https://spine.example' } });
    await registered(named.db, { appId: 'app', jwks: { keys: [key.publicJwk] } });
    const to = (audience: string) => assertionOf(key, { appId: 'app', audience, now: named.clock.now() });
    expect(await words(post(named.url, credentialsForm(await to(named.url))))).toContain("invalid 'aud'");
    expect((await post(named.url, credentialsForm(await to('https://spine.example/oauth2/token')))).status).toBe(200);
  });
});
