import type { Database } from '../platform/db/database.ts';
import { type ServerFacts, serverFacts } from '../platform/db/server-facts.ts';
import { StartRefused } from './start-refused.ts';

/** Sees that a Spine can run on this database; what it is. Throws StartRefused with what to do. */
export async function checkDatabase(db: Database): Promise<{ version: string; isDurable: boolean }> {
  let facts: ServerFacts;
  try {
    facts = await serverFacts(db);
  } catch (error) {
    throw new StartRefused(`The database does not answer (${(error as Error).message}); check OPENSPINE_DATABASE_URL.`);
  }
  const version = `PostgreSQL ${Math.floor(facts.version / 10_000)}.${facts.version % 10_000}`;
  if (facts.version < 150_000) throw new StartRefused(`${version} is too old; use 15 to 18.`);
  if (facts.isStandby) throw new StartRefused(`${version} is a standby; name the primary in OPENSPINE_DATABASE_URL.`);
  if (!facts.hasTrigrams) throw new StartRefused(`${version} lacks pg_trgm; install its contrib package.`);
  return { version, isDurable: facts.isDurable };
}

/** The sentence for a server that may acknowledge what a power cut then takes back. */
export const notDurable = (version: string): string =>
  `${version} may lose what it acknowledged; set fsync and synchronous_commit on.`;

/** Sees that this machine's clock and the database's agree within five seconds; throws StartRefused. */
export async function checkClock(db: Database, now: () => number): Promise<string> {
  const before = now();
  const { clock } = await serverFacts(db);
  const apart = Math.abs(clock.getTime() - (before + now()) / 2) / 1000;
  if (apart > 5)
    throw new StartRefused(
      `The clocks of this machine and the database are ${apart.toFixed(0)} s apart; set them by NTP.`,
    );
  return `agrees with the database's within ${Math.max(1, Math.ceil(apart))} s`;
}
