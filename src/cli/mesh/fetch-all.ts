import { begunIn, type FetchParts, fetchMessage, isGone, type Landing, type Received } from './fetch.ts';
import { patiently } from './retries.ts';
import { Failure, Refusal } from './trouble.ts';

/** Which messages are fetched: those of a workflow (a filter as MESH reads it), so many at most. */
export type Choice = { readonly workflow?: string | undefined; readonly most: number };

export type FetchCount = { readonly fetched: number; readonly failed: number };

const pageSize = 500;

/**
 * Fetches what waits in the inbox, oldest first, after what a former run had begun. A message that is gone or damaged is
 * told of and passed over. Rejects with Interrupted, or with what concerns all messages.
 */
export async function fetchAll(
  parts: FetchParts,
  landing: Landing,
  choice: Choice,
  onReceived: (received: Received) => void | Promise<void>,
): Promise<FetchCount> {
  const { mailbox, patience } = parts;
  let fetched = 0;
  let failed = 0;
  const passed = new Set<string>();
  const take = async (id: string): Promise<void> => {
    try {
      const received = await fetchMessage(parts, landing, id);
      if (landing.isLeft || received === undefined) passed.add(id);
      if (received === undefined) return;
      fetched++;
      await onReceived(received);
    } catch (error) {
      const isOfMailbox = error instanceof Refusal && (error.isPassing || (error.status === 403 && !isGone(error)));
      const isOfMessage = error instanceof Failure || (error instanceof Refusal && !isOfMailbox);
      if (!isOfMessage) throw error;
      passed.add(id);
      failed++;
      patience.tell(`${id}: ${(error as Error).message}`);
    }
  };
  for (const id of await begunIn(landing.directory, mailbox.place)) if (fetched < choice.most) await take(id);
  let from: string | undefined;
  while (fetched < choice.most) {
    const page = await patiently(patience, () => mailbox.inbox({ most: pageSize, from, workflow: choice.workflow }));
    const fresh = page.ids.filter((id) => !passed.has(id));
    for (const id of fresh) if (fetched < choice.most) await take(id);
    // what was acknowledged has left the list; only what stays has to be passed by its mark
    if (page.ids.some((id) => passed.has(id))) {
      if (page.next === undefined) break;
      from = page.next;
    } else if (page.ids.length === 0) break;
  }
  return { fetched, failed };
}
