import type { Queryable } from '../db/database.ts';
import { type Statement, sql } from '../db/sql.ts';
import { uuidv7 } from './uuidv7.ts';

/** A change of state, told to whoever reads events. */
export type SpineEvent = {
  /** Whose state: a patient's NHS number, a mailbox, ... */
  readonly subject: string;
  /** What happened, e.g. `pds.patient-updated`. */
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly happenedAt: number;
  readonly body: object;
};

export type ReadEvent = SpineEvent & { readonly id: string; readonly tx: string };

/** Writes events; to be run in the transaction that makes the change. */
export function insertEvents(events: readonly SpineEvent[]): Statement {
  const rows = JSON.stringify(
    events.map((event) => ({
      s: event.subject,
      i: uuidv7(event.happenedAt),
      h: new Date(event.happenedAt).toISOString(),
      k: event.kind,
      b: JSON.stringify(event.body),
    })),
  );
  return sql`
    insert into events.event (subject, id, happened_at, kind, body)
    select s, i, h, k, b from json_to_recordset(${rows}::json) as t(s text, i uuid, h timestamptz, k text, b text)`;
}

/** One row where such an event was written in this transaction. */
export const selectEventOf = (tx: string, { subject, kind, happenedAt }: SpineEvent): Statement => sql`
  select 1 as there from events.event
   where tx = ${tx}::xid8 and subject = ${subject} and kind = ${kind} and happened_at = ${new Date(happenedAt)} limit 1`;

/**
 * The next events for a consumer, in the order of their transactions; none of a transaction that is still open, nor of
 * one that began after such a one, so that nothing is passed over. They are ordered by the columns, not by the texts of the
 * same name: 10 comes after 9, and the index has that order.
 */
export async function nextEvents(db: Queryable, consumer: string, limit: number): Promise<ReadEvent[]> {
  const rows = await db.query<{
    subject: string;
    id: string;
    happened_at: Date;
    kind: string;
    body: string;
    tx: string;
  }>(sql`
    select subject, id::text, happened_at, kind, body, tx::text
      from events.event
     where (tx, id) > (coalesce((select tx from events.cursor where consumer = ${consumer}), '0'::xid8),
                       coalesce((select id from events.cursor where consumer = ${consumer}), '00000000-0000-0000-0000-000000000000'::uuid))
       and tx < pg_snapshot_xmin(pg_current_snapshot())
     order by event.tx, event.id
     limit ${limit}`);
  return rows.map((row) => ({
    subject: row.subject,
    id: row.id,
    happenedAt: row.happened_at.getTime(),
    kind: row.kind,
    body: JSON.parse(row.body) as object,
    tx: row.tx,
  }));
}

/** Remembers that the consumer has dealt with everything up to this event; run it with the consumer's own writes. */
export async function moveCursor(
  db: Queryable,
  consumer: string,
  to: { tx: string; id: string },
  now: number,
): Promise<void> {
  await db.query(sql`
    insert into events.cursor (consumer, tx, id, moved_at) values (${consumer}, ${to.tx}::xid8, ${to.id}::uuid, ${new Date(now)})
    on conflict (consumer) do update set tx = excluded.tx, id = excluded.id, moved_at = excluded.moved_at`);
}

/** Moves the cursor to where events begin that nobody can have read yet: for a consumer that begins anew. */
export async function skipToEnd(db: Queryable, consumer: string, now: number): Promise<void> {
  const [row] = await db.query<{ tx: string }>(sql`select pg_snapshot_xmin(pg_current_snapshot())::text as tx`);
  const tx = (row as { tx: string }).tx;
  await moveCursor(db, consumer, { tx, id: '00000000-0000-0000-0000-000000000000' }, now);
}

/** Moves the cursor back to the beginning: the consumer reads everything that is kept once more. */
export async function replay(db: Queryable, consumer: string, now: number): Promise<void> {
  await moveCursor(db, consumer, { tx: '0', id: '00000000-0000-0000-0000-000000000000' }, now);
}
