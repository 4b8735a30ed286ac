import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabaseUrl } from '../../../test/support/database.ts';
import { openSpine } from '../../spine.ts';
import { readConfig } from '../config/config.ts';

// a key pair for localhost that nothing but this test trusts
const tls = (name: string) => resolve(import.meta.dirname, '../../../test/support/tls', name);

const read = (
  port: number,
  path: string,
  ca: Buffer,
): Promise<{ status: number | undefined; protocol: string | null }> =>
  new Promise((done, failed) => {
    const request = get({ host: '127.0.0.1', servername: 'localhost', port, path, ca }, (response) => {
      const { socket } = response as unknown as { socket: import('node:tls').TLSSocket };
      response.resume();
      response.once('end', () => done({ status: response.statusCode, protocol: socket.getProtocol() }));
    });
    request.once('error', failed);
  });

test('in production it speaks TLS with the given certificate, and no plain HTTP', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-tls-'));
  const databaseUrl = await testDatabaseUrl();
  const config = readConfig({
    OPENSPINE_MODE: 'production',
    OPENSPINE_DATA: directory,
    OPENSPINE_DATABASE_URL: databaseUrl,
    OPENSPINE_TLS_CERT: tls('localhost.crt'),
    OPENSPINE_TLS_KEY: tls('localhost.key'),
    OPENSPINE_ISSUER_BASE: 'https://spine.example',
    OPENSPINE_STATUS_KEY: 'a status key',
    OPENSPINE_MASTER_KEY: '0f'.repeat(32),
    OPENSPINE_MESH_SHARED_KEY: 'a key of the installation',
    OPENSPINE_MESH_CLIENT_CA: 'proxy',
    OPENSPINE_NHS_NUMBERS: '999600000-999989999',
    OPENSPINE_LOG_LEVEL: 'silent',
  });
  const spine = await openSpine(config, { databaseUrl });
  try {
    const port = await spine.listen({ port: 0, host: '127.0.0.1' });
    const ca = readFileSync(tls('localhost.crt'));
    expect(await read(port, '/health/ready', ca)).toEqual({ status: 200, protocol: 'TLSv1.3' });
    expect(await read(port, '/personal-demographics/FHIR/R4/Patient/9000000009', ca)).toMatchObject({ status: 401 });
    await expect(fetch(`http://127.0.0.1:${port}/health/ready`)).rejects.toThrow();
  } finally {
    await spine.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
