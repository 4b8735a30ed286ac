import type { Database, Queryable } from '../db/database.ts';
import { sql } from '../db/sql.ts';
import { entriesOfChainAfter, type FollowedEntry } from './queries.ts';

/** A piece of a chain that a consumer has not dealt with. */
export type ChainPiece = {
  readonly writer: string;
  /** Number of the last entry dealt with before; 0 for none. */
  readonly from: number;
  readonly entries: readonly FollowedEntry[];
  /** The chain has ended, and this is its end. */
  readonly isEnd: boolean;
};

/**
 * What a consumer has not read yet, at most `limit` entries of each chain. Entries of a chain are durable in the order of
 * their numbers, so that nothing appears later behind what was read.
 */
export async function unreadPieces(db: Database, consumer: string, limit: number): Promise<ChainPiece[]> {
  const chains = await db.query<{ writer: string; seq: number; is_ended: boolean }>(sql`
    select w.writer::text, coalesce(f.seq, 0) as seq, w.ended_at is not null as is_ended
      from audit.writer w left join audit.follower f on f.writer = w.writer and f.consumer = ${consumer}
     where f.is_done is not true`);
  const pieces = await Promise.all(
    chains.map(async ({ writer, seq, is_ended }) => {
      const entries = await entriesOfChainAfter(db, writer, seq, limit);
      return { writer, from: seq, entries, isEnd: is_ended && entries.length < limit };
    }),
  );
  return pieces.filter((piece) => piece.entries.length > 0 || piece.isEnd);
}

/** Somebody else has dealt with these entries in the meantime. */
export class OvertakenError extends Error {}

/** Remembers that a piece was dealt with; run it with the consumer's own writes. Throws OvertakenError. */
export async function moveFollower(tx: Queryable, consumer: string, piece: ChainPiece, now: number): Promise<void> {
  const { writer, from, isEnd } = piece;
  const to = piece.entries.at(-1)?.seq ?? from;
  const rows =
    from === 0
      ? await tx.query(sql`
          insert into audit.follower (consumer, writer, seq, is_done, moved_at)
          values (${consumer}, ${writer}::uuid, ${to}, ${isEnd}, ${new Date(now)})
          on conflict (consumer, writer) do update
            set seq = excluded.seq, is_done = excluded.is_done, moved_at = excluded.moved_at where audit.follower.seq = 0
          returning writer`)
      : await tx.query(sql`
          update audit.follower set seq = ${to}, is_done = ${isEnd}, moved_at = ${new Date(now)}
           where consumer = ${consumer} and writer = ${writer}::uuid and seq = ${from} returning writer`);
  if (rows.length === 0) throw new OvertakenError(`${consumer} was overtaken on chain ${writer}`);
}
