import { makePartitions } from '../platform/audit/partitions.ts';
import { sealerIn } from '../platform/audit/seal.ts';
import { sealAbandoned } from '../platform/audit/verify.ts';
import type { Config } from '../platform/config/config.ts';
import { Database } from '../platform/db/database.ts';
import { migrate } from '../platform/db/migrate.ts';
import { loadDemoNation } from '../population/load-demo.ts';
import { rooms } from '../rooms.ts';
import { checkDatabase, notDurable } from './check-database.ts';
import { unusable } from './preflight.ts';
import { StartRefused } from './start-refused.ts';

/** Brings a database to where requests can be served: schema, audit log, and in a sandbox the demo nation. */
export type PrepareDatabase = (url: string, config: Config, onProgress: (line: string) => void) => Promise<void>;

export const prepareDatabase: PrepareDatabase = async (url, config, onProgress) => {
  const db = new Database({ url, lanes: 1, transactions: 2 });
  try {
    const { version, isDurable } = await checkDatabase(db);
    if (config.mode === 'production' && !isDurable) throw new StartRefused(notDurable(version));
    const applied = await migrateSchema(db);
    if (applied.length > 0) onProgress(`Schema brought up to date (${applied.length} migrations)`);
    await makePartitions(db, Date.now());
    await sealChains(db, config);
    if (config.mode === 'sandbox') await loadDemoNation(db, config, onProgress);
  } finally {
    await db.close();
  }
};

/** Applies the migrations that are not applied yet; their names. */
export async function migrateSchema(db: Database): Promise<string[]> {
  try {
    return await migrate(db, rooms, Date.now());
  } catch (error) {
    throw new StartRefused(`The schema could not be brought up to date: ${(error as Error).message}`);
  }
}

/** Seals what a killed process of this installation left open; nobody else runs on its data directory now. */
async function sealChains(db: Database, config: Config): Promise<void> {
  let sealer: ReturnType<typeof sealerIn>;
  try {
    sealer = sealerIn(config.dataDirectory);
  } catch (error) {
    throw new StartRefused(
      (error as NodeJS.ErrnoException).code?.startsWith('ERR_OSSL')
        ? `${config.dataDirectory}/audit-key.pem is not a private key; restore it from a backup.`
        : unusable(config.dataDirectory, error),
    );
  }
  await sealAbandoned(db, sealer, Date.now());
}
