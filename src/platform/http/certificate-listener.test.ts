import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { type CertificateListener, listenForCertificates } from './certificate-listener.ts';

const tls = (name: string) => readFileSync(new URL(`../../../test/support/tls/${name}`, import.meta.url), 'utf8');
const own = { cert: tls('localhost.crt'), key: tls('localhost.key') };
const listen = (handle: Parameters<typeof listenForCertificates>[0]['handle']): Promise<CertificateListener> =>
  listenForCertificates({ tls: own, authorities: own.cert, port: 0, host: '127.0.0.1', handle, onError: () => {} });
const answered = async () => ({ status: 200, headers: {}, body: 'ok' });

function ask(
  port: number,
  shown: object = {},
): Promise<{ status: number | undefined; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/a?b', ca: own.cert, checkServerIdentity: () => undefined, ...shown },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, connection: response.headers.connection }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

test('the certificate presented is handed on, whoever issued it, or none; and the connection ends with the answer', async () => {
  const seen: { path: string; certificate: number }[] = [];
  const listener = await listen(async ({ path, certificate }) => {
    seen.push({ path, certificate: certificate?.length ?? 0 });
    return answered();
  });
  expect(await ask(listener.port)).toEqual({ status: 200, connection: 'close' });
  expect(await ask(listener.port, { cert: own.cert, key: own.key })).toEqual({ status: 200, connection: 'close' });
  expect(seen).toEqual([
    { path: '/a', certificate: 0 },
    { path: '/a', certificate: expect.any(Number) },
  ]);
  expect(seen[1]?.certificate).toBeGreaterThan(100);
  await listener.close();
});

test('no session is resumed: each connection proves its key anew', async () => {
  const listener = await listen(answered);
  const sessions: Buffer[] = [];
  const once = (session?: Buffer) =>
    new Promise<boolean>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: listener.port,
        ca: own.cert,
        checkServerIdentity: () => undefined,
        ...(session ? { session } : {}),
      });
      socket.on('session', (one) => sessions.push(one));
      socket.on('error', reject);
      socket.on('end', () => resolve(socket.isSessionReused()));
      socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
      socket.resume();
    });
  expect(await once()).toBe(false);
  for (const session of [...sessions]) expect(await once(session)).toBe(false);
  await listener.close();
});

test('a client that does not go on with its handshake holds up no end', async () => {
  const listener = await listen(answered);
  const silent = connectTcp({ host: '127.0.0.1', port: listener.port });
  await new Promise((resolve) => silent.once('connect', resolve));
  const closed = new Promise((resolve) => silent.once('close', resolve));
  silent.on('error', () => {});
  await Promise.all([listener.close(), closed]);
});

test('a handler that fails answers 503 without saying why', async () => {
  const listener = await listen(async () => {
    throw new Error('secret');
  });
  expect((await ask(listener.port)).status).toBe(503);
  await listener.close();
});
