import fc from 'fast-check';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startSpine } from '../../../test/support/spine.ts';
import { RateLimit } from './rate-limit.ts';

test('a rate limit lets through a burst of one second and then its rate, whatever the pattern', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
      (rate, gaps) => {
        const limit = new RateLimit(rate);
        let now = 0;
        let taken = 0;
        for (const gap of gaps) {
          now += gap;
          if (limit.take('app', now)) taken++;
        }
        expect(taken).toBeLessThanOrEqual(rate + (now * rate) / 1000 + 1e-6);
        expect(new RateLimit(rate).take('other', now)).toBe(true);
      },
    ),
  );
});

test('beyond the configured number under way, callers are turned away at once with Retry-After', async () => {
  const spine = await startSpine({ OPENSPINE_MAX_IN_FLIGHT: '2' });
  const ids = ['9449306621', '9449306648'];
  await spine.control('load', {
    pds: { patients: ids.map((id) => ({ resourceType: 'Patient', id, meta: { versionId: '1' }, gender: 'female' })) },
  });
  const token = await spine.token({ mode: 'healthcare-worker' });
  const other = new pg.Client({ connectionString: spine.databaseUrl });
  await other.connect();
  await other.query('begin; lock table pds.patient in exclusive mode');
  const slow = ids.map((id) =>
    spine.pds(`/Patient/${id}`, {
      token,
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"1"' },
      body: { patches: [{ op: 'replace', path: '/gender', value: 'male' }] },
    }),
  );
  await expect.poll(async () => (await spine.pds('/Patient/9449306621', { token })).status).toBe(503);
  const turnedAway = await spine.pds('/Patient/9449306621', { token });
  expect([turnedAway.status, turnedAway.headers.get('retry-after')]).toEqual([503, '5']);
  expect(turnedAway.body.issue[0].details.coding[0].code).toBe('SERVICE_UNAVAILABLE');
  await other.query('commit');
  await other.end();
  expect((await Promise.all(slow)).map((answer) => answer.status)).toEqual([200, 200]);
  expect((await spine.pds('/Patient/9449306621', { token })).status).toBe(200);
});

test('an application over its rate gets the published 429, another goes on', async () => {
  const spine = await startSpine({ OPENSPINE_RATE_LIMIT: '3' });
  const [one, two] = [
    await spine.token({ mode: 'healthcare-worker', appId: 'one' }),
    await spine.token({ mode: 'healthcare-worker', appId: 'two' }),
  ];
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => (await spine.pds('/Patient/9449306621', { token: one })).status),
  );
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5);
  const refused = await spine.pds('/Patient/9449306621', { token: one });
  expect(refused.body.issue[0].details.coding[0]).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect((await spine.pds('/Patient/9449306621', { token: two })).status).toBe(404);
});
