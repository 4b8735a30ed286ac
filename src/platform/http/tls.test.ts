import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabaseUrl } from '../../../test/support/database.ts';
import { askByTls, productionEnv } from '../../../test/support/production.ts';
import { openSpine } from '../../spine.ts';
import { readConfig } from '../config/config.ts';

test('in production it speaks TLS with the given certificate, and no plain HTTP', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-tls-'));
  const databaseUrl = await testDatabaseUrl();
  const spine = await openSpine(readConfig(productionEnv(directory, databaseUrl)), { databaseUrl });
  try {
    const port = await spine.listen({ port: 0, host: '127.0.0.1' });
    expect(await askByTls(port, '/health/ready')).toMatchObject({ status: 200, protocol: 'TLSv1.3' });
    expect(await askByTls(port, '/personal-demographics/FHIR/R4/Patient/9000000009')).toMatchObject({ status: 401 });
    await expect(fetch(`http://127.0.0.1:${port}/health/ready`)).rejects.toThrow();
  } finally {
    await spine.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
