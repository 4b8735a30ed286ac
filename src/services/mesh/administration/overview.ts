import type { Queryable } from '../../../platform/db/database.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { selectContacts, selectFlows, selectFlowsInto, selectFlowsOut, selectStuck } from './queries-administration.ts';
import { type Stuck, stuckReason } from './stuck.ts';

type FlowRow = {
  sender: string;
  recipient: string;
  workflow_id: string;
  messages: number;
  last_at: Date;
  bytes?: number;
  waiting?: number;
  failed?: number;
};

/**
 * Who has sent what to whom since, of these mailboxes on either side, the most messages first. How much waits and how much
 * failed is known of what came into one of them. `since` in milliseconds; `isAll`: there are no other mailboxes.
 */
export async function flowsOf(
  db: Queryable,
  mailboxIds: readonly string[],
  since: number,
  limit: number,
  isAll: boolean,
): Promise<object[]> {
  const order = since * 1000;
  const [into, out] = await Promise.all([
    db.query<FlowRow>(isAll ? selectFlows(order, limit) : selectFlowsInto(mailboxIds, order, limit)),
    isAll ? [] : db.query<FlowRow>(selectFlowsOut(mailboxIds, order, limit)),
  ]);
  return [...into, ...out]
    .sort((one, other) => other.messages - one.messages)
    .slice(0, limit)
    .map(({ workflow_id: workflowId, last_at: lastAt, ...row }) => ({
      ...row,
      workflowId,
      lastAt: lastAt.toISOString(),
    }));
}

type StuckRow = {
  mailbox_id: string;
  workflow_id: string;
  state: Stuck['state'];
  messages: number;
  bytes: number;
  /** Microseconds since 1970. */
  oldest: number;
  is_downloaded: boolean;
};

/** What has waited in these mailboxes since before an instant, and why, by what is known now. Times in milliseconds. */
export async function stuckIn(
  { db, directory }: { readonly db: Queryable; readonly directory: Directory },
  mailboxIds: readonly string[],
  before: number,
  limit: number,
  now: number,
): Promise<object[]> {
  const rows = await db.query<StuckRow>(selectStuck(mailboxIds, before, limit));
  const contacts = await db.query<{ mailbox_id: string; called_at: Date }>(
    selectContacts([...new Set(rows.map((row) => row.mailbox_id))]),
  );
  const calledAt = new Map(contacts.map((row) => [row.mailbox_id, row.called_at.getTime()]));
  return rows.map((row) => {
    const called = calledAt.get(row.mailbox_id);
    const reason = stuckReason(
      {
        ...row,
        isMailboxActive: directory.find(row.mailbox_id)?.isActive === true,
        isDownloaded: row.is_downloaded,
        oldestAt: row.oldest / 1000,
        calledAt: called,
      },
      now,
    );
    return {
      mailboxId: row.mailbox_id,
      workflowId: row.workflow_id,
      reason,
      messages: row.messages,
      bytes: row.bytes,
      oldestAt: new Date(row.oldest / 1000).toISOString(),
      ...(called === undefined ? {} : { lastCalledAt: new Date(called).toISOString() }),
    };
  });
}
