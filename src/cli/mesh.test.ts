import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { foreignMesh } from '../../test/support/foreign-mesh.ts';
import { main } from './main.ts';

const root = mkdtempSync(join(tmpdir(), 'openspine-mesh-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'd-'));

/** Calls `openspine mesh` in this process as the mailbox. */
async function mesh(url: string, mailbox: string, ...args: string[]) {
  const { code, out, err } = await heard(main, { MESH_URL: url, MESH_MAILBOX: mailbox }, ['mesh', ...args]);
  return { code, said: out, complained: err.join('\n') };
}

const send = (url: string, file: string, ...more: string[]) =>
  mesh(url, 'X26ABC1', 'send', file, '--to', 'X26ABC2', '--workflow', 'WF_1', ...more);

function fileOf(content: string | Buffer, name = 'results.csv'): string {
  const path = join(fresh(), name);
  writeFileSync(path, content);
  return path;
}

const idIn = (lines: string[]) => /sent as (\S+)/.exec(lines.join('\n'))?.[1];
const sumOf = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

test.for(['1', '2'])('a file is sent, fetched and acknowledged by version %s', async (api) => {
  const there = await foreignMesh();
  const file = fileOf('one,two\n');
  const sent = await send(there.url, file, '--subject', 'Batch 7', '--partner', 'P', '--encrypted', '--api', api);
  expect(sent).toMatchObject({ code: 0, complained: '' });
  expect(there.messages[0]?.headers).toMatchObject({
    'mex-filename': 'results.csv',
    'mex-subject': 'Batch 7',
    'mex-partnerid': 'P',
    'mex-content-encrypted': 'Y',
    'mex-content-checksum': `SHA-256:${sumOf('one,two\n')}`,
  });
  const directory = fresh();
  const fetched = await mesh(there.url, 'X26ABC2', 'fetch', directory, '--api', api);
  expect(fetched).toMatchObject({ code: 0, complained: '' });
  const id = idIn(sent.said);
  expect(fetched.said).toEqual([`${join(directory, `${id}.dat`)}: 8 bytes from X26ABC1, WF_1`]);
  expect(readFileSync(join(directory, `${id}.dat`), 'utf8')).toBe('one,two\n');
  expect(JSON.parse(readFileSync(join(directory, `${id}.json`), 'utf8'))).toMatchObject({
    messageId: id,
    from: 'X26ABC1',
    subject: 'Batch 7',
    sha256: sumOf('one,two\n'),
  });
  expect(readdirSync(directory).sort()).toEqual([`${id}.dat`, `${id}.json`]);
  expect(readdirSync(join(file, '..'))).toEqual(['results.csv']);
  expect(there.messages[0]?.status).toBe('acknowledged');
});

test.for(['1', '2'])('an inbox of several pages is fetched whole by version %s; what is kept stays', async (api) => {
  const there = await foreignMesh();
  there.state.pageSize = 50;
  for (let n = 0; n < 103; n++) there.put('X26ABC2', { 'mex-workflowid': 'W', 'mex-from': 'X' }, [Buffer.from(`${n}`)]);
  const directory = fresh();
  const some = await mesh(there.url, 'X26ABC2', 'fetch', directory, '--keep', '--max', '3', '--api', api, '--json');
  expect(some.said.map((line) => JSON.parse(line).bytes)).toEqual([1, 1, 1]);
  expect(there.messages.every(({ status }) => status === 'accepted')).toBe(true);
  expect((await mesh(there.url, 'X26ABC2', 'fetch', directory, '--api', api)).said).toHaveLength(103);
  expect(there.messages.every(({ status }) => status === 'acknowledged')).toBe(true);
});

test('a file of several chunks arrives whole over a link that fails at every step', async () => {
  const there = await foreignMesh();
  const content = randomBytes(3 * 1_048_576 + 77);
  const file = fileOf(content);
  there.next(/POST .*outbox$/, 'cut-before');
  there.next(/outbox\/.*\/2$/, 'cut-after');
  there.next(/outbox\/.*\/3$/, { status: 503 });
  there.next(/outbox\/.*\/4$/, 'cut-after');
  const sent = await send(there.url, file, '--chunk', '1', '--json');
  expect(sent.code).toBe(0);
  expect(JSON.parse(sent.said[0] ?? '')).toMatchObject({ bytes: content.length, chunks: 4, isResumed: false });
  expect(there.messages.filter(({ status }) => status === 'accepted')).toHaveLength(1);
  const directory = fresh();
  there.next(/GET .*inbox\/[^/]*$/, 'cut-before');
  there.next(/GET .*inbox\/.*\/3$/, { status: 429, headers: { 'retry-after': '0' } });
  there.next(/PUT/, 'cut-after');
  expect((await mesh(there.url, 'X26ABC2', 'fetch', directory)).code).toBe(0);
  const [name = ''] = readdirSync(directory).filter((one) => one.endsWith('.dat'));
  expect(readFileSync(join(directory, name))).toEqual(content);
});

test('sending that is given up goes on at the chunk where it stopped', async () => {
  const there = await foreignMesh();
  const content = randomBytes(3 * 1_048_576);
  const file = fileOf(content);
  there.next(/outbox\/.*\/3$/, 'cut-before');
  const first = await send(there.url, file, '--chunk', '1', '--tries', '1');
  expect(first).toMatchObject({ code: 3 });
  expect(first.complained).toMatch(/given up after 1 tries.*the same command goes on from here/);
  const before = there.asked.length;
  const second = await send(there.url, file, '--chunk', '1', '--tries', '1', '--json');
  expect(second.complained).toBe('');
  expect(JSON.parse(second.said[0] ?? '')).toMatchObject({ isResumed: true, messageId: there.messages[0]?.id });
  expect(there.asked.slice(before).filter((line) => line.includes('outbox'))).toHaveLength(1);
  expect(Buffer.concat(there.messages[0]?.chunks ?? [])).toEqual(content);
  expect(there.messages).toHaveLength(1);
});

test('fetching that is given up goes on at the chunk where it stopped', async () => {
  const there = await foreignMesh();
  const chunks = [randomBytes(5000), randomBytes(5000), randomBytes(10)];
  const id = there.put('X26ABC2', { 'mex-workflowid': 'W' }, chunks);
  const directory = fresh();
  there.next(/\/3$/, 'cut-before');
  expect(await mesh(there.url, 'X26ABC2', 'fetch', directory, '--tries', '1')).toMatchObject({ code: 3 });
  expect(readdirSync(directory).filter((name) => !name.startsWith('.'))).toEqual([]);
  const before = there.asked.length;
  expect(await mesh(there.url, 'X26ABC2', 'fetch', directory, '--tries', '1')).toMatchObject({ code: 0 });
  expect(there.asked.slice(before).filter((line) => /inbox\/\d/.test(line))).toEqual([
    `GET /messageexchange/X26ABC2/inbox/${id}/3`,
    `PUT /messageexchange/X26ABC2/inbox/${id}/status/acknowledged`,
  ]);
  expect(readFileSync(join(directory, `${id}.dat`))).toEqual(Buffer.concat(chunks));
});

test('what was received of a message and is no longer there is fetched anew, never made up', async () => {
  const there = await foreignMesh();
  const chunks = [randomBytes(5000), randomBytes(5000), randomBytes(10)];
  const id = there.put('X26ABC2', { 'mex-workflowid': 'W' }, chunks);
  const directory = fresh();
  there.next(/\/3$/, 'cut-before');
  expect(await mesh(there.url, 'X26ABC2', 'fetch', directory, '--tries', '1')).toMatchObject({ code: 3 });
  rmSync(join(directory, `.${id}.part`));
  expect(await mesh(there.url, 'X26ABC2', 'fetch', directory, '--tries', '1')).toMatchObject({ code: 0 });
  expect(readFileSync(join(directory, `${id}.dat`))).toEqual(Buffer.concat(chunks));
});

test('a chunk that is another than was asked for is not taken', async () => {
  const there = await foreignMesh();
  there.put('X26ABC2', { 'mex-workflowid': 'W' }, [randomBytes(50), randomBytes(50)]);
  there.next(/\/2$/, { status: 200, headers: { 'mex-chunk-range': '1:2' }, body: 'the first again' });
  const directory = fresh();
  const fetched = await mesh(there.url, 'X26ABC2', 'fetch', directory);
  expect(fetched).toMatchObject({
    code: 1,
    complained: expect.stringMatching(/sent chunk 1 of .* in place of chunk 2/),
  });
  expect(readdirSync(directory)).toEqual([]);
  expect(there.messages.map(({ status }) => status)).toEqual(['accepted']);
});

test('a first send is never repeated: cut off after it arrived, MESH is asked, and no second message made', async () => {
  const there = await foreignMesh();
  const file = fileOf('once');
  there.next(/POST .*outbox$/, 'cut-after');
  const sent = await send(there.url, file);
  expect(sent).toMatchObject({ code: 0 });
  expect(there.messages).toHaveLength(1);
  expect(idIn(sent.said)).toBe(there.messages[0]?.id);
});

test('a first send cut off before it arrived is in doubt, and settled by the next call', async () => {
  const there = await foreignMesh();
  const file = fileOf('once');
  there.next(/POST .*outbox$/, 'cut-before');
  const first = await send(there.url, file);
  expect(first.code).toBe(4);
  expect(first.complained).toMatch(/not known whether MESH has taken the message/);
  expect((await send(there.url, file)).complained).toMatch(/ask again in \d+ s/);
  expect(await send(there.url, file, '--settle', '0')).toMatchObject({ code: 0 });
  expect(there.messages).toHaveLength(1);
});

test('a first send in doubt under a local id of the caller is left to a person', async () => {
  const there = await foreignMesh();
  const file = fileOf('once');
  there.next(/POST .*outbox$/, 'cut-after');
  expect((await send(there.url, file, '--local-id', 'mine')).code).toBe(4);
  const again = await send(there.url, file, '--local-id', 'mine', '--settle', '0');
  expect(again).toMatchObject({ code: 4 });
  expect(again.complained).toMatch(/has a message of local id mine.*--again/);
  expect(there.messages).toHaveLength(1);
  const third = await send(there.url, file, '--local-id', 'mine', '--again');
  expect([third.code, third.complained]).toEqual([0, '']);
  expect(there.messages).toHaveLength(2);
});

test('where MESH keeps no records, doubt is not settled by guessing', async () => {
  const there = await foreignMesh({ hasRecords: false });
  const file = fileOf('once');
  there.next(/POST .*outbox$/, 'cut-after');
  expect((await send(there.url, file)).code).toBe(4);
  const again = await send(there.url, file, '--settle', '0');
  expect(again).toMatchObject({ code: 4 });
  expect(again.complained).toMatch(/MESH does not tell/);
  expect(there.messages).toHaveLength(1);
});

test('where MESH offers an idempotency key, a first send is repeated with it and makes one message', async () => {
  const there = await foreignMesh({ offers: 'idempotency-key' });
  there.next(/POST .*outbox$/, 'cut-after');
  there.next(/POST .*outbox$/, { status: 503 });
  const sent = await send(there.url, fileOf('once'));
  expect(sent.code).toBe(0);
  expect(there.messages).toHaveLength(1);
  expect(there.asked.filter((line) => /POST .*outbox$/.test(line))).toHaveLength(3);
});

test('a first send that is told to come again later is not repeated, and leaves no doubt', async () => {
  const there = await foreignMesh();
  const file = fileOf('once');
  there.next(/POST .*outbox$/, { status: 429 });
  expect((await send(there.url, file)).code).toBe(3);
  expect(there.asked.filter((line) => /POST .*outbox$/.test(line))).toHaveLength(1);
  expect((await send(there.url, file)).code).toBe(0);
  expect(there.messages).toHaveLength(1);
});

test('a refusal is told with its code, and leaves nothing behind', async () => {
  const there = await foreignMesh();
  const file = fileOf('x');
  expect(await mesh(there.url, 'X26ABC1', 'send', file, '--to', 'NOBODY', '--workflow', 'W')).toEqual({
    code: 1,
    said: [],
    complained: 'openspine mesh: MESH refused: 417 SEND 12 Unregistered to address',
  });
  expect(readdirSync(join(file, '..'))).toEqual(['results.csv']);
  there.state.password = 'changed';
  const denied = await send(there.url, file);
  expect(denied).toMatchObject({
    code: 1,
    complained: 'openspine mesh: MESH refused: 403 Invalid Authentication Token',
  });
});

test('a file that changes while it is sent does not arrive', async () => {
  const there = await foreignMesh();
  const file = fileOf(randomBytes(2 * 1_048_576));
  there.next(/outbox\/.*\/2$/, 'cut-before');
  expect((await send(there.url, file, '--chunk', '1', '--tries', '1')).code).toBe(3);
  appendFileSync(file, 'more');
  const sent = await send(there.url, file, '--chunk', '1', '--json');
  expect(JSON.parse(sent.said[0] ?? '')).toMatchObject({ isResumed: false, chunks: 3 });
  const whole = there.messages.filter(({ status }) => status === 'accepted');
  expect(whole.map(({ chunks }) => Buffer.concat(chunks))).toEqual([readFileSync(file)]);
});

test('--gzip compresses each chunk by itself; what comes is as it was', async () => {
  const there = await foreignMesh();
  const content = Buffer.from('line of results\n'.repeat(150_000));
  expect((await send(there.url, fileOf(content), '--gzip', '--chunk', '1')).code).toBe(0);
  const [message] = there.messages;
  expect(message?.chunks.map((chunk) => gunzipSync(chunk).length)).toEqual([1_048_576, 1_048_576, 302_848]);
  const directory = fresh();
  expect((await mesh(there.url, 'X26ABC2', 'fetch', directory)).code).toBe(0);
  expect(readFileSync(join(directory, `${message?.id}.dat`))).toEqual(content);
});

test('one gzip stream cut in chunks, as other clients send it, comes as it was', async () => {
  const there = await foreignMesh();
  const content = Buffer.from(Array.from({ length: 9000 }, (_, line) => `${line},${sumOf(`${line}`)}\n`).join(''));
  const stored = gzipSync(content);
  const chunks = [stored.subarray(0, 1000), stored.subarray(1000, 9001), stored.subarray(9001)];
  const encoded = there.put('X26ABC2', { 'content-encoding': 'gzip' }, chunks);
  const flagged = there.put('X26ABC2', { 'mex-content-compressed': 'Y' }, chunks);
  const directory = fresh();
  expect((await mesh(there.url, 'X26ABC2', 'fetch', directory)).code).toBe(0);
  for (const id of [encoded, flagged]) expect(readFileSync(join(directory, `${id}.dat`))).toEqual(content);
});

test('a damaged message is not acknowledged, and does not keep the others', async () => {
  const there = await foreignMesh();
  const checksum = `SHA-256:${sumOf('what was sent')}`;
  const damaged = there.put('X26ABC2', { 'mex-content-checksum': checksum }, [Buffer.from('what came')]);
  const cut = there.put('X26ABC2', { 'content-encoding': 'gzip' }, [gzipSync('whole').subarray(0, -5)]);
  const good = there.put('X26ABC2', {}, [Buffer.from('good')]);
  const directory = fresh();
  const fetched = await mesh(there.url, 'X26ABC2', 'fetch', directory);
  expect(fetched.code).toBe(1);
  expect(fetched.complained).toMatch(new RegExp(`${damaged}: .*checksum`));
  expect(fetched.complained).toMatch(new RegExp(`${cut}: .*damaged`));
  expect(readdirSync(directory).sort()).toEqual([`${good}.dat`, `${good}.json`]);
  expect(there.messages.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'acknowledged']);
});

test('names and words of others cannot leave the directory or paint the terminal', async () => {
  const there = await foreignMesh();
  const id = there.put('X26ABC2', { 'mex-filename': '../../evil', 'mex-from': 'X', 'mex-workflowid': 'A[31m' }, [
    Buffer.from('x'),
  ]);
  const directory = fresh();
  const fetched = await mesh(there.url, 'X26ABC2', 'fetch', directory);
  expect(readdirSync(directory).sort()).toEqual([`${id}.dat`, `${id}.json`]);
  expect(fetched.said.join('')).not.toMatch(/\p{Cc}/u);
  const hostile = there.put('X26ABC2', {}, [Buffer.from('x')]);
  const message = there.messages.find((one) => one.id === hostile);
  if (message) message.id = '../../../escape';
  expect(await mesh(there.url, 'X26ABC2', 'fetch', directory)).toMatchObject({
    code: 1,
    complained: 'openspine mesh: MESH lists a message under an id that cannot be one.',
  });
});

test.for([
  [['send'], /Name the files/],
  [['send', 'x'], /--to and --workflow/],
  [['send', 'x', '--to', 'A', '--workflow', 'W', '--chunk', '101'], /--chunk must be .* 1 to 100/],
  [['send', 'x', '--to', 'A', '--workflow', 'W', '--subject', 'κ'], /mex-subject/],
  [['send', 'x', '--to', 'A', '--workflow', 'W', '--url', 'http://mesh.example'], /https/],
  [['fetch', '--password-file', '/nowhere'], /--password-file: \/nowhere/],
  [['watch', '--keep'], /--keep/],
  [['fetch', '--message', '../../escape'], /--message/],
  [['fetch', '--api', '3'], /--api/],
  [['fetch', '--cert', 'package.json'], /--cert and --key/],
  [['fetch', '--url', 'https://mesh.example'], /--password-file .* MESH_PASSWORD/],
  [['folder'], /folder DIRECTORY/],
  [['nonsense'], /send, fetch, watch, folder, list/],
] as const)('%s is called wrongly', async ([args, words]) => {
  const { code, complained } = await mesh('http://127.0.0.1:1', 'X26ABC1', ...args);
  expect(complained).toMatch(words);
  expect(code).toBe(2);
});

test('a MESH that is not there is told of, with everything kept to go on', async () => {
  const { code, complained } = await send('http://127.0.0.1:1', fileOf('x'), '--tries', '2');
  expect(code).toBe(3);
  expect(complained).toMatch(/nothing listens there; again in 0.25 s\n.*given up after 2 tries/);
});

test('a directory serves one client at a time', async () => {
  const there = await foreignMesh();
  const directory = fresh();
  mkdirSync(directory, { recursive: true });
  there.next(/inbox/, { status: 503, headers: { 'retry-after': '1' } });
  const [one, other] = await Promise.all([
    mesh(there.url, 'X26ABC2', 'fetch', directory),
    mesh(there.url, 'X26ABC2', 'fetch', directory),
  ]);
  expect([one.code, other.code].sort()).toEqual([0, 1]);
  expect(`${one.complained}${other.complained}`).toMatch(/Another client works in/);
});
