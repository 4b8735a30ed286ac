import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { meshClient } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { Database, type Queryable } from '../../../platform/db/database.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import { DirectoryStore } from '../payloads/directory-store.ts';
import { Payloads, secretOf } from '../payloads/payloads.ts';
import { addChunk } from './add-chunk.ts';
import { Arrivals } from './arrivals.ts';
import { Chunks } from './chunks.ts';
import { messageIn } from './find.ts';
import { MessageIds } from './ids.ts';
import type { MessageParts } from './parts.ts';

/** A database whose first commit of a transaction is not heard of: it is done again, as after a lost connection. */
class Unheard extends Database {
  override async transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> {
    await super.transaction(work);
    return super.transaction(work);
  }
}

const spine = await startSpine();
const db = new Unheard({ url: spine.databaseUrl });
const clock = new Clock();
const payloads = new Payloads(
  openVault(spine.dataDirectory, undefined),
  new DirectoryStore(`${spine.dataDirectory}/mesh`, () => clock.wall()),
);
const parts = {
  db,
  clock,
  payloads,
  ids: new MessageIds(() => clock.now()),
  chunks: new Chunks(db),
  entry: { concerns: () => false } as unknown as MessageParts['entry'],
  arrivals: new Arrivals(db, 1),
};
const [one, two] = ['X26ABC1', 'X26ABC2'].map((id) => meshClient(spine.url, id)) as [
  ReturnType<typeof meshClient>,
  ReturnType<typeof meshClient>,
];

test.each([
  ['small', 1_000],
  ['large', 300_000],
])('the last chunk, %s, whose commit was not heard of, is taken, and is there', async (_size, length) => {
  const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'TEST_WORKFLOW', 'mex-chunk-range': '1:2' };
  const id = (await one('/outbox', { method: 'POST', headers, body: 'first' })).body.messageID as string;
  const message = await messageIn(db, 'X26ABC2', id);
  if (message?.sealedKey === undefined) throw new Error('no message');
  const secret = secretOf(payloads.openKey(id, message.sealedKey), id, 2);
  const bytes = randomBytes(length);
  const receive = async () => {
    const chunk = await payloads.receive(Readable.from([bytes]), 2 ** 20, secret, 2);
    if (!chunk) throw new Error('no chunk');
    return chunk;
  };
  expect(await addChunk(parts, message, await receive())).toBe(true);
  const got = await two(`/inbox/${id}/2`);
  expect([got.status, got.bytes.equals(bytes)]).toEqual([200, true]);
  // the same bytes sent again are another sending, too late for the message
  expect(await addChunk(parts, message, await receive())).toBe(false);
});
