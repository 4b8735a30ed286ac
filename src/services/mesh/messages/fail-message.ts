import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Message } from './message.ts';
import type { MessageParts } from './parts.ts';
import type { IdempotencyKey } from './queries.ts';
import { type Failing, reportOf } from './report.ts';
import type { Outgate } from './send.ts';

/** A message as it stands in tracking once it has failed; its payload is not kept. */
export function failed(message: Message, { event, code, text }: Failing, at: number): Message {
  return {
    ...message,
    state: 'error',
    acceptedOrder: undefined,
    endedAt: at,
    isSuccess: false,
    statusEvent: event,
    statusCode: code,
    statusDescription: text,
    sealedKey: undefined,
  };
}

/** Takes a message that cannot be delivered: it is there to be tracked, and its sender has a report that says why. */
export async function takeFailed(
  parts: Pick<MessageParts, 'ids'>,
  outgate: Outgate,
  message: Message,
  failing: Failing,
  notes: readonly AuditNote[],
  idempotencyKey?: IdempotencyKey,
): Promise<void> {
  const at = Math.floor(message.sentOrder / 1000);
  await outgate.send(
    { message: failed(message, failing, at), chunk: undefined, notes, idempotencyKey },
    { message: reportOf(message, failing, parts.ids.next()), chunk: undefined, notes: [] },
  );
}
