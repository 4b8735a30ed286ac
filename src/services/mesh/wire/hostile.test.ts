import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const one = meshClient(spine.url, 'X26ABC1');

test('nothing in a path or query brings more than a refusal', async () => {
  const odd = ['%00', '%ff', '..%2f', "'%20or%201=1--", '%F0%9F%92%A9', '%0d%0aX:y', 'a'.repeat(600), '{}', '%25'];
  for (const text of odd) {
    for (const path of [
      `/inbox/${text}`,
      `/inbox/${text}/1`,
      `/inbox/20200529155357895317_3573F8/${text}`,
      `/outbox/tracking/${text}`,
      `/outbox/tracking?messageID=${text}`,
      `/inbox?continue_from=${text.padEnd(24, '0')}`,
      `/inbox?workflow_filter=${text}x`,
      `/inbox?max_results=${text}`,
      `/outbox/rich?start_time=${text}`,
      `/inbox/rich?continue_from=${text.padEnd(24, 'x')}`,
    ]) {
      const { status } = await one(path);
      expect([200, 300, 400, 404, 414], path).toContain(status);
    }
  }
});

test('no header value of a sending brings more than a refusal, and what is taken comes back', async () => {
  const value = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '~'));
  const names = [
    'mex-to',
    'mex-workflowid',
    'mex-chunk-range',
    'mex-localid',
    'mex-subject',
    'mex-filename',
    'mex-content-checksum',
    'mex-content-type',
    'content-encoding',
    'mex-content-compressed',
    'idempotency-key',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), value, async (name, text) => {
      const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W', [name]: text };
      const answer = await one('/outbox', { method: 'POST', headers, body: 'x' });
      expect([202, 400, 417, 422]).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.ts|node_modules/);
      if (answer.status !== 202 || (name === 'mex-chunk-range' && text.trim() !== '1:1' && text.trim() !== '')) return;
      const got = await meshClient(spine.url, 'X26ABC2')(`/inbox/${answer.body.messageID}`);
      expect(got.status).toBe(200);
      if (['mex-localid', 'mex-subject', 'mex-filename'].includes(name) && text.trim() !== '')
        expect(got.headers.get(name)).toBe(text.trim());
    }),
    { numRuns: 150 },
  );
});

test('a mailbox in the path may be in any case, a token only of exactly that mailbox', async () => {
  const lower = await fetch(`${spine.url}/messageexchange/x26abc1/inbox`, {
    headers: { authorization: meshToken('X26ABC1') },
  });
  expect(lower.status).toBe(200);
  const other = await fetch(`${spine.url}/messageexchange/X26ABC2/inbox`, {
    headers: { authorization: meshToken('X26ABC1') },
  });
  expect([other.status, ((await other.json()) as { errorDescription: string }).errorDescription]).toEqual([
    403,
    'Mailbox id does not match token',
  ]);
});

