import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OutboundError, outbound } from './outbound.ts';
import { isPublicAddress } from './public-address.ts';

const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers['accept-encoding']}`);
  if (request.url === '/moved') response.writeHead(302, { location: '/there' }).end();
  else if (request.url === '/silent') return;
  else if (request.url === '/long') response.end('x'.repeat(5000));
  else request.pipe(response);
});
let base = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = outbound({ isGuarded: false });
const guarded = outbound({ isGuarded: true });
const bounds = { millis: 1000, bytes: 1000 };

test('a body goes there and the answer comes back', async () => {
  const answer = await ask({ url: `${base}/echo`, method: 'POST', body: 'hello', ...bounds });
  expect([answer.status, answer.body.toString()]).toEqual([200, 'hello']);
  expect(seen).toContain('POST /echo identity');
});

test('a redirect is an answer and is not followed', async () => {
  expect((await ask({ url: `${base}/moved`, ...bounds })).status).toBe(302);
  expect(seen.some((line) => line.includes('/there'))).toBe(false);
});

test('an answer one byte over the bound is refused, one at the bound is not', async () => {
  await expect(ask({ url: `${base}/long`, millis: 1000, bytes: 4999 })).rejects.toThrow('larger than 4999 bytes');
  expect((await ask({ url: `${base}/long`, millis: 1000, bytes: 5000 })).body.length).toBe(5000);
});

test('who does not answer in time is given up', async () => {
  await expect(ask({ url: `${base}/silent`, millis: 100, bytes: 10 })).rejects.toThrow('no answer within 100 ms');
});

test.each(['file:///etc/passwd', 'ftp://example.org/', 'data:,x', '/jwks', '', 'http://user:word@127.0.0.1/'])(
  '%j is not asked',
  async (url) => {
    await expect(ask({ url, ...bounds })).rejects.toBeInstanceOf(OutboundError);
  },
);

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://0/',
  'https://10.1.2.3/',
  'https://172.31.0.1/',
  'https://192.168.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://100.64.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://localhost/',
])('guarded, %s is refused before a connection is made', async (url) => {
  await expect(guarded({ url, ...bounds })).rejects.toThrow('the address is not public');
});

test('guarded, plain http is refused', async () => {
  await expect(guarded({ url: `${base}/echo`, ...bounds })).rejects.toThrow('https is required');
});

test.each([
  ['8.8.8.8', true],
  ['172.32.0.1', true],
  ['172.15.255.255', true],
  ['2a00:1450:4009::1', true],
  ['192.169.0.1', true],
  ['fe80::1%eth0', false],
  ['255.255.255.255', false],
  ['example.org', false],
])('%s is public: %s', (address, is) => {
  expect(isPublicAddress(address)).toBe(is);
});
