import type { Io } from '../command.ts';
import type { MeshMailbox } from './mesh-mailbox.ts';
import { type Patience, patiently } from './retries.ts';
import { linesOf, type Tracked } from './tracked.ts';
import { Refusal } from './trouble.ts';

type Parts = { readonly mailbox: MeshMailbox; readonly patience: Patience; readonly tell: (line: string) => void };

/** Tells what became of messages, by their ids or our own; whether all of them are known to MESH as ours. */
export async function trackAll(
  parts: Parts,
  ids: readonly string[],
  { isLocal, isJson }: { readonly isLocal: boolean; readonly isJson: boolean },
  io: Io,
): Promise<boolean> {
  let isWhole = true;
  for (const id of ids) {
    const found = isLocal ? await byLocalId(parts, id) : await byId(parts, id);
    if (found.length === 0) {
      isWhole = false;
      parts.tell(
        `${parts.mailbox.id} has sent no message of ${isLocal ? 'local id' : 'id'} ${id} that MESH still knows`,
      );
    }
    for (const tracked of found) for (const line of isJson ? [JSON.stringify(tracked)] : linesOf(tracked)) io.out(line);
  }
  return isWhole;
}

async function byId({ mailbox, patience }: Parts, id: string): Promise<Tracked[]> {
  const found = await patiently(patience, () => mailbox.track(id));
  return found === undefined ? [] : [found];
}

/** One, or where there are several those among the newest hundred sent. */
async function byLocalId(parts: Parts, localId: string): Promise<Tracked[]> {
  const { mailbox, patience } = parts;
  try {
    const found = await patiently(patience, () => mailbox.trackLocal(localId));
    return found === undefined ? [] : [found];
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 300)) throw error;
    const ids = await patiently(patience, () => mailbox.sentLately(localId));
    parts.tell(`several messages have the local id ${localId}; ${ids.length} of them among the newest hundred sent`);
    const each = await Promise.all(ids.map((id) => byId(parts, id)));
    return each.flat();
  }
}
