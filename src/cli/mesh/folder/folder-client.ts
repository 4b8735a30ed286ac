import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Landing, Received } from '../fetch.ts';
import { fetchAll } from '../fetch-all.ts';
import type { MeshMailbox, Offers } from '../mesh-mailbox.ts';
import type { Progress } from '../progress.ts';
import type { Patience } from '../retries.ts';
import { Greeting, keepFetching, keepOn } from '../watch.ts';
import { writeControlFile } from './control-file.ts';
import { receivedControl } from './control-rules.ts';
import { hasOutgoing, sendOutgoing } from './outgoing.ts';

/** What the folder client works with. */
export type FolderParts = {
  /** Holds out, sent, in and failed. */
  readonly directory: string;
  readonly mailbox: MeshMailbox;
  readonly offers: Offers;
  readonly patience: Patience;
  readonly progress: (label: string, total: number | undefined) => Progress;
  readonly tell: (line: string) => void;
  readonly chunkBytes: number;
  readonly isSummed: boolean;
  readonly settleMillis: number;
  readonly workflow?: string | undefined;
};

export type RoundCount = { sent: number; received: number; failed: number };

/** Makes the four folders where they are missing. */
export async function makeFolders(directory: string): Promise<void> {
  for (const name of ['out', 'sent', 'in', 'failed']) await mkdir(join(directory, name), { recursive: true });
}

/** One round: sends what is in `out`, then fetches what waits into `in`, as the published folder protocol has it. */
export async function exchange(parts: FolderParts): Promise<RoundCount> {
  const { sent, failed } = await sendOutgoing(parts);
  const choice = { workflow: parts.workflow, most: Number.POSITIVE_INFINITY };
  const landing = landingIn(parts.directory);
  const fetched = await fetchAll(parts, landing, choice, (received) => tellOf(parts, received));
  return { sent, received: fetched.fetched, failed: failed + fetched.failed };
}

const landingIn = (directory: string): Landing => ({
  directory: join(directory, 'in'),
  kind: 'ctl',
  about: (received) => writeControlFile(receivedControl(received, Date.now())),
  isLeft: false,
});

const tellOf = ({ tell }: Pick<FolderParts, 'tell'>, { id, isReport }: Received): void =>
  tell(isReport ? `${id}.ctl: a report came` : `${id}.ctl: a message came`);

/** How often `out` is looked into, in milliseconds. */
const outMillis = 2000;

/** Sends what appears in `out` and fetches what comes, side by side, until told to stop. `every`: see keepFetching. */
export async function keepExchanging(parts: Omit<FolderParts, 'offers'>, every: number): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.patience.signal, failed.signal]);
  const both = { ...parts, patience: { ...parts.patience, signal } };
  const greeting = new Greeting(both);
  const choice = { workflow: parts.workflow, most: Number.POSITIVE_INFINITY };
  const outgoing = keepOn(both, { every: outMillis, afterTrouble: Math.min(every, 60_000) }, async () => {
    // an empty folder asks MESH nothing
    if (await hasOutgoing(parts.directory)) await sendOutgoing({ ...both, offers: await greeting.offers() });
    return 'pause';
  });
  const incoming = keepFetching(both, landingIn(parts.directory), choice, every, (one) => tellOf(parts, one));
  try {
    await Promise.all([outgoing, incoming]);
  } finally {
    // when one fails, the other ends too
    failed.abort();
  }
}
