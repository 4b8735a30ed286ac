import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { usualChunkBytes } from './chunks.ts';
import { headersOf, travelling } from './envelope.ts';
import type { SendPlan } from './send.ts';
import { wholeOf } from './settings.ts';
import { UsageError } from './trouble.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** The options of `openspine mesh send`. */
export const sendOptions = {
  to: text,
  workflow: text,
  'local-id': text,
  subject: text,
  partner: text,
  name: text,
  'content-type': text,
  checksum: text,
  'no-checksum': flag,
  encrypted: flag,
  gzip: flag,
  chunk: text,
  state: text,
  again: flag,
  settle: text,
} as const;

type Given = {
  readonly [Name in keyof typeof sendOptions]?:
    | ((typeof sendOptions)[Name]['type'] extends 'string' ? string : boolean)
    | undefined;
};

/** What the options ask for with this file, at this place. Throws UsageError for what cannot travel. */
export function planOf(given: Given, path: string, place: string): SendPlan {
  const { to, workflow } = given;
  if (!to || !workflow) throw new UsageError('--to and --workflow are needed.');
  const envelope = {
    to,
    workflowId: workflow,
    localId: given['local-id'],
    fileName: given.name ?? travelling(basename(path)),
    subject: given.subject,
    partnerId: given.partner,
    contentType: given['content-type'],
    checksum: given.checksum,
    isEncrypted: given.encrypted,
  };
  headersOf({ ...envelope, localId: envelope.localId ?? '' });
  const whole = resolve(path);
  const way = createHash('sha256')
    .update(JSON.stringify([place, to, workflow, given['local-id'] ?? null, whole]))
    .digest('hex')
    .slice(0, 12);
  return {
    path: whole,
    envelope,
    chunkBytes: wholeOf(given.chunk, '--chunk', usualChunkBytes / 1_048_576, 1, 100) * 1_048_576,
    isGzip: given.gzip === true,
    isSummed: given['no-checksum'] !== true,
    statePath: join(given.state ?? dirname(whole), `.${basename(path)}.${way}.sending`),
    isAgain: given.again === true,
    settleMillis: wholeOf(given.settle, '--settle', 60, 0, 86_400) * 1000,
  };
}
