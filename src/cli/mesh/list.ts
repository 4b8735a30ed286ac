import type { IncomingHttpHeaders } from 'node:http';
import type { Io } from '../command.ts';
import type { Settings } from './check.ts';
import { isGone } from './fetch.ts';
import type { Choice } from './fetch-all.ts';
import type { MeshMailbox } from './mesh-mailbox.ts';
import { type Patience, patiently } from './retries.ts';
import { Refusal } from './trouble.ts';

type Parts = { readonly mailbox: MeshMailbox; readonly patience: Patience; readonly settings: Settings };

/** A message that waits; what MESH does not tell is undefined. */
export type Waiting = {
  readonly messageId: string;
  readonly isReport: boolean;
  readonly from: string | undefined;
  readonly workflowId: string | undefined;
  readonly localId: string | undefined;
  readonly subject: string | undefined;
  readonly fileName: string | undefined;
  /** In bytes, as it was sent. */
  readonly size: number | undefined;
  readonly chunks: number | undefined;
  /** Of a report: why, and on which message. */
  readonly statusCode: string | undefined;
  readonly statusDescription: string | undefined;
  readonly linkedMessageId: string | undefined;
};

const pageSize = 500;

/** Shows what waits in the inbox, oldest first: ids, and where `isLong` what their headers tell. Nothing is fetched. */
export async function listWaiting(
  parts: Parts,
  choice: Choice,
  { isLong, isJson }: { readonly isLong: boolean; readonly isJson: boolean },
  io: Io,
): Promise<void> {
  for await (const id of idsOf(parts, choice)) {
    const waiting = isLong ? await described(parts, id) : undefined;
    if (isLong && waiting === undefined) continue;
    if (isJson) io.out(JSON.stringify(waiting ?? { messageId: id }));
    else io.out(waiting === undefined ? id : lineOf(waiting));
  }
}

async function* idsOf({ mailbox, patience, settings }: Parts, { workflow, most }: Choice): AsyncGenerator<string> {
  const shown = new Set<string>();
  let from: string | undefined;
  do {
    const page = await patiently(patience, () =>
      mailbox.inbox({ most: Math.min(pageSize, Math.max(10, most)), from, workflow }),
    );
    const fresh = page.ids.filter((id) => !shown.has(id));
    for (const id of fresh) {
      if (shown.size >= most) return;
      shown.add(id);
      yield id;
    }
    // version 1 does not say whether there is more, and a MESH may give less at a time than it was asked for
    const next = page.next ?? (settings.version === 1 ? page.ids.at(-1) : undefined);
    // a page that tells nothing new would lead in circles
    from = fresh.length === 0 ? undefined : next;
  } while (from !== undefined && shown.size < most);
}

/** Undefined where somebody has taken it meanwhile. */
async function described({ mailbox, patience }: Parts, id: string): Promise<Waiting | undefined> {
  try {
    return waitingIn(id, await patiently(patience, () => mailbox.describe(id)));
  } catch (error) {
    if (error instanceof Refusal && isGone(error)) return undefined;
    throw error;
  }
}

/** Reads what the headers of a message tell. */
export function waitingIn(messageId: string, headers: IncomingHttpHeaders): Waiting {
  const of = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const whole = (value: string | undefined) => (/^\d{1,15}$/.test(value ?? '') ? Number(value) : undefined);
  const isReport = of('mex-messagetype')?.toUpperCase() === 'REPORT';
  const chunks = whole(of('mex-total-chunks'));
  // some answer HEAD with the length of what they would send, others with 0
  const length = chunks === undefined || chunks === 1 ? whole(of('content-length')) || undefined : undefined;
  return {
    messageId,
    isReport,
    from: of('mex-from'),
    workflowId: of('mex-workflowid'),
    localId: of('mex-localid'),
    subject: of('mex-subject'),
    fileName: of('mex-filename'),
    size: isReport ? 0 : (whole(of('openspine-file-size')) ?? length),
    chunks,
    statusCode: isReport ? of('mex-statuscode') : undefined,
    statusDescription: isReport ? of('mex-statusdescription') : undefined,
    linkedMessageId: of('mex-linkedmsgid'),
  };
}

/** One line for a person. What others wrote comes without control characters. */
export function lineOf(waiting: Waiting): string {
  const { messageId, isReport, from, workflowId, size, chunks, subject, fileName } = waiting;
  const inChunks = chunks !== undefined && chunks > 1 ? `${chunks} chunks` : '';
  const sized = [size === undefined ? '' : `${size} bytes`, inChunks].filter(Boolean).join(' in ') || 'size not told';
  const why = [waiting.statusCode, waiting.statusDescription].filter(Boolean).join(' ');
  const about = isReport
    ? `report on ${waiting.linkedMessageId ?? waiting.localId ?? 'a message'}${why === '' ? '' : `: ${why}`}`
    : `${from ?? 'sender not told'}  ${sized}`;
  return [messageId, workflowId ?? '-', about, subject ?? fileName ?? '']
    .join('  ')
    .replace(/\p{Cc}/gu, ' ')
    .trimEnd();
}
