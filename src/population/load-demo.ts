import type { Config } from '../platform/config/config.ts';
import type { Database } from '../platform/db/database.ts';
import { loadDemoStaff } from '../services/cis/index.ts';
import { loadDemoRecords, pdsIsUntouched } from '../services/pds/index.ts';
import { demoNation } from './demo/demo-nation.ts';
import { demoStaff } from './demo/staff.ts';

/**
 * Loads the demo nation into a database that holds nobody yet, patients and staff each, and keeps a copy from which the
 * sandbox is reset. Does nothing on a database that was used before.
 */
export async function loadDemoNation(db: Database, config: Config, onProgress: (line: string) => void): Promise<void> {
  const staff = await loadDemoStaff(db, demoStaff(), Date.now());
  if (staff > 0) onProgress(`The demo nation has ${staff} members of staff to log on as`);
  if (!(await pdsIsUntouched(db))) return;
  onProgress('Loading the demo nation');
  const count = await loadDemoRecords(db, demoNation(config.demoPatients));
  onProgress(`The demo nation has ${count.toLocaleString('en')} people`);
}
