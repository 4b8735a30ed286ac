import { expect, test } from 'vitest';
import { testDatabaseUrl } from '../../test/support/database.ts';
import { startSpine } from '../../test/support/spine.ts';
import { readConfig } from '../platform/config/config.ts';
import { openSpine } from '../spine.ts';

const spine = await startSpine();

const patient = (id: string, version = '1') => ({
  resourceType: 'Patient',
  id,
  meta: { versionId: version, security: [{ code: 'U' }] },
  name: [{ id: '1', use: 'usual', family: 'Loaded', given: ['Una'] }],
  birthDate: '1980-02-03',
  gender: 'female',
});

const refused = async (name: string, body: unknown) => {
  const response = await fetch(`${spine.url}/sandbox/${name}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return `${response.status} ${((await response.json()) as { issue: [{ diagnostics: string }] }).issue[0].diagnostics}`;
};

test('what is loaded is there exactly so, and loading again puts it back', async () => {
  const counts = await spine.control('load', {
    pds: {
      patients: [patient('9449306621', '7')],
      superseded: { '9449306648': '9449306621' },
      invalidated: ['9449306656'],
    },
  });
  expect(counts.pds).toMatchObject({ patients: 1, superseded: 1, invalidated: 1 });
  const token = await spine.token({ mode: 'healthcare-worker' });
  expect((await spine.pds('/Patient/9449306621', { token })).body.meta.versionId).toBe('7');
  const merged = await spine.pds('/Patient/9449306648', { token });
  expect([merged.status, merged.body.id]).toEqual([200, '9449306621']);
  expect((await spine.pds('/Patient/9449306656', { token })).body.issue[0].details.coding[0].code).toBe(
    'INVALIDATED_RESOURCE',
  );
  const patch = () =>
    spine.pds('/Patient/9449306621', {
      token,
      method: 'PATCH',
      headers: {
        'content-type': 'application/json-patch+json',
        'if-match': 'W/"7"',
        'x-request-id': '60E0B220-8136-4CA5-AE46-1D97EF59D068',
      },
      body: { patches: [{ op: 'replace', path: '/gender', value: 'male' }] },
    });
  expect((await patch()).body).toMatchObject({ gender: 'male', meta: { versionId: '8' } });
  await spine.control('load', { pds: { patients: [patient('9449306621', '7')] } });
  expect((await spine.pds('/Patient/9449306621', { token })).body).toMatchObject({
    gender: 'female',
    meta: { versionId: '7' },
  });
  expect((await patch()).body).toMatchObject({ gender: 'male', meta: { versionId: '8' } });
});

test('a reset to nobody leaves nobody, and tokens go on', async () => {
  const token = await spine.token({ mode: 'healthcare-worker' });
  await spine.control('load', { pds: { patients: [patient('9449306621')] } });
  await spine.control('reset', { population: 'none' });
  expect((await spine.pds('/Patient/9449306621', { token })).status).toBe(404);
});

test('time can be moved: a token ends when its time is over, and the clock goes back', async () => {
  await spine.control('load', { pds: { patients: [patient('9449306621')] } });
  const token = await spine.token({ mode: 'healthcare-worker', expiresIn: 60 });
  expect((await spine.pds('/Patient/9449306621', { token })).status).toBe(200);
  await spine.control('clock', { advance: 'PT61S' });
  const late = await spine.pds('/Patient/9449306621', { token });
  expect([late.status, late.body.issue[0].diagnostics]).toEqual([401, 'Invalid Access Token']);
  const { now } = await spine.control('clock', { now: '2031-05-06T07:08:09Z' });
  expect(now).toMatch(/^2031-05-06T07:08:09/);
  await spine.control('clock', {});
  expect((await spine.pds('/Patient/9449306621', { token })).status).toBe(200);
});

test('every wrong request is refused by the field that is wrong', async () => {
  expect(await refused('token', {})).toMatch(/^400 mode: /);
  expect(await refused('token', { mode: 'wizard' })).toMatch(/^400 mode: /);
  expect(await refused('token', { mode: 'patient', extra: 1 })).toMatch(/^400 body: /);
  expect(await refused('token', { mode: 'patient', attributes: { a: '\u0000' } })).toMatch(/^400 body: /);
  const [apiKey, kind, odd] = ['odd', 'cis2', '\ud800'];
  expect(await refused('load', { cis: { applications: [{ apiKey, name: odd }] } })).toMatch(
    /^400 cis\/applications\/odd: /,
  );
  expect(await refused('load', { cis: { providers: [{ issuer: odd, kind }] } })).toMatch(/^400 cis\/providers\/0: /);
  expect(await refused('token', '{')).toBe('400 The body is not valid JSON');
  expect(await refused('load', { pds: { patients: [{ resourceType: 'Patient', id: '12' }] } })).toMatch(
    /^400 pds\/patients\/0\/id: /,
  );
  expect(await refused('load', { nothing: {} })).toMatch(/^400 body: /);
  expect(await refused('clock', { advance: 'soon' })).toMatch(/^400 advance: /);
  expect(await refused('clock', { now: 'later' })).toMatch(/^400 now: /);
  expect(await refused('clock', { now: '+275760-09-13T00:00:00Z' })).toMatch(/^400 now: /);
  expect(await refused('clock', { now: '-000100-01-01T00:00:00Z' })).toMatch(/^400 now: /);
  expect(await refused('clock', { advance: 'P9000Y' })).toMatch(/^400 advance: /);
  expect(await refused('reset', { population: 'half' })).toMatch(/^400 population: /);
});

test('in production none of these routes exists', async () => {
  const config = {
    ...readConfig({
      OPENSPINE_DATA: spine.dataDirectory,
      OPENSPINE_LOG_LEVEL: 'silent',
      OPENSPINE_ISSUER_BASE: 'https://spine.example',
    }),
    mode: 'production' as const,
  };
  const live = await openSpine(config, { databaseUrl: await testDatabaseUrl() });
  try {
    const port = await live.listen({ port: 0, host: '127.0.0.1' });
    for (const name of ['token', 'reset', 'load', 'clock']) {
      const response = await fetch(`http://127.0.0.1:${port}/sandbox/${name}`, { method: 'POST', body: '{}' });
      expect(response.status).toBe(404);
    }
  } finally {
    await live.close();
  }
});

test('production refuses to start without what it must have, and says what', () => {
  expect(() => readConfig({ OPENSPINE_MODE: 'production' })).toThrow(
    'Production mode refuses to start without OPENSPINE_TLS_CERT and OPENSPINE_TLS_KEY, OPENSPINE_DATABASE_URL, OPENSPINE_ISSUER_BASE, OPENSPINE_STATUS_KEY, OPENSPINE_NHS_NUMBERS, OPENSPINE_MASTER_KEY, OPENSPINE_MESH_SHARED_KEY, OPENSPINE_MESH_CLIENT_CA.',
  );
});
