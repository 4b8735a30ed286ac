import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { plainMessage } from '../messages/message.ts';
import { insertMessages } from '../messages/queries.ts';
import { Quotas } from './quotas.ts';

const db = await testDatabase();
const waiting = (mailboxId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...plainMessage,
    mailboxId,
    messageId: `${mailboxId}-${index}`,
    state: 'accepted' as const,
    sender: 'LAB',
    workflowId: 'ANY',
    fileName: 'any.dat',
    fileSize: 10,
    sentOrder: index,
    acceptedOrder: index,
    expiresAt: 1_900_000_000_000,
  }));
await db.query(insertMessages([...waiting('FEW', 10), ...waiting('MANY', 2_100)]));
const mailbox = (mailboxId: string, waitingBytes?: number) =>
  ({ mailboxId, quota: waitingBytes === undefined ? undefined : { waitingBytes } }) as Mailbox;

test('what waits is counted at each sending; where it is many messages, remembered with what went in since', async () => {
  const quotas = new Quotas(db);
  const refuses = async (to: Mailbox) =>
    (await quotas.refuses(mailbox('LAB'), to, { messages: 1, bytes: 400 }, 0)) !== undefined;
  const few = mailbox('FEW', 500);
  expect([await refuses(few), await refuses(few)]).toEqual([false, false]);
  const many = mailbox('MANY', 21_000 + 1_000);
  expect([await refuses(many), await refuses(many), await refuses(many)]).toEqual([false, false, true]);
  await db.query(sql`delete from mesh.message where mailbox_id = 'MANY'`);
  expect(await refuses(many)).toBe(true);
  const atOnce = await Promise.all(
    Array.from({ length: 5 }, () => new Quotas(db)).map((one) =>
      one.refuses(mailbox('LAB'), many, { messages: 1, bytes: 400 }, 0),
    ),
  );
  expect(atOnce).toEqual(Array(5).fill(undefined));
});
