import { createWriteStream } from 'node:fs';
import { access, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isOfConnection } from './connection.ts';
import { forget, readState, syncDirectory, syncFile, writeDurably } from './kept-state.ts';
import type { MeshMailbox } from './mesh-mailbox.ts';
import type { Progress } from './progress.ts';
import { measure, type ReceivedChunk, unpack } from './received-content.ts';
import { type Patience, patiently } from './retries.ts';
import { digestOf } from './sent-file.ts';
import { ConnectionCut, Failure, Refusal } from './trouble.ts';

/** A message as it came: its `mex-…` headers by lower-case name; a report has no content. */
export type Received = {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isReport: boolean;
  readonly bytes: number;
  readonly sha256: string | undefined;
};

/** Where messages go: the content to `<id>.dat`, and after it, last of all, what is said of it to `<id>.<kind>`. */
export type Landing = {
  readonly directory: string;
  readonly kind: 'json' | 'ctl';
  readonly about: (received: Received) => string;
  /** Leave the message in the inbox. */
  readonly isLeft: boolean;
};

export type FetchParts = {
  readonly mailbox: MeshMailbox;
  readonly patience: Patience;
  readonly progress: (label: string, total: number | undefined) => Progress;
};

/** How far the fetching of a message is; what a later run goes on from. */
type FetchState = {
  place: string;
  headers: Record<string, string>;
  chunks: ReceivedChunk[];
  isWhole: boolean;
  /** All is here, durably, in files that have to be renamed; then it is acknowledged. */
  stored?: Received | undefined;
};

const stateEnd = '.fetching';
const pathsOf = ({ directory, kind }: Landing, id: string) => ({
  state: join(directory, `.${id}${stateEnd}`),
  part: join(directory, `.${id}.part`),
  unpacked: join(directory, `.${id}.dat.new`),
  about: join(directory, `.${id}.${kind}.new`),
  finalContent: join(directory, `${id}.dat`),
  finalAbout: join(directory, `${id}.${kind}`),
});

/**
 * Fetches a message: chunk by chunk, going on where a former run stopped; its files appear whole, once, and durably before
 * MESH is told that we have it. Undefined when it was fetched before and left in the inbox. Rejects with Failure (damaged:
 * not acknowledged), Refusal, or Interrupted (state kept).
 */
export async function fetchMessage(parts: FetchParts, landing: Landing, id: string): Promise<Received | undefined> {
  const paths = pathsOf(landing, id);
  const found = await readState<FetchState>(paths.state);
  const state: FetchState =
    found?.place === parts.mailbox.place && (found.stored || (await sizeOf(paths.part)) >= bytesIn(found))
      ? found
      : { place: parts.mailbox.place, headers: {}, chunks: [], isWhole: false };
  if (landing.isLeft && !state.stored && (await isThere(paths.finalAbout))) return undefined;
  if (!state.stored) {
    try {
      await download(parts, landing, id, state);
      state.stored = await stage(landing, id, state);
    } catch (error) {
      if (error instanceof Failure || isGone(error)) await clear(landing, id);
      throw error;
    }
    await writeDurably(paths.state, JSON.stringify(state));
  }
  // what is said of it comes last: who waits for that finds the content whole
  if (await isThere(paths.unpacked)) await rename(paths.unpacked, paths.finalContent);
  if (await isThere(paths.about)) await rename(paths.about, paths.finalAbout);
  await syncDirectory(landing.directory);
  if (!landing.isLeft) await acknowledge(parts, landing, id);
  await clear(landing, id);
  return state.stored;
}

/** Messages of the mailbox at this place that a former run has begun and not finished. */
export async function begunIn(directory: string, place: string): Promise<string[]> {
  const begun: string[] = [];
  for (const name of await readdir(directory)) {
    if (!name.startsWith('.') || !name.endsWith(stateEnd)) continue;
    const state = await readState<FetchState>(join(directory, name));
    if (state?.place === place) begun.push(name.slice(1, -stateEnd.length));
  }
  return begun;
}

/** True when MESH has the message no longer, or not for us. */
export const isGone = (error: unknown): boolean =>
  error instanceof Refusal &&
  (error.status === 404 || error.status === 410 || (error.status === 403 && error.complaint.words === 'Forbidden'));

async function acknowledge({ mailbox, patience }: FetchParts, landing: Landing, id: string): Promise<void> {
  try {
    await patiently(patience, () => mailbox.acknowledge(id));
  } catch (error) {
    if (!isGone(error)) throw error;
    await clear(landing, id);
    throw new Failure(
      'it is stored here, but MESH gave it up before; its sender may have been told that nobody has it',
    );
  }
}

