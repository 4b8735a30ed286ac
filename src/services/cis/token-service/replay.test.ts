import { describe, expect, test } from 'vitest';
import { assertionOf, registered, serviceWithClient, type Wanted } from '../../../../test/support/token-service.ts';

const { service, key, client, facts: factsOf, send, ...asks } = await serviceWithClient();
const ask = (wanted: Wanted = {}, appId = client.appId) => asks.ask(wanted, {}, key, appId);
const words = async (answer: ReturnType<typeof send>) => (await answer).body.error_description;

const nonUnique = "Non-unique 'jti' claim in client_assertion JWT";

describe('replay', () => {
  test('step 23: the same assertion a second time', async () => {
    const assertion = await assertionOf(key, factsOf(client.appId));
    expect((await send(assertion)).status).toBe(200);
    expect(await send(assertion)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: nonUnique },
    });
  });

  test('of many at once with one jti exactly one gets a token', async () => {
    const assertion = await assertionOf(key, factsOf(client.appId));
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(assertion)));
    const granted = answers.filter((answer) => answer.status === 200);
    const refused = answers.filter((answer) => answer.body.error_description === nonUnique);
    expect([granted.length, refused.length]).toEqual([1, 39]);
  });

  test.each([
    ['its exp was too far ahead', { claims: { exp: Math.floor(Date.now() / 1000) + 4000 } }, 'more than 5 minutes'],
    ['its client is unknown', { claims: { iss: 'nobody', sub: 'nobody' } }, "Invalid 'iss'/'sub'"],
    ['its kid is unknown', { header: { kid: 'nope' } }, 'no matching public key'],
    ['its aud is wrong', { claims: { aud: 'https://elsewhere.example' } }, "invalid 'aud'"],
  ])('a jti is spent although %s', async (_why, wanted, first) => {
    const assertion = await assertionOf(key, factsOf(client.appId), wanted);
    expect(await words(send(assertion))).toContain(first);
    expect(await words(send(assertion))).toBe(nonUnique);
  });

  test('a jti is not spent by an assertion whose form is wrong', async () => {
    const jti = crypto.randomUUID();
    expect(await words(ask({ header: { typ: 'x' }, claims: { jti } }))).toContain("Invalid 'typ'");
    expect((await ask({ claims: { jti } })).status).toBe(200);
  });

  test('two clients may use the same jti', async () => {
    const other = await registered(service.db, { jwks: { keys: [key.publicJwk] } });
    const jti = crypto.randomUUID();
    expect((await ask({ claims: { jti } })).status).toBe(200);
    expect((await ask({ claims: { jti } }, other.appId)).status).toBe(200);
  });

  test('a jti is remembered thirty days and then forgotten', async () => {
    const jti = crypto.randomUUID();
    const day = 86_400_000;
    try {
      expect((await ask({ claims: { jti } })).status).toBe(200);
      service.clock.moveTo(29.9 * day);
      expect(await words(ask({ claims: { jti } }))).toBe(nonUnique);
      service.clock.moveTo(30.1 * day);
      expect((await ask({ claims: { jti } })).status).toBe(200);
    } finally {
      service.clock.moveTo(0);
    }
  });

  test.each([
    ['a NUL', '\u0000'],
    ['a lone surrogate', '\ud800'],
    ['50,000 characters', 'j'.repeat(50_000)],
    ['SQL', "'); drop table identity.assertion; --"],
  ])('a jti of %s is a jti like any other', async (_what, odd) => {
    const jti = crypto.randomUUID() + odd;
    expect((await ask({ claims: { jti } })).status).toBe(200);
    expect(await words(ask({ claims: { jti } }))).toBe(nonUnique);
  });

  test('issuer and jti are not run together', async () => {
    const [one, two] = [
      await registered(service.db, { appId: 'ab', jwks: { keys: [key.publicJwk] } }),
      await registered(service.db, { appId: 'a', jwks: { keys: [key.publicJwk] } }),
    ];
    expect((await ask({ claims: { jti: 'c' } }, one.appId)).status).toBe(200);
    expect((await ask({ claims: { jti: 'bc' } }, two.appId)).status).toBe(200);
  });
});
