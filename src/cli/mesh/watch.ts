import { setTimeout as pause } from 'node:timers/promises';
import type { Landing, Received } from './fetch.ts';
import { type Choice, fetchAll } from './fetch-all.ts';
import type { Offers } from './mesh-mailbox.ts';
import { patiently } from './retries.ts';
import type { Client } from './settings.ts';
import { ConnectionCut, Interrupted, isOfFiles, Refusal } from './trouble.ts';

const handshakeMillis = 12 * 3600 * 1000;
const waitSeconds = 50;

type Kept = Pick<Client, 'mailbox' | 'patience' | 'tell' | 'progress'>;

/** Fetches what comes until told to stop; trouble with MESH is told of, and the next look is the next try. */
export async function keepFetching(
  client: Kept,
  landing: Landing,
  choice: Choice,
  every: number,
  onReceived: (received: Received) => void | Promise<void>,
): Promise<void> {
  const greeting = new Greeting(client);
  let left = choice.most;
  await keepOn(client, { every, afterTrouble: every }, async () => {
    const offers = await greeting.offers();
    const { fetched, failed } = await fetchAll(client, landing, { ...choice, most: left }, onReceived);
    left -= fetched;
    if (left <= 0) return 'end';
    // what stays in the inbox would answer at once, again and again
    if (!offers.inboxWait || failed > 0) return 'pause';
    await client.mailbox.inbox({ most: 10, workflow: choice.workflow, waitSeconds });
    return 'again';
  });
}

/** Handshakes when due: at the start, and in good time before a day is over. */
export class Greeting {
  readonly #client: Kept;
  #offers: Offers | undefined;
  #at = 0;

  constructor(client: Kept) {
    this.#client = client;
  }

  async offers(): Promise<Offers> {
    if (this.#offers === undefined || performance.now() - this.#at > handshakeMillis) {
      this.#offers = await patiently(this.#client.patience, () => this.#client.mailbox.handshake());
      this.#at = performance.now();
    }
    return this.#offers;
  }
}

/**
 * Does rounds until told to stop, or one says it was the last; between them `every` milliseconds. Trouble that may pass, or be
 * put right, is told of, and tried again after `afterTrouble`.
 */
export async function keepOn(
  { patience, tell }: Pick<Client, 'patience' | 'tell'>,
  { every, afterTrouble }: { every: number; afterTrouble: number },
  round: () => Promise<'pause' | 'again' | 'end'>,
): Promise<void> {
  const { signal } = patience;
  while (!signal.aborted) {
    try {
      const next = await round();
      if (next === 'end') return;
      if (next === 'pause') await pause(every, undefined, { signal }).catch(() => {});
    } catch (error) {
      if (signal.aborted) return;
      const isOfMesh = error instanceof Refusal || error instanceof Interrupted || error instanceof ConnectionCut;
      if (!isOfMesh && !isOfFiles(error)) throw error;
      tell(`${error.message}; looking again in ${afterTrouble / 1000} s`);
      await pause(afterTrouble, undefined, { signal }).catch(() => {});
    }
  }
}
