import { access, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mostChunkBytes } from '../chunks.ts';
import { forget, readState, syncDirectory, writeDurably } from '../kept-state.ts';
import { type Sent, sendFile } from '../send.ts';
import { factsOf } from '../sent-file.ts';
import { Failure, isOfFiles, OutcomeUnknown, Refusal, UsageError } from '../trouble.ts';
import { type ControlFile, ControlFileError, readControlFile, writeControlFile } from './control-file.ts';
import { dataMissing, type Fault, failedControl, malformed, outgoingOf, sentControl } from './control-rules.ts';
import type { FolderParts } from './folder-client.ts';

/** What became of a pair: where it is on its way to, and with which control file. Written before it is moved. */
type Outcome = { to: 'sent' | 'failed'; control: string; said: string };
type KeptOutcome = Outcome & { stem: string };

/** How long a control file may be there before its data, in milliseconds: on a network drive the order can be lost. */
const graceMillis = 10_000;

const controlName = /^[^.].*\.ctl$/i;

/** True when there is something to send, or to move on. */
export async function hasOutgoing(directory: string): Promise<boolean> {
  const names = await readdir(join(directory, 'out'));
  return names.some((name) => controlName.test(name) || name.endsWith('.outcome'));
}

/** Sends every pair in `out`, oldest control file first; each ends in `sent` or `failed`, or stays for the next round. */
export async function sendOutgoing(parts: FolderParts): Promise<{ sent: number; failed: number }> {
  const out = join(parts.directory, 'out');
  const entries = await readdir(out, { withFileTypes: true });
  const names = entries.filter((one) => one.isFile() && controlName.test(one.name)).map(({ name }) => name);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(out, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  aged.sort((one, other) => one.at - other.at || (one.name < other.name ? -1 : 1));
  const count = { sent: 0, failed: 0 };
  for (const { name, at } of aged) {
    if (parts.patience.signal.aborted) break;
    const outcome = await outcomeOf(parts, name, at);
    if (outcome === undefined) continue;
    await move(parts.directory, name, outcome);
    count[outcome.to]++;
    parts.tell(`${name}: ${outcome.said}`);
  }
  await finishMoves(parts);
  return count;
}

const outcomePath = (directory: string, name: string) => join(directory, 'out', `.${name}.outcome`);
const statePath = (directory: string, name: string) => join(directory, 'out', `.${name}.sending`);
const dataNameOf = (controlName: string) => controlName.replace(/\.ctl$/i, (end) => (end === '.CTL' ? '.DAT' : '.dat'));

async function outcomeOf(parts: FolderParts, name: string, since: number): Promise<Outcome | undefined> {
  const known = await readState<KeptOutcome>(outcomePath(parts.directory, name));
  if (known) return known;
  let control: ControlFile = { fields: {} };
  const fault = (one: Fault, id?: string): Outcome => ({
    to: 'failed',
    control: writeControlFile(failedControl(control, one, id, Date.now())),
    said: `failed: ${[one.event, one.code, one.words].filter(Boolean).join(' ')}`,
  });
  try {
    control = readControlFile(textOf(await readFile(join(parts.directory, 'out', name))));
    const outgoing = outgoingOf(control, parts.mailbox.id, dataNameOf(name));
    if ('code' in outgoing) return fault(outgoing);
    const path = join(parts.directory, 'out', dataNameOf(name));
    if (!(await isThere(path))) return Date.now() - since < graceMillis ? undefined : fault(dataMissing);
    const { bytes } = await factsOf(path);
    if (bytes === 0) return fault(dataMissing);
    if (!outgoing.mayChunk && bytes > mostChunkBytes)
      return fault({ event: 'SEND', code: '', words: 'AllowChunking is N, and the data is larger than one request' });
    const sent = await sendFile(parts, {
      ...outgoing,
      path,
      chunkBytes: outgoing.mayChunk ? parts.chunkBytes : mostChunkBytes,
      isSummed: parts.isSummed,
      statePath: statePath(parts.directory, name),
      isAgain: false,
      settleMillis: parts.settleMillis,
    });
    return success(parts, control, sent, outgoing.isGzip);
  } catch (error) {
    if (error instanceof ControlFileError || error instanceof UsageError) return fault(malformed(error.message));
    if (error instanceof Failure) return fault({ event: 'SEND', code: '', words: error.message });
    if (error instanceof Refusal && !error.isPassing && error.status !== 403) {
      const { event, code, words, messageId } = error.complaint;
      return fault({ event: event || 'SEND', code: code || String(error.status), words }, messageId);
    }
    if (isOfFiles(error) && error.path === join(parts.directory, 'out', name)) {
      parts.tell(`${name}: ${error.message}`);
      return undefined;
    }
    if (error instanceof OutcomeUnknown) {
      if (error.isForPerson) return fault({ event: 'SEND', code: '', words: error.message });
      parts.tell(`${name}: ${error.message}`);
      return undefined;
    }
    throw error;
  }
}

function success({ mailbox }: FolderParts, control: ControlFile, sent: Sent, isGzip: boolean): Outcome {
  return {
    to: 'sent',
    control: writeControlFile(sentControl(control, mailbox.id, sent, isGzip, Date.now())),
    said: `sent as ${sent.messageId}`,
  };
}

/**
 * Moves a pair out of `out`: the outcome is written first, then the data moved, then the control file put beside it, whole,
 * then the old one removed; so whenever this is cut off, the next run ends it and sends nothing twice.
 */
async function move(directory: string, name: string, decided: Outcome | KeptOutcome): Promise<void> {
  const out = join(directory, 'out');
  const target = join(directory, decided.to);
  const stem = 'stem' in decided ? decided.stem : await freeStem(target, name);
  if (!('stem' in decided))
    await writeDurably(outcomePath(directory, name), JSON.stringify({ ...decided, stem } satisfies KeptOutcome));
  const data = dataNameOf(name);
  if (await isThere(join(out, data))) await rename(join(out, data), join(target, `${stem}${data.slice(-4)}`));
  await syncDirectory(target);
  if (await isThere(join(out, name))) {
    const staged = join(target, `.${name}`);
    await writeDurably(staged, decided.control);
    await rename(staged, join(target, `${stem}${name.slice(-4)}`));
    await syncDirectory(target);
    await rm(join(out, name));
    await syncDirectory(out);
  }
  await forget(statePath(directory, name));
  await forget(outcomePath(directory, name));
}

/** The name a pair has in the other folder, without its ending: a pair of the same name that is there already stays. */
async function freeStem(target: string, name: string): Promise<string> {
  const stem = name.slice(0, -4);
  const taken = new Set((await readdir(target)).map((one) => one.toLowerCase()));
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? stem : `${stem}-${n}`;
    const low = candidate.toLowerCase();
    if (!taken.has(`${low}.ctl`) && !taken.has(`${low}.dat`)) return candidate;
  }
}

/** Ends the moves whose control file had left `out` already. */
async function finishMoves({ directory }: FolderParts): Promise<void> {
  for (const file of await readdir(join(directory, 'out'))) {
    const [, name] = /^\.(.+\.ctl)\.outcome$/i.exec(file) ?? [];
    const outcome = name && (await readState<KeptOutcome>(outcomePath(directory, name)));
    if (name && outcome) await move(directory, name, outcome);
  }
}

/** The text of a control file: UTF-8, or, as older programs write them, Latin-1. */
function textOf(content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return content.toString('latin1');
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
