import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const [one, two, three] = ['X26ABC1', 'X26ABC2', 'X26ABC3'].map((id) => meshClient(spine.url, id)) as [
  ReturnType<typeof meshClient>,
  ReturnType<typeof meshClient>,
  ReturnType<typeof meshClient>,
];
const toTwo = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'TEST_WORKFLOW' };
const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  one('/outbox', { method: 'POST', headers: { ...toTwo, ...headers }, body });
const chunk = (id: string, n: number, m: number, body: string | Buffer, headers: Record<string, string> = {}) =>
  one(`/outbox/${id}/${n}`, { method: 'POST', headers: { 'mex-chunk-range': `${n}:${m}`, ...headers }, body });
const inbox = async (query = '') => (await two(`/inbox${query}`)).body.messages as string[];
const statusOf = async (id: string) => (await one(`/outbox/tracking?messageID=${id}`)).body.status as string;
const payloadFiles = () =>
  readdirSync(join(spine.dataDirectory, 'mesh'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );

test("what a message is said to be is its sender's matter, and is kept; so with every call", async () => {
  for (const type of ['', 'text', 'binary', 'None', 'a b/c', 'text/plain; charset']) {
    const sent = await send('x', { 'content-type': type });
    expect([type, sent.status]).toEqual([type, 202]);
    const got = await two(`/inbox/${sent.body.messageID}`);
    expect(got.headers.get('mex-content-type') ?? '').toBe(type);
    const done = { method: 'PUT', headers: { 'content-type': type } };
    expect((await two(`/inbox/${sent.body.messageID}/status/acknowledged`, done)).status).toBe(200);
  }
  const badToken = await one('/outbox', { method: 'POST', headers: { 'content-type': 'x' }, body: 'x', token: 'none' });
  expect(badToken.status).toBe(403);
});

test('chunks come in any order, one of them twice; with the last that was missing the message is accepted', async () => {
  const id = (await send('aaa', { 'mex-chunk-range': '1:4' })).body.messageID;
  for (const [n, text] of [
    [4, 'd'],
    [2, 'wrong'],
    [2, 'bb'],
  ] as const) {
    expect((await chunk(id, n, 4, text)).status).toBe(202);
    expect(await statusOf(id)).toBe('Uploading');
  }
  expect(await inbox()).not.toContain(id);
  expect((await chunk(id, 3, 4, 'ccc')).status).toBe(202);
  expect(await inbox()).toContain(id);
  const got = await Promise.all([1, 2, 3, 4].map((n) => two(`/inbox/${id}/${n}`)));
  expect(got.map((answer) => [answer.status, answer.bytes.toString()])).toEqual([
    [206, 'aaa'],
    [206, 'bb'],
    [206, 'ccc'],
    [200, 'd'],
  ]);
  expect((await one(`/outbox/tracking?messageID=${id}`)).body.fileSize).toBe(9);
});

test('the last chunks sent at the same moment make one message, accepted once', async () => {
  const id = (await send('0', { 'mex-chunk-range': '1:9' })).body.messageID;
  const answers = await Promise.all([2, 3, 4, 5, 6, 7, 8, 9].map((n) => chunk(id, n, 9, String(n))));
  expect(answers.every((answer) => answer.status === 202)).toBe(true);
  expect((await inbox('?max_results=5000')).filter((one) => one === id)).toEqual([id]);
  expect((await chunk(id, 9, 9, 'late')).status).toBe(423);
});

test('what is wrong with a chunk is told by its status', async () => {
  const id = (await send('0', { 'mex-chunk-range': '1:2' })).body.messageID;
  expect((await chunk(id, 3, 3, 'x')).status).toBe(406);
  expect((await chunk(id, 2, 1, 'x')).status).toBe(417);
  const other = await one(`/outbox/${id}/2`, { method: 'POST', headers: { 'mex-chunk-range': '1:2' }, body: 'x' });
  expect(other.status).toBe(417);
  const encoded = await chunk(id, 2, 2, gzipSync('x'), { 'content-encoding': 'gzip' });
  expect([encoded.status, encoded.body.errorDescription]).toEqual([417, 'cannot change content encoding']);
  expect((await chunk(id, 2, 2, '')).body.errorCode).toBe('02');
  expect(
    (await three(`/outbox/${id}/2`, { method: 'POST', headers: { 'mex-chunk-range': '2:2' }, body: 'x' })).status,
  ).toBe(403);
  expect(await statusOf(id)).toBe('Uploading');
});

test('a large chunk lies encrypted in a file, is read as it was sent, and goes when it is replaced', async () => {
  const before = payloadFiles().length;
  const large = randomBytes(3_000_000);
  const id = (await send(large, { 'mex-chunk-range': '1:2' })).body.messageID;
  const again = Buffer.concat([Buffer.from('the second try'), randomBytes(2_000_000)]);
  expect((await chunk(id, 2, 2, randomBytes(100_000))).status).toBe(202);
  expect(payloadFiles()).toHaveLength(before + 2);
  // accepted by now: what was sent cannot be changed
  expect((await chunk(id, 2, 2, again)).status).toBe(423);
  expect(payloadFiles()).toHaveLength(before + 2);
  const got = await two(`/inbox/${id}`);
  expect([got.status, got.headers.get('content-length')]).toEqual([206, '3000000']);
  expect(digest(got.bytes)).toBe(digest(large));

  const open = (await send(large, { 'mex-chunk-range': '1:2' })).body.messageID;
  expect((await chunk(open, 1, 2, again)).status).toBe(202);
  expect(payloadFiles()).toHaveLength(before + 3);
  for (const file of payloadFiles()) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    expect(bytes.includes('the second try')).toBe(false);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.name);
  }
});

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('more than 100 MB in one request is refused, whether or not its length was told', async () => {
  const before = payloadFiles().length;
  const refused = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
    socket.on('data', (answer) => resolve(answer.toString()));
    socket.on('error', () => undefined);
    socket.write(
      `POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: x\r\nauthorization: ${meshToken('X26ABC1')}\r\nmex-to: X26ABC2\r\nmex-workflowid: TEST_WORKFLOW\r\ncontent-length: 104857601\r\n\r\n`,
    );
  });
  expect(refused).toMatch(/^HTTP\/1\.1 413 /);
  async function* endless() {
    const piece = Buffer.alloc(1_000_000);
    for (let sent = 0; sent < 106; sent++) yield piece;
  }
  const answer = await fetch(`${spine.url}/messageexchange/X26ABC1/outbox`, {
    method: 'POST',
    headers: { authorization: meshToken('X26ABC1'), ...toTwo },
    body: endless(),
    duplex: 'half',
  } as RequestInit).then(
    (got) => got.status,
    () => 'cut off',
  );
  expect([413, 'cut off']).toContain(answer);
  expect(payloadFiles()).toHaveLength(before);
});

