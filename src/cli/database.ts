import { readConfig } from '../platform/config/config.ts';
import { Database } from '../platform/db/database.ts';
import { findEmbedded, startEmbedded } from '../platform/db/embedded.ts';
import { checkDatabase } from '../process/check-database.ts';
import { takeInstanceLock } from '../process/instance-lock.ts';
import { checkDataDirectory } from '../process/preflight.ts';

/** A database for the time of a command. */
export type DatabaseForCli = { readonly db: Database; close(): Promise<void> };

/**
 * The database of this installation: the one given by OPENSPINE_DATABASE_URL, otherwise the embedded one, joined where
 * it runs and else started until `close`. Throws StartRefused, DatabaseUnavailable or ConfigError with one sentence.
 */
export async function openDatabaseForCli(env: Record<string, string | undefined>): Promise<DatabaseForCli> {
  const { databaseUrl, dataDirectory } = readConfig(env);
  const running = databaseUrl ?? findEmbedded(dataDirectory)?.url;
  if (running !== undefined) {
    const db = new Database({ url: running });
    try {
      await checkDatabase(db);
    } catch (error) {
      await db.close();
      throw error;
    }
    return { db, close: () => db.close() };
  }
  checkDataDirectory(dataDirectory);
  const lock = takeInstanceLock(dataDirectory);
  try {
    const server = await startEmbedded({ directory: dataDirectory });
    const db = new Database({ url: server.url });
    return {
      db,
      async close() {
        await db.close();
        await server.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
