import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import { forgetUsedTokens } from '../authorization/queries.ts';
import { messageEvent } from './events.ts';
import { retentionMillis } from './message.ts';
import type { MessageParts } from './parts.ts';
import { messageOf } from './queries.ts';
import {
  analyse,
  deleteIdempotencyKeys,
  deleteMessages,
  endInMailboxes,
  endOverdue,
  selectOutgrown,
} from './queries-life.ts';
import { type Failing, mailboxDeactivated, neverComplete, notCollected, reportOf } from './report.ts';
import { statementsOf } from './send.ts';

const atOnce = 500;
/** The width of a token's window and an hour more, for processes whose clocks differ. */
const tokenMillis = 5 * 3_600_000;

/** What a round did. */
export type LifeRound = {
  readonly expired: number;
  readonly deactivated: number;
  readonly abandoned: number;
  readonly deleted: number;
};

/** What time's work needs. */
export type LifeParts = Pick<MessageParts, 'db' | 'clock' | 'directory' | 'ids' | 'payloads' | 'writer' | 'entry'>;

/**
 * One round of what time does to messages (contract, section 7), by this Spine's clock: those nobody collected in five days,
 * those in mailboxes that were deactivated, and uploads that were never completed end, with a report to their sender; after
 * 30 days everything is deleted, key and payload too. `goesOn` is asked after each full batch: when it does not, the next round
 * does the rest.
 */
export async function liveOn(parts: LifeParts, goesOn: () => Promise<boolean>): Promise<LifeRound> {
  await renewPlans(parts);
  const now = parts.clock.now();
  const inactive = parts.directory.all().flatMap((one) => (one.isActive ? [] : [one.mailboxId]));
  return {
    expired: await endAll(parts, goesOn, notCollected, () =>
      endOverdue('accepted', 'undeliverable', notCollected, now, atOnce),
    ),
    deactivated:
      inactive.length === 0
        ? 0
        : await endAll(parts, goesOn, mailboxDeactivated, () =>
            endInMailboxes(inactive, mailboxDeactivated, now, atOnce),
          ),
    abandoned: await endAll(parts, goesOn, neverComplete, () =>
      endOverdue('uploading', 'error', neverComplete, now, atOnce),
    ),
    deleted: await deleteOld(parts, goesOn, now - retentionMillis),
  };
}

/** Ends messages a batch at a time, each with a report to its sender, in one transaction; how many. */
async function endAll(
  parts: LifeParts,
  goesOn: () => Promise<boolean>,
  failing: Failing,
  end: () => Statement,
): Promise<number> {
  for (let ended = 0; ; ) {
    const { count } = await parts.writer.write([end()], ([rows = []]) => {
      const now = parts.clock.now();
      const messages = rows.map(messageOf);
      // nobody is told of a report that was not collected
      const reports = messages
        .filter((message) => message.sender !== '')
        .map((message) => reportOf(message, failing, parts.ids.next()));
      const outgoing = reports.map((message) => ({ message, chunk: undefined, notes: [] }));
      const changed = messages.map((message) =>
        messageEvent('mesh.message-undelivered', message, now, { code: failing.code, description: failing.text }),
      );
      const accepted = reports.map((report) => messageEvent('mesh.message-accepted', report, now));
      return {
        count: messages.length,
        statements: [
          ...(reports.length > 0 ? statementsOf(outgoing, now) : []),
          ...parts.entry.undelivered(messages, now),
        ],
        events: [...changed, ...accepted],
        notes: messages.map(({ messageId }) => noteOfTime('mesh.expire', messageId, now)),
      };
    });
    ended += count;
    if (count < atOnce || !(await goesOn())) return ended;
  }
}

/**
 * Plans are kept, and those made for a few messages read a table through: when it has outgrown them they are made anew, without
 * waiting for PostgreSQL to come round to it.
 */
export async function renewPlans({ db }: Pick<MessageParts, 'db'>): Promise<void> {
  for (const { name } of await db.query<{ name: string }>(selectOutgrown)) {
    // on a connection where nobody's request waits behind it
    await db.transaction((tx) => tx.query(analyse(name)));
  }
}

/**
 * Deletes what was sent before; how many messages, which an event tells too. The rows first, their keys with them: files left
 * over are orphans.
 */
async function deleteOld(
  { db, clock, payloads, writer }: LifeParts,
  goesOn: () => Promise<boolean>,
  before: number,
): Promise<number> {
  for (let deleted = 0; ; ) {
    const batch = await writer.write([deleteMessages(before, atOnce)], ([rows = []]) => {
      const now = clock.now();
      const references = rows.flatMap((row) => row.references as string[]);
      const body = { messages: rows.length, payloadFiles: references.length };
      const event = { subject: 'MESH', kind: 'mesh.messages-deleted', happenedAt: now, body };
      return {
        count: rows.length,
        references,
        events: rows.length === 0 ? [] : [event],
        notes: rows.map((row) => noteOfTime('mesh.delete', row.message_id as string, now)),
      };
    });
    await payloads.remove(batch.references);
    deleted += batch.count;
    if (batch.count === atOnce && (await goesOn())) continue;
    await db.query(deleteIdempotencyKeys(before));
    return deleted;
  }
}

/** What the audit log says of what nobody did: time did it. */
function noteOfTime(operation: string, messageId: string, now: number): AuditNote {
  return {
    nhsNumber: '',
    at: now,
    operation,
    outcome: 'allowed',
    status: 200,
    mode: 'none',
    appId: '',
    odsCode: '',
    userId: '',
    roleId: '',
    purpose: `message ${messageId}`,
    requestId: '',
  };
}

/** Forgets used tokens whose time window is over. `wall` in milliseconds. */
export async function forgetTokens(db: Queryable, wall: number): Promise<void> {
  await db.query(forgetUsedTokens(new Date(wall - tokenMillis)));
}
