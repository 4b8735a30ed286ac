import type { Queryable } from '../platform/db/database.ts';
import { sql } from '../platform/db/sql.ts';

/** Milliseconds the sandbox's clock is ahead of the wall clock. */
export async function readOffset(db: Queryable): Promise<number> {
  const [row] = await db.query<{ offset_ms: number }>(sql`select offset_ms from sandbox.clock where name = 'clock'`);
  return row?.offset_ms ?? 0;
}

export async function writeOffset(db: Queryable, offset: number): Promise<void> {
  await db.query(sql`
    insert into sandbox.clock (name, offset_ms) values ('clock', ${Math.round(offset)})
    on conflict (name) do update set offset_ms = excluded.offset_ms`);
}