test('no way of writing a path leads out of the own mailbox', async () => {
  const sent = await one('/outbox', {
    method: 'POST',
    headers: { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W' },
    body: 'private',
  });
  const id = sent.body.messageID;
  for (const path of [
    `/X26ABC3/../X26ABC2/inbox/${id}`,
    `/X26ABC3/%2e%2e/X26ABC2/inbox/${id}`,
    `/X26ABC3%2f..%2fX26ABC2/inbox/${id}`,
    `//X26ABC2/inbox/${id}`,
    `/X26ABC3/inbox/..%2f..%2fX26ABC2%2finbox%2f${id}`,
    `/%58%32%36%41%42%43%32/inbox/${id}`,
    `/X26ABC2;X26ABC3/inbox/${id}`,
    `/X26ABC3\\..\\X26ABC2/inbox/${id}`,
    `/X26ABC3/inbox/${id}?mailbox=X26ABC2`,
    `/X26ABC3/inbox/${id}/`,
    `/X26ABC3/inbox/${id}%00`,
  ]) {
    const answer = await onTheWire(`GET /messageexchange${path} HTTP/1.1`, [['authorization', meshToken('X26ABC3')]]);
    expect(answer.status, path).toBeGreaterThanOrEqual(403);
    expect(answer.status, path).toBeLessThan(405);
    expect(answer.text, path).not.toContain('private');
  }
});

test('a header given twice never makes two of one: the first token counts, two recipients are nobody', async () => {
  const send = (...headers: [string, string][]) =>
    onTheWire('POST /messageexchange/X26ABC1/outbox HTTP/1.1', [...headers, ['content-length', '1']], 'x');
  const own = (id = 'X26ABC1'): [string, string] => ['authorization', meshToken(id)];
  const to: [string, string][] = [
    ['mex-to', 'X26ABC2'],
    ['mex-workflowid', 'W'],
  ];
  expect((await send(own('X26ABC3'), own(), ...to)).text).toContain('Mailbox id does not match token');
  expect((await send(own(), ...to, ['mex-to', 'X26ABC3'])).text).toContain('Unregistered to address');
  expect((await send(own(), ...to, ['mex-chunk-range', '1:1'], ['mex-chunk-range', '1:2'])).status).toBe(417);
  expect((await send(own(), ...to, ['content-encoding', 'gzip'], ['content-encoding', 'gzip'])).status).toBe(422);
  for (const extra of ['content-length: 2', 'transfer-encoding: chunked', 'mex-subject: a\r\n mex-from: X26ABC3'])
    expect((await send(own(), ...to, extra.split(': ', 2) as [string, string])).status, extra).toBe(400);
});

/** The answer to a request written as it stands; on a connection of its own. */
async function onTheWire(line: string, headers: [string, string][], body = '') {
  const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
  const head = [line, 'host: x', 'connection: close', ...headers.map(([name, value]) => `${name}: ${value}`)];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  let text = '';
  for await (const piece of socket) text += piece;
  return { status: Number(text.slice(9, 12)), text };
}

test('a link of a list leads nowhere but into the own mailbox', async () => {
  const place = Buffer.from(`${Number.MAX_SAFE_INTEGER}:X26ABC2`).toString('base64url');
  expect((await one(`/inbox?continue_from=${place}`)).body).toEqual({ messages: [] });
  expect((await one('/inbox?continue_from=20200529155357895317_3573F8')).status).toBe(400);
});

test('nobody learns the password of a mailbox, nor reads another mail, by any call', async () => {
  const send = await one('/outbox', {
    method: 'POST',
    headers: { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W' },
    body: 'private',
  });
  const id = send.body.messageID;
  const three = meshClient(spine.url, 'X26ABC3');
  for (const path of [`/inbox/${id}`, `/inbox/${id}/1`]) expect((await three(path)).status).toBe(403);
  expect((await one(`/inbox/${id}`)).status).toBe(403);
  expect((await one(`/inbox/${id}`, { method: 'HEAD' })).status).toBe(200);
  expect((await three(`/inbox/${id}`, { method: 'HEAD' })).status).toBe(403);
  expect((await three(`/outbox/tracking?messageID=${id}`)).status).toBe(404);
  const seen = await fetch(`${spine.url}/admin/mailbox/X26ABC1`).then((answer) => answer.text());
  expect(seen).not.toContain('"password"');
});

/** Text as its UTF-8 bytes go into a header. */
const asBytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

test('a type of content that no header can say as it was read keeps nobody from fetching the message', async () => {
  for (const blank of ['\u2028', '\u00a0', '\ufeff', '\u3000']) {
    const type = `text/plain; name=a${blank}b`;
    const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W', 'mex-content-type': asBytes(type) };
    const sent = await one('/outbox', { method: 'POST', headers, body: 'x' });
    const version2 = { accept: 'application/vnd.mesh.v2+json' };
    const got = await meshClient(spine.url, 'X26ABC2')(`/inbox/${sent.body.messageID}`, { headers: version2 });
    expect([got.status, got.headers.get('mex-content-type')]).toEqual([200, asBytes(type)]);
    expect(got.headers.get('content-type')).toBe('application/octet-stream');
  }
});
