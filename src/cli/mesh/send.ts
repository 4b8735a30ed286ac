import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chunk, chunksOf } from './chunks.ts';
import { type Envelope, headersOf } from './envelope.ts';
import { forget, readState, writeDurably } from './kept-state.ts';
import type { Body, MeshMailbox, Offers } from './mesh-mailbox.ts';
import type { Progress } from './progress.ts';
import { type Patience, patiently } from './retries.ts';
import { digestOf, type FileFacts, factsOf, isSameFile, openChunk } from './sent-file.ts';
import type { Tracked } from './tracked.ts';
import { ConnectionCut, Failure, Interrupted, OutcomeUnknown, Refusal } from './trouble.ts';

/** What is to be sent, and how. */
export type SendPlan = {
  readonly path: string;
  readonly envelope: Omit<Envelope, 'localId'> & { readonly localId?: string | undefined };
  readonly chunkBytes: number;
  readonly isGzip: boolean;
  /** Name the SHA-256 of the file in `mex-content-checksum`, unless the envelope has a checksum. */
  readonly isSummed: boolean;
  /** Where it is written how far we are. */
  readonly statePath: string;
  /** Send even where it is not known whether a former try arrived. */
  readonly isAgain: boolean;
  /** How long after a first send that was cut off MESH may still be taking it, in milliseconds. */
  readonly settleMillis: number;
};

export type Sent = {
  readonly messageId: string;
  readonly localId: string;
  readonly bytes: number;
  readonly chunks: number;
  /** True when a former run had sent a part, or all, of it. */
  readonly isResumed: boolean;
};

/** How far the sending of one file is; what a later run goes on from. */
type SendState = {
  place: string;
  file: FileFacts;
  headers: Record<string, string>;
  chunkBytes: number;
  isGzip: boolean;
  isOwnLocalId: boolean;
  key: string;
  isKeyed: boolean;
  /** When the first chunk was begun, in milliseconds since 1970. */
  begunAt?: number | undefined;
  messageId?: string | undefined;
  /** Chunks from the first that MESH has. */
  done: number;
};

type Parts = {
  readonly mailbox: MeshMailbox;
  readonly offers: Offers;
  readonly patience: Patience;
  readonly progress: (label: string, total: number | undefined) => Progress;
};

/**
 * Sends a file, going on where a former run stopped. The state stays until `forget(plan.statePath)`, so that whoever
 * asks again after a success is told of the same message. Rejects with Failure or Refusal (state forgotten), Interrupted
 * or OutcomeUnknown (state kept).
 */
export async function sendFile(parts: Parts, plan: SendPlan): Promise<Sent> {
  const file = await factsOf(plan.path);
  if (file.bytes === 0) throw new Failure(`${plan.path} is empty; MESH takes no message without content.`);
  const found = await readState<SendState>(plan.statePath);
  const isResumed = found !== undefined && isOf(found, parts.mailbox.place, file, plan);
  const state = isResumed ? found : await begun(parts.mailbox.place, file, plan);
  const chunks = chunksOf(file.bytes, state.chunkBytes);
  const progress = parts.progress(basename(plan.path), file.bytes);
  const bodyOf = (chunk: Chunk): Body => ({
    open: () => openChunk(plan.path, state.file, chunk, state.isGzip, (bytes) => progress.at(bytes)),
    length: state.isGzip ? undefined : chunk.bytes,
  });
  try {
    if (state.messageId === undefined) await sendFirst(parts, plan, state, chunks, bodyOf);
    await sendRest(parts, plan, state, chunks, bodyOf);
    progress.at(file.bytes);
  } catch (error) {
    const isOver = error instanceof Failure || (error instanceof Refusal && !error.isPassing);
    if (isOver) await forget(plan.statePath);
    throw error;
  } finally {
    progress.done();
  }
  const { messageId = '', headers } = state;
  return { messageId, localId: headers['mex-localid'] ?? '', bytes: file.bytes, chunks: chunks.length, isResumed };
}

/** True when what is kept is about this file, as it is now, on this way. */
function isOf(state: SendState, place: string, file: FileFacts, plan: SendPlan): boolean {
  const { headers } = state;
  const { to, workflowId, localId } = plan.envelope;
  return (
    state.place === place &&
    isSameFile(state.file, file) &&
    headers['mex-to'] === to &&
    headers['mex-workflowid'] === workflowId &&
    (localId === undefined || headers['mex-localid'] === localId)
  );
}

async function begun(place: string, file: FileFacts, plan: SendPlan): Promise<SendState> {
  const { envelope, chunkBytes, isGzip } = plan;
  const localId = envelope.localId ?? `openspine-${randomUUID()}`;
  // what cannot travel is found before the whole file is read
  headersOf({ ...envelope, localId });
  const sum = plan.isSummed && !envelope.checksum ? `SHA-256:${await digestOf(plan.path)}` : envelope.checksum;
  return {
    place,
    file,
    headers: headersOf({ ...envelope, localId, checksum: sum }),
    chunkBytes,
    isGzip,
    isOwnLocalId: envelope.localId === undefined,
    key: randomUUID(),
    isKeyed: false,
    done: 0,
  };
}

