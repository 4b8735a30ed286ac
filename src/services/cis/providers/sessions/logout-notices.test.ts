import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../../test/support/database.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { outbound } from '../../../../platform/http/outbound.ts';
import { Vault } from '../../../../platform/identity/vault.ts';
import { SigningKeys } from '../keys/signing-keys.ts';
import { LogoutNotices } from './logout-notices.ts';

const db = await testDatabase();
const clock = new Clock();
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url === '/quick') response.writeHead(200).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const notices = new LogoutNotices({
  db,
  clock,
  keys: new SigningKeys(db, clock, new Vault(Buffer.alloc(32, 7))),
  findClient: async (clientId) => ({ backchannel_logout_uri: `${base}/${clientId}` }),
  issuerOf: (provider) => `${base}/${provider}`,
  askFor: () => outbound({ isGuarded: false }),
});
afterAll(() => {
  notices.close();
  server.closeAllConnections();
  server.close();
});

test('an application that never answers keeps no other from being told', async () => {
  const of = { provider: 'cis2', userId: '555000000001' };
  for (let n = 0; n < 4; n++) await notices.keepIn(db, { ...of, clientId: 'silent', sid: `silent ${n}` });
  await notices.keepIn(db, { ...of, clientId: 'quick', sid: 'quick' });
  notices.watch();
  for (let i = 0; i < 200 && !asked.includes('/quick'); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked.filter((path) => path === '/quick')).toHaveLength(1);
});
