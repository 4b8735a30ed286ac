import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A certificate and its private key (PEM). */
export type Client = { readonly cert: string; readonly key: string };

/** Tests that make certificates with the tool of others are skipped where it is not installed. */
export const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

/** Makes keys, requests and certificates in a directory of its own, as clients of MESH do; gone with the test file. */
export function certificateDesk() {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-certificates-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let made = 0;
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' }).toString();
  const read = (path: string) => readFileSync(path, 'utf8');
  const at = (ending: string) => join(directory, `${++made}.${ending}`);
  return {
    openssl,
    /** Writes a file; its path. */
    file(content: string | Buffer): string {
      const path = at('file');
      writeFileSync(path, content);
      return path;
    },
    /** A certificate that is its own authority. */
    selfSigned(name: string): Client {
      const [key, cert] = [at('key'), at('crt')];
      const wish = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
      openssl('req', ...wish, '-keyout', key, '-out', cert);
      return { cert: read(cert), key: read(key) };
    },
    /** A certificate for this subject by an authority, of a key of its own. */
    issuedBy(authority: Client, subject: string): Client {
      const { csr, key } = this.signingRequest(subject);
      const by = ['-CA', this.file(authority.cert), '-CAkey', this.file(authority.key), '-CAcreateserial'];
      return { cert: openssl('x509', '-req', '-in', this.file(csr), ...by, '-days', '2'), key };
    },
    /** A key, and a request for a certificate of this subject that is signed with it. */
    signingRequest(subject: string, ...newKey: string[]): { readonly csr: string; readonly key: string } {
      const key = at('key');
      const wish = newKey.length > 0 ? newKey : ['-newkey', 'rsa:2048'];
      const csr = openssl('req', '-nodes', '-subj', subject, '-keyout', key, ...wish);
      return { csr, key: read(key) };
    },
  };
}

/** One GET by TLS, on a connection of its own; status and body. */
export const askedBy = (port: number, path: string, options: RequestOptions) =>
  new Promise<string>((done, failed) => {
    const whole = { host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false, ...options };
    request(whole, (response) => {
      let body = '';
      response.on('data', (piece) => (body += piece));
      response.on('end', () => done(`${response.statusCode} ${body}`));
    })
      .on('error', failed)
      .end();
  });
