import { readFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

const directory = join(import.meta.dirname, 'tls');

/** Files of a certificate for localhost and its key, which nothing but tests trusts. */
export const localhost = {
  cert: join(directory, 'localhost.crt'),
  key: join(directory, 'localhost.key'),
} as const;

/** Settings with which a Spine starts in production mode: everything it must have, and no more. */
export const productionEnv = (dataDirectory: string, databaseUrl: string) =>
  ({
    OPENSPINE_MODE: 'production',
    OPENSPINE_DATA: dataDirectory,
    OPENSPINE_DATABASE_URL: databaseUrl,
    OPENSPINE_TLS_CERT: localhost.cert,
    OPENSPINE_TLS_KEY: localhost.key,
    OPENSPINE_ISSUER_BASE: 'https://spine.example',
    OPENSPINE_STATUS_KEY: 'a status key',
    OPENSPINE_MASTER_KEY: '0f'.repeat(32),
    OPENSPINE_NHS_NUMBERS: '999600000-999989999',
    OPENSPINE_MESH_SHARED_KEY: 'a key of the installation',
    OPENSPINE_MESH_CLIENT_CA: 'proxy',
    OPENSPINE_LOG_LEVEL: 'silent',
  }) as const;

type TlsAnswer = { readonly status: number; readonly bytes: Buffer; readonly body: string; readonly protocol: string };

/** One request by TLS to localhost, on a connection of its own; trusts the certificate above, unless `options` say otherwise. */
export const askByTls = (port: number, path: string, options: RequestOptions = {}): Promise<TlsAnswer> =>
  new Promise((done, failed) => {
    const ca = readFileSync(localhost.cert);
    const whole = { host: '127.0.0.1', port, path, servername: 'localhost', agent: false, ca, ...options };
    request(whole, (response) => {
      const protocol = (response.socket as TLSSocket).getProtocol() ?? '';
      const pieces: Buffer[] = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => {
        const bytes = Buffer.concat(pieces);
        done({ status: response.statusCode ?? 0, bytes, body: bytes.toString(), protocol });
      });
    })
      .on('error', failed)
      .end();
  });
