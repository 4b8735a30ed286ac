import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

const spine = await startSpine();
const sender = meshClient(spine.url, 'X26ABC1');
const owner = meshClient(spine.url, 'X26ABC2');

type Told = { body: string; signature: string };
const told: Told[] = [];
let answers = 200;
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    // never answered
    if (request.url === '/slow') return;
    told.push({ body, signature: String(request.headers['openspine-signature']) });
    response.writeHead(answers).end();
  });
});
await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
afterAll(() => receiver.close());
const address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/notice`;

async function webhook(method: string, body?: object, mailbox = 'X26ABC2') {
  const response = await fetch(`${spine.url}/mesh/mailboxes/${mailbox}/webhook`, {
    method,
    headers: { authorization: meshToken(mailbox) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
const send = (to = 'X26ABC2') =>
  sender('/outbox', { method: 'POST', headers: { 'mex-to': to, 'mex-workflowid': 'LETTER' }, body: 'Marigold' });
const waits = { timeout: 15_000, interval: 50 };

test('an owner is told that mail waits, and how much; nothing else; signed with a secret shown once', async () => {
  await send();
  const registered = await webhook('PUT', { url: address });
  expect(registered.body).toEqual({ url: address, secret: expect.any(String) });
  // what waited already is told of at once
  await expect.poll(() => told.length, waits).toBe(1);
  await send();
  await expect.poll(() => told.length, waits).toBeGreaterThan(1);
  const { body, signature } = told.at(-1) as Told;
  expect(JSON.parse(body)).toEqual({ mailbox: 'X26ABC2', waiting: 2 });
  const [, at, hash] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  expect(hash).toBe(createHmac('sha256', registered.body.secret).update(`${at}.${body}`).digest('hex'));
  const { status, body: state } = await webhook('GET');
  expect([status, state.isEnabled, state.failures]).toEqual([200, true, 0]);
  expect(JSON.stringify(state)).not.toContain(registered.body.secret);
});

test('mail of other mailboxes, and mail that was acknowledged meanwhile, is not told of', async () => {
  for (const id of (await owner('/inbox')).body.messages as string[])
    await owner(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });
  const before = told.length;
  await send('X26ABC3');
  await send();
  await expect.poll(() => told.length, waits).toBe(before + 1);
  expect(JSON.parse(told.at(-1)?.body ?? '')).toEqual({ mailbox: 'X26ABC2', waiting: 1 });
});

test('a receiver that fails is tried again ever more slowly, and given up after three days', async () => {
  answers = 500;
  await send();
  await expect.poll(async () => (await webhook('GET')).body.failures, waits).toBeGreaterThan(0);
  expect((await webhook('GET')).body.fault).toBe('answered 500');
  await spine.control('clock', { advance: 'PT3H' });
  await expect.poll(async () => (await webhook('GET')).body.failures, waits).toBeGreaterThan(1);
  answers = 204;
  await spine.control('clock', { advance: 'PT3H' });
  await expect.poll(async () => (await webhook('GET')).body.failures, waits).toBe(0);
  answers = 500;
  await send();
  await expect.poll(async () => (await webhook('GET')).body.failures, waits).toBeGreaterThan(0);
  await spine.control('clock', { advance: 'P3DT1H' });
  await expect.poll(async () => (await webhook('GET')).body.isEnabled, waits).toBe(false);
  answers = 200;
  const before = told.length;
  expect((await webhook('PUT', { url: address })).status).toBe(200);
  await expect.poll(() => told.length, waits).toBe(before + 1);
});

test('an address that is none, or another mailbox’s, is refused; removed, nobody is told', async () => {
  for (const url of ['ftp://example.org/', 'nonsense', 'http://user:secret@example.org/', 'http://example.org/#here'])
    expect(await webhook('PUT', { url })).toMatchObject({ status: 400, body: { issue: [{ expression: ['url'] }] } });
  const foreign = await fetch(`${spine.url}/mesh/mailboxes/X26ABC2/webhook`, {
    method: 'PUT',
    headers: { authorization: meshToken('X26ABC1') },
    body: JSON.stringify({ url: address }),
  });
  expect(foreign.status).toBe(403);
  expect([(await webhook('DELETE')).status, (await webhook('DELETE')).status]).toEqual([204, 404]);
  expect((await webhook('GET')).status).toBe(404);
});

test('a receiver that is slow holds up no other, and what a process left undone another does', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  receiver.prependListener('request', (request) => {
    if (request.url === '/slow') resolve();
  });
  await send('X26ABC3');
  expect((await webhook('PUT', { url: address.replace('/notice', '/slow') }, 'X26ABC3')).status).toBe(200);
  await asked;
  const before = told.length;
  await webhook('PUT', { url: address });
  await expect.poll(() => told.length, { timeout: 8000, interval: 50 }).toBe(before + 1);
  // taken by a process that then died
  const db = new Database({ url: spine.databaseUrl });
  onTestFinished(() => db.close());
  const taken = sql`update mesh.webhook set due_at = now() + interval '20 days' where mailbox_id = 'X26ABC2' returning due_at`;
  expect(await db.query(taken)).toHaveLength(1);
  await send();
  await spine.control('clock', { advance: 'P21D' });
  await send();
  await expect.poll(() => told.length, waits).toBeGreaterThan(before + 1);
});