async function clear(landing: Landing, id: string): Promise<void> {
  const paths = pathsOf(landing, id);
  for (const path of [paths.part, paths.unpacked, paths.about, paths.state]) await forget(path);
}

async function download(parts: FetchParts, landing: Landing, id: string, state: FetchState): Promise<void> {
  const paths = pathsOf(landing, id);
  let progress: Progress | undefined;
  try {
    while (!state.isWhole) {
      const number = state.chunks.length + 1;
      await patiently(parts.patience, async () => {
        const { headers, isLast, body } = await parts.mailbox.download(id, number);
        const [at, of] = rangeIn(String(headers['mex-chunk-range'] ?? ''));
        if (at !== undefined && at !== number && of !== 0) {
          body.destroy();
          throw new Failure(`MESH sent chunk ${at} of ${id} in place of chunk ${number}.`);
        }
        const length = Number(headers['content-length']);
        progress ??= parts.progress(id, Number.isFinite(length) ? length * Math.max(1, of ?? 1) : undefined);
        const before = bytesIn(state);
        const bytes = await saveAt(paths.part, before, body, (more) => progress?.at(before + more));
        if (number === 1) state.headers = kept(headers);
        state.chunks.push({ bytes, isGzip: headers['content-encoding'] === 'gzip' });
        state.isWhole = isLast;
      });
      if (!state.isWhole) await writeDurably(paths.state, JSON.stringify(state));
    }
  } finally {
    progress?.done();
  }
}

/** Writes a chunk to its place in the file, over what a cut attempt left, durably; how many bytes it had. */
async function saveAt(path: string, at: number, body: Readable, onBytes: (bytes: number) => void): Promise<number> {
  let bytes = 0;
  const count = new Transform({
    transform(data: Buffer, _encoding, done) {
      bytes += data.length;
      onBytes(bytes);
      done(null, data);
    },
  });
  const file = await open(path, 'a');
  await file.truncate(at).finally(() => file.close());
  try {
    await pipeline(body, count, createWriteStream(path, { flags: 'a' }));
  } catch (error) {
    if (isOfConnection(error)) throw new ConnectionCut('the connection was cut', true);
    throw error;
  }
  await syncFile(path);
  return bytes;
}

/** Makes of what was received the files to be renamed, and checks that it is what was sent. */
async function stage(landing: Landing, id: string, state: FetchState): Promise<Received> {
  const { part, unpacked, about } = pathsOf(landing, id);
  const { headers } = state;
  const isReport = headers['mex-messagetype']?.toUpperCase() === 'REPORT';
  let content: { bytes: number; sha256: string } | undefined;
  if (!isReport) {
    const isFlagged = /^(y|true)$/i.test(headers['mex-content-compressed'] ?? '');
    const isEncoded = state.chunks.some((chunk) => chunk.isGzip);
    const isGzip = !isEncoded && isFlagged && (await beginsAsGzip(part));
    const chunks = isGzip ? state.chunks.map(({ bytes }) => ({ bytes, isGzip })) : state.chunks;
    content = isGzip || isEncoded ? await unpack(part, unpacked, chunks) : await measure(part);
    const promised = /^sha-?256[: ]([0-9a-f]{64})$/i.exec(headers['mex-content-checksum'] ?? '')?.[1]?.toLowerCase();
    // the sender's sum may be over what it sent compressed
    if (promised !== undefined && promised !== content.sha256 && promised !== (await digestOf(part)))
      throw new Failure(`${id} is damaged: its content does not have the checksum that its sender names.`);
    if (!isGzip && !isEncoded) await rename(part, unpacked);
  }
  const received = { id, headers, isReport, bytes: content?.bytes ?? 0, sha256: content?.sha256 };
  await writeFile(about, landing.about(received));
  await syncFile(about);
  return received;
}

const bytesIn = ({ chunks }: FetchState): number => chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function beginsAsGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

const kept = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && (name.startsWith('mex-') || name === 'last-modified') ? [[name, value]] : [],
    ),
  );

function rangeIn(range: string): [number | undefined, number | undefined] {
  const [, at, of] = /^(\d{1,9}):(\d{1,9})$/.exec(range) ?? [];
  return [at === undefined ? undefined : Number(at), of === undefined ? undefined : Number(of)];
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
