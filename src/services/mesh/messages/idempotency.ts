import { createHash } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import { secretOf } from '../payloads/payloads.ts';
import { addressOf } from './find.ts';
import type { MessageParts } from './parts.ts';
import { type IdempotencyKey, selectIdempotencyKey } from './queries.ts';

/** A key with what was said of the message, so that a key used for another message by mistake loses none. */
export function idempotencyKey(key: string, said: object): IdempotencyKey {
  return { key, fingerprint: createHash('sha256').update(JSON.stringify(said)).digest() };
}

/** The message this sender's key stands for: its id; `other` where another was sent with it; undefined where none was. */
export async function sentWith(
  db: Queryable,
  mailboxId: string,
  { key, fingerprint }: IdempotencyKey,
): Promise<string | 'other' | undefined> {
  const [row] = await db.query<{ message_id: string; fingerprint: Buffer }>(selectIdempotencyKey(mailboxId, key));
  if (!row) return undefined;
  return row.fingerprint.equals(fingerprint) ? row.message_id : 'other';
}

/** Whether sending failed because the key was taken meanwhile; a shard's constraint has a number behind its name. */
export function isKeyTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && /^idempotency_pkey(_\d+)?$/.test(constraint ?? '');
}

/** Whether what is sent again is what was sent first, as far as that is still there to be compared. */
export async function isSameAgain(
  { db, chunks, payloads }: Pick<MessageParts, 'db' | 'chunks' | 'payloads'>,
  messageId: string,
  again: AsyncIterable<Buffer>,
): Promise<boolean> {
  const address = await addressOf(db, messageId);
  const found = address && (await chunks.find(address.recipient, messageId, 1));
  const { chunk, message } = found ?? {};
  if (!chunk || message?.sealedKey === undefined) return true;
  const first = payloads.open(chunk, secretOf(payloads.openKey(messageId, message.sealedKey), messageId, 1));
  const sent = await digestOf(again, chunk.length);
  return sent?.equals((await digestOf(Buffer.isBuffer(first) ? [first] : first, chunk.length)) as Buffer) === true;
}

/** SHA-256 of what comes; undefined as soon as it is more than so many bytes. */
async function digestOf(pieces: AsyncIterable<Buffer> | Iterable<Buffer>, most: number): Promise<Buffer | undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > most) return undefined;
    hash.update(piece);
  }
  return hash.digest();
}
