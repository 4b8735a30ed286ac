import { createHash } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
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

/** Whether sending failed because the key was taken meanwhile. */
export function isKeyTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && constraint === 'idempotency_pkey';
}
