import type { Database } from '../platform/db/database.ts';
import { serverFacts } from '../platform/db/server-facts.ts';

/** Sees that a Spine can run on this database; what it is, or throws with what to do. */
export async function checkDatabase(db: Database): Promise<string> {
  let facts: Awaited<ReturnType<typeof serverFacts>>;
  try {
    facts = await serverFacts(db);
  } catch (error) {
    throw new Error(`The database does not answer (${(error as Error).message}); check OPENSPINE_DATABASE_URL.`);
  }
  const version = `PostgreSQL ${Math.floor(facts.version / 10_000)}.${facts.version % 10_000}`;
  if (facts.version < 150_000) throw new Error(`${version} is too old; use 15 to 18.`);
  if (facts.isStandby) throw new Error(`${version} is a standby; name the primary in OPENSPINE_DATABASE_URL.`);
  if (!facts.hasTrigrams) throw new Error(`${version} lacks pg_trgm; install its contrib package.`);
  if (!facts.isDurable)
    throw new Error(`${version} may lose what it acknowledged; set fsync and synchronous_commit on.`);
  return `${version}, durable`;
}

/** Sees that this machine's clock and the database's agree within five seconds. */
export async function checkClock(db: Database, now: () => number): Promise<string> {
  const before = now();
  const { clock } = await serverFacts(db);
  const apart = Math.abs(clock.getTime() - (before + now()) / 2) / 1000;
  if (apart > 5)
    throw new Error(`The clocks of this machine and the database are ${apart.toFixed(0)} s apart; set them by NTP.`);
  return `agrees with the database's within ${Math.max(1, Math.ceil(apart))} s`;
}
