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