const encoded = (state: SendState, chunk: Chunk, of: number): Record<string, string> => ({
  'mex-chunk-range': `${chunk.number}:${of}`,
  ...(state.isGzip ? { 'content-encoding': 'gzip', 'mex-content-compressed': 'Y' } : {}),
});

/** The first chunk: where it is the only one, it makes a message each time it arrives, so it is sent once. */
async function sendFirst(parts: Parts, plan: SendPlan, state: SendState, chunks: Chunk[], bodyOf: BodyOf) {
  const { mailbox, offers, patience } = parts;
  const [first] = chunks as [Chunk];
  // a chunk of several makes no message until the others follow: one in doubt is left to expire
  const mayRepeat = chunks.length > 1 || offers.idempotency;
  const isInDoubt = state.begunAt !== undefined && chunks.length === 1 && !(state.isKeyed && offers.idempotency);
  if (isInDoubt && !plan.isAgain && (await isThere(parts, plan, state))) return keep(plan, state);
  state.isKeyed = offers.idempotency;
  state.begunAt = Date.now();
  await keep(plan, state);
  const headers = { ...state.headers, ...encoded(state, first, chunks.length) };
  if (state.isKeyed) headers['idempotency-key'] = state.key;
  let mayHaveArrived = false;
  try {
    state.messageId = await patiently(patience, async () => {
      try {
        return await mailbox.send(headers, bodyOf(first));
      } catch (error) {
        if (mayRepeat) throw error;
        mayHaveArrived = isDoubt(error);
        if (mayHaveArrived) throw new OutcomeUnknown(`${(error as Error).message}: ${doubt}`);
        // published clients do not repeat a first send, whatever the answer
        if (error instanceof Refusal && error.isPassing) throw new Interrupted(error.message);
        throw error;
      }
    });
  } catch (error) {
    if (mayHaveArrived && (await isThereNow(parts, state))) return keep(plan, state);
    if (!mayHaveArrived && error instanceof Interrupted) {
      state.begunAt = undefined;
      await keep(plan, state);
    }
    throw error;
  }
  state.done = 1;
  await keep(plan, state);
}

type BodyOf = (chunk: Chunk) => Body;
const keep = (plan: SendPlan, state: SendState) => writeDurably(plan.statePath, JSON.stringify(state));
const doubt = 'it is not known whether MESH has taken the message';

const isDoubt = (error: unknown): boolean =>
  error instanceof ConnectionCut
    ? error.mayHaveArrived
    : // a failure of the server, unlike a refusal, may have come after the message was kept
      error instanceof Refusal && error.status >= 500 && error.status !== 503;

/** Looks a moment after the cut whether the message arrived after all; only under a local id that nobody else uses. */
async function isThereNow({ mailbox, patience }: Parts, state: SendState): Promise<boolean> {
  if (!state.isOwnLocalId || patience.signal.aborted) return false;
  await pause(1000);
  const tracked = await mailbox.trackLocal(state.headers['mex-localid'] ?? '').catch(() => undefined);
  return tracked !== undefined && take(state, tracked);
}

function take(state: SendState, tracked: Tracked): true {
  state.messageId = tracked.messageId;
  state.done = 1;
  return true;
}

/**
 * Settles by MESH's own records whether a first send in doubt arrived. Throws OutcomeUnknown where they do not tell:
 * then only a person can.
 */
async function isThere({ mailbox, patience }: Parts, plan: SendPlan, state: SendState): Promise<boolean> {
  const localId = state.headers['mex-localid'] ?? '';
  const found = await patiently(patience, async () => {
    try {
      return (
        (await mailbox.trackLocal(localId)) ?? ((await mailbox.sentLately(localId)).length > 0 ? 'several' : undefined)
      );
    } catch (error) {
      if (error instanceof Refusal && !error.isPassing) return error.status === 300 ? 'several' : 'untold';
      throw error;
    }
  });
  if (typeof found === 'object' && state.isOwnLocalId) return take(state, found);
  if (found !== undefined) {
    const told =
      found === 'untold' ? 'MESH does not tell' : `MESH has a message of local id ${localId}, this or another`;
    throw new OutcomeUnknown(`${doubt}, and ${told}`, true);
  }
  const left = (state.begunAt ?? 0) + plan.settleMillis - Date.now();
  if (left > 0) throw new OutcomeUnknown(`${doubt}; ask again in ${Math.ceil(left / 1000)} s`);
  return false;
}

/** The chunks after the first; each may be repeated until the message is whole. */
async function sendRest(parts: Parts, plan: SendPlan, state: SendState, chunks: Chunk[], bodyOf: BodyOf) {
  const { mailbox, patience } = parts;
  const id = state.messageId ?? '';
  for (const chunk of chunks.slice(state.done)) {
    await patiently(patience, async () => {
      try {
        await mailbox.sendChunk(id, chunk.number, encoded(state, chunk, chunks.length), bodyOf(chunk));
      } catch (error) {
        // closed to chunks: whole already, when the answer to the last one was lost
        const isWhole = error instanceof Refusal && error.status === 423 && chunk.number === chunks.length;
        if (!isWhole || !(await mailbox.track(id))) throw error;
      }
    });
    state.done = chunk.number;
    await keep(plan, state);
  }
}
