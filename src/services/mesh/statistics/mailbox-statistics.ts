import type { Queryable } from '../../../platform/db/database.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import { selectReceived, selectSent, selectUndelivered, selectWaiting } from './queries-statistics.ts';

const dayMillis = 86_400_000;

type Counted = { day: number; workflow_id: string; messages: number; [more: string]: unknown };
type Waiting = { workflow_id: string; messages: number; bytes: number; oldest: number };

/**
 * What a mailbox sends and receives, over so many days (UTC) with today, and what waits in it now. Counted from the messages
 * that are kept, in the mailbox's own part of an index: the cost is that of its own mail. `now` in milliseconds.
 */
export async function statisticsOf(db: Queryable, mailboxId: string, days: number, now: number): Promise<object> {
  const from = now - (now % dayMillis) - (days - 1) * dayMillis;
  const since = from * 1000;
  const [received, sent, undelivered, waiting] = await Promise.all([
    db.query<Counted>(selectReceived(mailboxId, since)),
    db.query<Counted>(selectSent(mailboxId, since)),
    db.query<Counted>(selectUndelivered(mailboxId, since)),
    db.query<Waiting>(selectWaiting(mailboxId, now)),
  ]);
  const oldest = waiting.map((row) => row.oldest / 1000).sort((one, other) => one - other)[0];
  return {
    mailboxId,
    from: new Date(from).toISOString(),
    to: new Date(now).toISOString(),
    totals: {
      received: total(received),
      sent: total(sent),
      undelivered: total(undelivered),
      waiting: total(waiting),
      waitingBytes: waiting.reduce((sum, row) => sum + row.bytes, 0),
      ...(oldest === undefined ? {} : { oldestWaitingSince: new Date(oldest).toISOString() }),
    },
    received: received.map(told),
    sent: sent.map(told),
    undelivered: undelivered.map(({ status_code: code, ...row }) => ({ ...told(row), code })),
    waiting: waiting.map(({ workflow_id: workflowId, messages, bytes, oldest }) => ({
      workflowId,
      messages,
      bytes,
      oldestAt: new Date(oldest / 1000).toISOString(),
    })),
  };
}

const total = (rows: readonly { messages: number }[]) => rows.reduce((sum, row) => sum + row.messages, 0);
const told = ({ workflow_id: workflowId, day, ...row }: Counted) => ({
  day: dayOf(day * dayMillis),
  workflowId,
  ...row,
});
