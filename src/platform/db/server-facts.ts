import type { Queryable } from './database.ts';
import { sql } from './sql.ts';

/** What a PostgreSQL server says of itself. */
export type ServerFacts = {
  /** e.g. 180004 */
  readonly version: number;
  readonly clock: Date;
  readonly isStandby: boolean;
  readonly isDurable: boolean;
  readonly hasTrigrams: boolean;
};

/** Asks the server for the facts that decide whether a Spine can run on it; rejects when it does not answer. */
export async function serverFacts(db: Queryable): Promise<ServerFacts> {
  const [row] = await db.query<ServerFacts>(sql`
    select current_setting('server_version_num')::int as version,
           clock_timestamp() as clock,
           pg_is_in_recovery() as "isStandby",
           current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as "isDurable",
           exists (select from pg_available_extensions where name = 'pg_trgm') as "hasTrigrams"`);
  return row as ServerFacts;
}
