import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import { Directory } from '../mailboxes/directory.ts';
import { Results } from '../pathology/results.ts';
import { DirectoryStore } from '../payloads/directory-store.ts';
import { Payloads } from '../payloads/payloads.ts';
import { MessageIds } from './ids.ts';
import { type LifeParts, liveOn } from './life.ts';
import { plainMessage, retentionMillis } from './message.ts';
import { insertAddresses, insertMessages } from './queries.ts';
import { Writer } from './writer.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-life-'));
afterAll(() => rmSync(directory, { recursive: true }));
const [db, clock, vault] = [await testDatabase(), new Clock(), openVault(directory, '0f'.repeat(32))];
const parts: LifeParts = {
  db,
  clock,
  directory: new Directory(db, vault, { hasLiveReports: false, enforcesWorkflows: false }),
  ids: new MessageIds(() => clock.now()),
  payloads: new Payloads(vault, new DirectoryStore(join(directory, 'mesh'), () => clock.wall())),
  writer: new Writer(db, new AuditLog(db, clock, sealerIn(directory))),
  entry: new Results({ db, odsCodesOf: () => [], dueMillis: 1 }),
};

/** Messages of which time has something to do, more than it does at once. */
async function put(kind: string, sentAt: number): Promise<void> {
  const messages = Array.from({ length: 600 }, (_, index) => ({
    ...plainMessage,
    mailboxId: 'BOX',
    messageId: `${kind}${index}`,
    state: 'accepted' as const,
    sender: '',
    workflowId: 'ANY',
    fileName: 'any.dat',
    sentOrder: sentAt * 1000 + index,
    acceptedOrder: sentAt * 1000 + index,
    expiresAt: sentAt + 60_000,
  }));
  await db.query(insertMessages(messages));
  await db.query(insertAddresses(messages));
}

test('a round that is long asks whether it goes on, and what it leaves is done by the next', async () => {
  await put('late', clock.now() - 120_000);
  expect(await liveOn(parts, async () => false)).toMatchObject({ expired: 500, deleted: 0 });
  expect(await liveOn(parts, async () => true)).toMatchObject({ expired: 100, deleted: 0 });
  await put('old', clock.now() - retentionMillis - 120_000);
  expect(await liveOn(parts, async () => false)).toMatchObject({ deleted: 500 });
  expect(await liveOn(parts, async () => true)).toMatchObject({ deleted: 100 });
});
