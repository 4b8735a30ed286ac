import { expect, test } from 'vitest';
import { meshClient } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { Database } from '../../../platform/db/database.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import { DirectoryStore } from '../payloads/directory-store.ts';
import { Payloads } from '../payloads/payloads.ts';
import { MessageIds } from './ids.ts';
import type { MessageParts } from './parts.ts';
import { sendIn } from './send-in.ts';
import { Writer } from './writer.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl });
const clock = new Clock();
const vault = openVault(spine.dataDirectory, undefined);
const store = new DirectoryStore(`${spine.dataDirectory}/mesh`, () => clock.wall());
const parts = {
  db,
  clock,
  ids: new MessageIds(() => clock.now()),
  payloads: new Payloads(vault, store),
  writer: new Writer(db, new AuditLog(db, clock, sealerIn(spine.dataDirectory))),
} as MessageParts;
const two = meshClient(spine.url, 'X26ABC2');
const message = { from: 'X26ABC1', to: 'X26ABC2', workflowId: 'TEST_WORKFLOW' };

test('what another service sends is there when its transaction is committed, and only then', async () => {
  const failing = db.transaction(async (tx) => {
    await sendIn(parts, tx, { ...message, payload: Buffer.from('never sent') });
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect((await two('/inbox')).body.messages).toEqual([]);
  for (const payload of [Buffer.from('small'), Buffer.alloc(200_000, 'large')]) {
    const id = await db.transaction((tx) => sendIn(parts, tx, { ...message, payload, subject: 'from within' }));
    expect((await two('/inbox')).body.messages).toContain(id);
    const got = await two(`/inbox/${id}`);
    expect(got.bytes.equals(payload)).toBe(true);
    expect(got.headers.get('mex-subject')).toBe('from within');
  }
  await db.close();
});
