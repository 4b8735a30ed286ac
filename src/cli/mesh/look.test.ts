import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { certificateDesk, hasOpenssl } from '../../../test/support/client-certificates.ts';
import { heard } from '../../../test/support/command.ts';
import { foreignMesh } from '../../../test/support/foreign-mesh.ts';
import { main } from '../main.ts';
import { trackedIn } from './tracked.ts';

const root = mkdtempSync(join(tmpdir(), 'openspine-mesh-look-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function meshWith(env: Record<string, string>, ...args: string[]) {
  const { code, out, err } = await heard(main, env, ['mesh', ...args]);
  return { code, said: out, complained: err.join('\n') };
}
const mesh = (url: string, mailbox: string, ...args: string[]) =>
  meshWith({ MESH_URL: url, MESH_MAILBOX: mailbox }, ...args);

async function sent(url: string, localId: string): Promise<string> {
  const file = join(root, 'results.csv');
  writeFileSync(file, 'one,two\n');
  const wish = ['--to', 'X26ABC2', '--workflow', 'WF_1', '--local-id', localId, '--json'];
  const { said } = await mesh(url, 'X26ABC1', 'send', file, ...wish);
  return JSON.parse(said[0] ?? '').messageId;
}

test.for(['1', '2'])('what waits is listed whole, page after page, and stays, by version %s', async (api) => {
  const there = await foreignMesh();
  there.state.pageSize = 50;
  const ids = Array.from({ length: 103 }, (_, n) => there.put('X26ABC2', {}, [Buffer.from(`${n}`)]));
  expect(await mesh(there.url, 'X26ABC2', 'list', '--api', api)).toEqual({ code: 0, said: ids, complained: '' });
  const some = await mesh(there.url, 'X26ABC2', 'list', '--api', api, '--max', '3', '--json');
  expect(some.said.map((line) => JSON.parse(line))).toEqual(ids.slice(0, 3).map((messageId) => ({ messageId })));
  expect(there.messages.every(({ status }) => status === 'accepted')).toBe(true);
  expect(there.asked.some((line) => /inbox\/\d/.test(line))).toBe(false);
});

test.for(['1', '2'])('--long tells what headers tell, and leaves out what is gone, by version %s', async (api) => {
  const there = await foreignMesh();
  const headers = { 'mex-from': 'X26ABC1', 'mex-workflowid': 'WF_1' };
  const letter = there.put('X26ABC2', { ...headers, 'mex-subject': 'Dear\u0085 colleague' }, [Buffer.from('12345678')]);
  const chunks = there.put('X26ABC2', { ...headers, 'mex-filename': 'scan.dat' }, [Buffer.from('1'), Buffer.from('2')]);
  const gone = there.put('X26ABC2', headers, [Buffer.from('1')]);
  const report = there.put(
    'X26ABC2',
    {
      'mex-workflowid': 'WF_1',
      'mex-messagetype': 'REPORT',
      'mex-linkedmsgid': 'M1',
      'mex-statuscode': '14',
      'mex-statusdescription': 'Message not collected',
    },
    [Buffer.alloc(0)],
  );
  there.next(new RegExp(`HEAD .*${gone}`), { status: 410 });
  const listed = await mesh(there.url, 'X26ABC2', 'list', '--long', '--api', api);
  expect(listed).toEqual({
    code: 0,
    complained: '',
    said: [
      `${letter}  WF_1  X26ABC1  size not told  Dear  colleague`,
      `${chunks}  WF_1  X26ABC1  2 chunks  scan.dat`,
      `${report}  WF_1  report on M1: 14 Message not collected`,
    ],
  });
  const json = await mesh(there.url, 'X26ABC2', 'list', '--long', '--json', '--max', '1', '--api', api);
  expect(JSON.parse(json.said[0] ?? '')).toMatchObject({ messageId: letter, from: 'X26ABC1', workflowId: 'WF_1' });
});

test.for(['1', '2'])('a message is tracked by its id and by our own, by version %s', async (api) => {
  const there = await foreignMesh();
  const id = await sent(there.url, 'mine');
  const lines = [
    `${id}: accepted`,
    '  to X26ABC2 (TESTMB2), WF_1, local id mine',
    '  sent 2026-11-25T12:00:00Z, comes back 2026-11-30T12:00:00Z unless it is collected',
  ];
  expect(await mesh(there.url, 'X26ABC1', 'track', id, '--api', api)).toEqual({ code: 0, said: lines, complained: '' });
  expect((await mesh(there.url, 'X26ABC1', 'track', '--local-id', 'mine', '--api', api)).said).toEqual(lines);
  const json = await mesh(there.url, 'X26ABC1', 'track', id, '--json', '--api', api);
  expect(JSON.parse(json.said[0] ?? '')).toMatchObject({ messageId: id, status: 'accepted', isSuccess: true });
  const second = await sent(there.url, 'mine');
  const both = await mesh(there.url, 'X26ABC1', 'track', '--local-id', 'mine', '--api', api);
  expect(both.said.filter((line) => line.endsWith(': accepted'))).toEqual([`${id}: accepted`, `${second}: accepted`]);
  expect(both).toMatchObject({ code: 0, complained: expect.stringMatching(/several messages have the local id mine/) });
  const unknown = await mesh(there.url, 'X26ABC1', 'track', 'M0', second, '--api', api);
  expect(unknown).toMatchObject({ code: 1, complained: expect.stringMatching(/has sent no message of id M0/) });
  expect(unknown.said[0]).toBe(`${second}: accepted`);
});

test('an end that was none is told with its code, in either version', () => {
  const first = { messageId: 'M1', status: 'Undeliverable', statusSuccess: 'ERROR', statusCode: '14' };
  const second = { message_id: 'M1', status: 'undeliverable', status_success: false, status_code: '14' };
  for (const said of [first, second])
    expect(trackedIn(said)).toMatchObject({ status: 'undeliverable', isSuccess: false, statusCode: '14' });
  expect(trackedIn({ messageId: 'M1', status: 'Accepted', uploadTimestamp: 'soon' })?.sentAt).toBe('soon');
  expect(trackedIn({})).toBeUndefined();
});

test.for(['1', '2'])('right settings are told to be right, by version %s', async (api) => {
  const there = await foreignMesh({ offers: 'idempotency-key' });
  const checked = await mesh(there.url, 'X26ABC1', 'check', '--api', api);
  expect(checked).toMatchObject({ code: 0, complained: '' });
  expect(checked.said).toEqual([
    `${there.url}/messageexchange/ lets X26ABC1 in (version ${api} of the interface).`,
    'The clocks agree.',
    'Beyond the published interface it offers idempotency-key.',
  ]);
  const json = JSON.parse((await mesh(there.url, 'X26ABC1', 'check', '--json')).said[0] ?? '');
  expect(json).toMatchObject({ isRight: true, mailbox: 'X26ABC1', offers: ['idempotency-key'] });
});

test.for([
  [403, { detail: [{ event: 'SEND', code: 'EPL-151', msg: 'No mailbox matched' }] }, /--mailbox: there is no mailbox/],
  [403, { errorDescription: 'Request Received from Inactive Mailbox' }, /was deactivated/],
  [403, { errorDescription: 'Client certificate is not registered for the mailbox' }, /Look at --cert/],
  [403, 'forbidden by the gateway', /in front of MESH/],
  [400, { detail: [{ event: '', code: '', msg: 'Accept header api format incorrect' }] }, /--api/],
  [404, 'nothing here', /there is no MESH at/],
  [503, '', /check again/],
  [200, '<html>', /something else than a MESH/],
] as const)('an answer %s %j to the handshake is explained', async ([status, body, words]) => {
  const there = await foreignMesh();
  there.next(/POST/, { status, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const checked = await mesh(there.url, 'X26ABC1', 'check');
  expect(checked).toMatchObject({ code: 1, said: [], complained: expect.stringMatching(words) });
  there.next(/POST/, { status, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const json = JSON.parse((await mesh(there.url, 'X26ABC1', 'check', '--json')).said[0] ?? '');
  expect(json).toMatchObject({ isRight: false, advice: expect.stringMatching(words) });
});

test('a wrong password, a clock that is hours off and an address where nobody is are explained', async () => {
  const there = await foreignMesh();
  there.state.password = 'changed';
  expect((await mesh(there.url, 'X26ABC1', 'check')).complained).toMatch(/--password-file and --shared-key-file/);
  const late = createServer((_, response) => {
    response.writeHead(403, { date: new Date(Date.now() - 3 * 3_600_000).toUTCString() });
    response.end(JSON.stringify({ errorDescription: 'Invalid Authentication Token' }));
  });
  await new Promise<void>((done) => late.listen(0, '127.0.0.1', done));
  const checked = await mesh(`http://127.0.0.1:${(late.address() as AddressInfo).port}`, 'X26ABC1', 'check');
  late.close();
  expect(checked.complained).toMatch(/Set the clock/);
  const nobody = await mesh('http://127.0.0.1:1', 'X26ABC1', 'check');
  expect(nobody).toMatchObject({ code: 1, complained: expect.stringMatching(/nobody answers at 127\.0\.0\.1:1/) });
});

test.skipIf(!hasOpenssl)('what TLS refuses is explained: our certificate, theirs, or none', async () => {
  const tls = (name: string) => resolve(import.meta.dirname, '../../../test/support/tls', name);
  const desk = certificateDesk();
  const known = desk.selfSigned('known.x26.api.mesh-client.nhs.uk');
  const stranger = desk.selfSigned('stranger.x26.api.mesh-client.nhs.uk');
  const there = await foreignMesh({
    tls: {
      cert: readFileSync(tls('localhost.crt')),
      key: readFileSync(tls('localhost.key')),
      ca: known.cert,
      requestCert: true,
      rejectUnauthorized: true,
    },
  });
  const env = { MESH_URL: there.url, MESH_MAILBOX: 'X26ABC1', MESH_PASSWORD: 'password', MESH_SHARED_KEY: 'TestKey' };
  const of = ({ cert, key }: typeof known) => ['--cert', desk.file(cert), '--key', desk.file(key)];
  const believed = ['--ca', tls('localhost.crt')];
  const right = await meshWith(env, 'check', ...of(known), ...believed);
  expect(right.code, right.complained).toBe(0);
  expect(right.said[1]).toMatch(
    /^The certificate known\.x26\.api\.mesh-client\.nhs\.uk holds until .*: 1 days more\.$/,
  );
  expect((await meshWith(env, 'check', ...of(stranger), ...believed)).complained).toMatch(
    /not of an authority that this MESH/,
  );
  expect((await meshWith(env, 'check', ...believed)).complained).toMatch(/Look at --cert and --key/);
  expect((await meshWith(env, 'check', ...of(known))).complained).toMatch(/Look at --ca/);
  const other = desk.selfSigned('mesh.example');
  const elsewhere = { ...env, MESH_URL: (await foreignMesh({ tls: other })).url };
  expect((await meshWith(elsewhere, 'check', '--ca', desk.file(other.cert))).complained).toMatch(
    /not one of localhost/,
  );
  const plain = await foreignMesh();
  const noTls = { ...env, MESH_URL: plain.url.replace('http:', 'https:') };
  expect((await meshWith(noTls, 'check', ...of(known), ...believed)).complained).toMatch(/no MESH that speaks https/);
});

test.for([
  [['list', 'more'], 2],
  [['list', '--max', '0'], 2],
  [['track'], 2],
  [['check', '--nonsense'], 2],
] as const)('%s is called wrongly', async ([args, code]) => {
  expect((await mesh('http://127.0.0.1:1', 'X26ABC1', ...args)).code).toBe(code);
});
