import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { meshClient } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const one = meshClient(spine.url, 'X26ABC1');
const two = meshClient(spine.url, 'X26ABC2');
const three = meshClient(spine.url, 'X26ABC3');
const toTwo = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'TEST_WORKFLOW' };
const send = async (body: string | Buffer, headers: Record<string, string> = {}): Promise<string> =>
  (await one('/outbox', { method: 'POST', headers: { ...toTwo, ...headers }, body })).body.messageID;

test.each([
  ['small', 2_000],
  ['large', 400_000],
])('a %s gzip stream that ends too early is never given out as if it were whole', async (_size, length) => {
  const cut = gzipSync(randomBytes(length)).subarray(0, -1_000);
  const id = await send(cut, { 'content-encoding': 'gzip' });
  const got = await two(`/inbox/${id}`).then(
    ({ bytes, headers }) => (headers.get('content-encoding') === 'gzip' || bytes.equals(cut) ? 'as stored' : 'plain'),
    () => 'broken off',
  );
  expect(['as stored', 'broken off']).toContain(got);
});

test('who acknowledges the message of another in the same moment as its recipient is refused', async () => {
  for (let round = 0; round < 5; round++) {
    const path = `/inbox/${await send('x')}/status/acknowledged`;
    const answers = await Promise.all([two, three, three, three].map((client) => client(path, { method: 'PUT' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 403, 403]);
  }
});

test('a NUL behind the id of a message is no message', async () => {
  const id = await send('x');
  expect((await one(`/outbox/tracking?messageID=${id}`)).status).toBe(200);
  expect((await one(`/outbox/tracking?messageID=${id}%00`)).status).toBe(404);
});

test.each([
  ['small', 1_000],
  ['large', 300_000],
])(
  'an idempotency key swallows no other message, %s, though all that is said of it is the same',
  async (size, length) => {
    const post = (body: Buffer) =>
      one('/outbox', { method: 'POST', headers: { ...toTwo, 'idempotency-key': `daily-${size}` }, body });
    const monday = randomBytes(length);
    const { body } = await post(monday);
    expect([(await post(monday)).body.messageID, (await post(monday)).status]).toEqual([body.messageID, 202]);
    const tuesday = await post(randomBytes(length));
    expect([tuesday.status, tuesday.body.errorCode]).toEqual([422, 'IdempotencyKeyReused']);

    const key = { ...toTwo, 'idempotency-key': `race-${size}` };
    const bodies = [monday, monday, randomBytes(length)];
    const raced = await Promise.all(
      bodies.map((content) => one('/outbox', { method: 'POST', headers: key, body: content })),
    );
    const taken = raced.filter(({ status }) => status === 202).map((answer) => answer.body.messageID);
    expect(new Set(taken).size).toBe(1);
    expect(raced.map(({ status }) => status).sort()).toContain(422);
  },
);
