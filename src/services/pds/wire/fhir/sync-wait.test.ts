import pg from 'pg';
import { expect, test } from 'vitest';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();

test('a write that outlasts X-Sync-Wait answers 503 with Retry-After, and its repetition the outcome', async () => {
  await spine.control('load', {
    pds: {
      patients: [
        {
          resourceType: 'Patient',
          id: '9449306621',
          meta: { versionId: '1', security: [{ code: 'U' }] },
          gender: 'female',
          birthDate: '1990-01-01',
        },
      ],
    },
  });
  const token = await spine.token({ mode: 'healthcare-worker' });
  const update = () =>
    spine.pds('/Patient/9449306621', {
      token,
      method: 'PATCH',
      headers: {
        'content-type': 'application/json-patch+json',
        'if-match': 'W/"1"',
        'x-sync-wait': '0.25',
        'x-request-id': 'b1a2c3d4-0000-4000-8000-000000000001',
      },
      body: { patches: [{ op: 'replace', path: '/gender', value: 'male' }] },
    });
  const other = new pg.Client({ connectionString: spine.databaseUrl });
  await other.connect();
  await other.query("begin; select * from pds.patient where nhs_number = '9449306621' for update");
  const late = await update();
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
  expect(late.body.issue[0]).toMatchObject({ code: 'timeout', details: { coding: [{ code: 'SERVICE_UNAVAILABLE' }] } });
  await other.query('commit');
  await other.end();
  await expect.poll(async () => (await update()).status).toBe(200);
  const again = await update();
  expect([again.headers.get('etag'), again.body.gender]).toEqual(['W/"2"', 'male']);
});
