import { gzipSync } from 'node:zlib';
import { expiryMillis, type Message, plainMessage } from './messages/message.ts';
import type { MessageParts } from './messages/parts.ts';
import { acceptMessage, putChunks } from './messages/queries.ts';
import { notCollected } from './messages/report.ts';
import { statementsOf } from './messages/send.ts';
import { secretOf } from './payloads/payloads.ts';

const text = 'A message that was put here for tests. '.repeat(16);

/** What the published sandbox has in its mailboxes when asked to: one plain, one in two gzip chunks, one nobody collected. */
const canned: readonly (Partial<Message> &
  Pick<Message, 'messageId' | 'mailboxId' | 'sender'> & { chunks: Buffer[] })[] = [
  { messageId: 'SIMPLE_MESSAGE', mailboxId: 'X26ABC1', sender: 'X26ABC2', chunks: [Buffer.from(text)] },
  {
    messageId: 'UNDELIVERED_MESSAGE',
    mailboxId: 'X26ABC1',
    sender: 'X26ABC2',
    chunks: [Buffer.from(text)],
    state: 'undeliverable',
    isSuccess: false,
    statusEvent: notCollected.event,
    statusCode: notCollected.code,
    statusDescription: notCollected.text,
  },
  {
    messageId: 'CHUNKED_MESSAGE_GZ',
    mailboxId: 'X26ABC2',
    sender: 'X26ABC1',
    contentEncoding: 'gzip',
    isCompressed: true,
    chunks: [gzipSync(text.slice(0, 300)), gzipSync(text.slice(300))],
  },
];

/** Puts the canned messages into the published mailboxes, where they are not there yet; how many there are. */
export async function loadCannedMessages({ db, ids, payloads, clock }: MessageParts): Promise<number> {
  await db.transaction(async (tx) => {
    for (const { chunks, ...one } of canned) {
      const { order } = ids.next();
      const { key, sealedKey } = payloads.newKey(one.messageId);
      const fileSize = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const message: Message = {
        ...plainMessage,
        workflowId: 'TEST_WORKFLOW',
        fileName: `${one.messageId}.dat`,
        state: 'uploading',
        ...one,
        totalChunks: chunks.length,
        fileSize,
        sentOrder: order,
        expiresAt: clock.now() + expiryMillis,
        endedAt: one.state === undefined ? undefined : clock.now(),
        sealedKey,
      };
      const [inserting, ...others] = statementsOf([{ message, chunk: undefined, notes: [] }], clock.now());
      const inserted = inserting ? await tx.query(inserting) : [];
      // there already, under a key of its own
      if (inserted.length === 0) continue;
      for (const statement of others) await tx.query(statement);
      const { mailboxId, messageId } = message;
      const stored = chunks.map((bytes, index) => ({
        ...payloads.small(bytes, secretOf(key, messageId, index + 1), index + 1),
        mailboxId,
        messageId,
      }));
      await tx.query(putChunks(stored, clock.now()));
      await tx.query(acceptMessage(mailboxId, messageId, order, fileSize));
    }
  });
  return canned.length;
}