test('of a sending whose connection is cut nothing is left', async () => {
  const [before, known] = [payloadFiles().length, await inbox('?max_results=5000')];
  const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /messageexchange/X26ABC1/outbox HTTP/1.1\r\nhost: x\r\nauthorization: ${meshToken('X26ABC1')}\r\nmex-to: X26ABC2\r\nmex-workflowid: TEST_WORKFLOW\r\ncontent-length: 500000\r\n\r\n`,
  );
  socket.write(Buffer.alloc(300_000));
  while (payloadFiles().length === before) await pause(10);
  socket.destroy();
  while (payloadFiles().length > before) await pause(10);
  expect(await inbox('?max_results=5000')).toEqual(known);
});

test('the same local id twice makes two messages; the same idempotency key one', async () => {
  const ids = [
    (await send('x', { 'mex-localid': 'L' })).body.messageID,
    (await send('x', { 'mex-localid': 'L' })).body.messageID,
  ];
  expect(ids[0]).not.toBe(ids[1]);
  const key = { 'idempotency-key': 'order 66'.replace(' ', '-') };
  const answers = await Promise.all([1, 2, 3, 4].map(() => send('once', key)));
  expect(new Set(answers.map((answer) => answer.body.messageID)).size).toBe(1);
  expect(answers.every((answer) => answer.status === 202)).toBe(true);
  const waiting = await inbox('?max_results=5000');
  expect(waiting.filter((id) => id === answers[0]?.body.messageID)).toHaveLength(1);
  // the key of one message is not taken for another's, which would be lost
  const reused = await send('once', { ...key, 'mex-subject': 'another' });
  expect([reused.status, reused.body.errorCode]).toEqual([422, 'IdempotencyKeyReused']);
  expect((await send('x', { 'idempotency-key': ' ' })).status).toBe(400);
});

test('whoever waits for a message has it as soon as it comes', async () => {
  for (const id of await inbox('?max_results=5000')) await two(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });
  const waiting = inbox('?wait=30&workflow_filter=TEST_*');
  await pause(200);
  const { body } = await send('news');
  expect(await waiting).toEqual([body.messageID]);
  await two(`/inbox/${body.messageID}/status/acknowledged`, { method: 'PUT' });
  expect(await inbox('?wait=1')).toEqual([]);
  expect((await two('/inbox?wait=61')).status).toBe(400);
});

test('headers are bounded, and come back as they went, whatever they are written in', async () => {
  const long = await send('x', { 'mex-subject': 'x'.repeat(501) });
  expect([long.status, long.body.detail[0].loc]).toEqual([400, ['header', 'mex-subject']]);
  const subject = Buffer.from('Überweisung für Zoë ✓', 'utf8').toString('latin1');
  const id = (await send('x', { 'mex-subject': subject, 'mex-content-encrypted': 'true' })).body.messageID;
  const got = await two(`/inbox/${id}`);
  expect(got.headers.get('mex-subject')).toBe(subject);
  expect(got.headers.get('mex-content-encrypted')).toBe('Y');
  const tracked = await one(`/outbox/tracking?messageID=${id}`);
  expect(tracked.body.subject).toBe('Überweisung für Zoë ✓');
});

test('headers of clients that write Latin-1 come back as the bytes they were, and are read as Latin-1 elsewhere', async () => {
  const headers = {
    'mex-subject': 'Café £5',
    'mex-localid': 'Zoë 1',
    'mex-filename': 'Käse\xa0',
    'mex-content-type': 'a/é',
  };
  const id = (await send('x', headers)).body.messageID;
  const got = await two(`/inbox/${id}`);
  expect(Object.keys(headers).map((name) => got.headers.get(name))).toEqual(Object.values(headers));
  const tracked = await one(`/outbox/tracking?messageID=${id}`);
  expect([tracked.body.subject, tracked.body.localId, tracked.body.fileName]).toEqual(['Café £5', 'Zoë 1', 'Käse\xa0']);
  expect((await one(`/outbox/tracking/${encodeURIComponent('Zoë 1')}`)).body.messageId).toBe(id);
  const rich = (await one('/outbox/rich')).body.messages[0];
  expect([rich.message_id, rich.local_id]).toEqual([id, 'Zoë 1']);
});

test('a local id with characters that we keep bytes in is tracked by what it is', async () => {
  const localId = 'a\uef80\uefff';
  const bytes = Buffer.from(localId, 'utf8').toString('latin1');
  const id = (await send('x', { 'mex-localid': bytes })).body.messageID;
  expect((await two(`/inbox/${id}`)).headers.get('mex-localid')).toBe(bytes);
  const tracked = await one(`/outbox/tracking/${encodeURIComponent(localId)}`);
  expect([tracked.status, tracked.body.messageId, tracked.body.localId]).toEqual([200, id, localId]);
});

test('control characters beyond ASCII are refused where others are', async () => {
  const answer = await send('x', { 'mex-workflowid': 'a\x85b' });
  expect([answer.status, answer.body.errorCode]).toEqual([400, '06']);
});

test('a chunk that is gzip need not say so when the first did, as in the published example; any other must not be', async () => {
  const first = { 'content-encoding': 'gzip', 'mex-chunk-range': '1:3' };
  const id = (await send(gzipSync('one '), first)).body.messageID;
  const plain = await chunk(id, 2, 3, 'plain');
  expect([plain.status, plain.body.errorDescription]).toEqual([417, 'cannot change content encoding']);
  expect((await chunk(id, 2, 3, '')).body.errorCode).toBe('02');
  expect((await chunk(id, 2, 3, gzipSync('two '), { 'content-encoding': 'identity' })).status).toBe(417);
  expect((await chunk(id, 2, 3, gzipSync('two '))).status).toBe(202);
  const large = gzipSync(randomBytes(300_000).toString('hex'));
  expect((await chunk(id, 3, 3, large)).status).toBe(202);
  expect((await two(`/inbox/${id}/2`)).bytes.toString()).toBe('two ');
  expect((await two(`/inbox/${id}/3`, { headers: { 'accept-encoding': 'identity' } })).bytes).toHaveLength(600_000);
});

test('gzip goes through untouched; chunks that are pieces of one stream are never decompressed one by one', async () => {
  const whole = gzipSync(randomBytes(2000).toString('hex'));
  const gzip = { 'content-encoding': 'gzip' };
  const id = (await send(whole.subarray(0, 700), { ...gzip, 'mex-chunk-range': '1:2' })).body.messageID;
  await chunk(id, 2, 2, whole.subarray(700), gzip);
  const parts = await Promise.all([1, 2].map((n) => raw(`/messageexchange/X26ABC2/inbox/${id}/${n}`)));
  expect(parts.map((part) => part.encoding)).toEqual(['gzip', 'gzip']);
  expect(Buffer.concat(parts.map((part) => part.bytes)).equals(whole)).toBe(true);

  const each = (await send(gzipSync('first '), { ...gzip, 'mex-chunk-range': '1:2' })).body.messageID;
  await chunk(each, 2, 2, gzipSync('second'), gzip);
  expect((await two(`/inbox/${each}/1`)).bytes.toString() + (await two(`/inbox/${each}/2`)).bytes.toString()).toBe(
    'first second',
  );
  const bomb = (await send(gzipSync(Buffer.alloc(20_000_000)), gzip)).body.messageID;
  expect((await two(`/inbox/${bomb}`)).bytes).toHaveLength(20_000_000);
  const lie = (await send('no gzip at all', gzip)).body.messageID;
  const told = await raw(`/messageexchange/X26ABC2/inbox/${lie}`);
  expect([told.encoding, told.bytes.toString()]).toEqual(['gzip', 'no gzip at all']);
});

/** A download as it is on the wire. */
async function raw(path: string): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request(spine.url + path, { headers: { authorization: meshToken('X26ABC2') } }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(pieces) }),
      );
    })
      .on('error', reject)
      .end();
  });
}
