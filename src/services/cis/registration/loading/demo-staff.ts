import type { Database } from '../../../../platform/db/database.ts';
import { loadDemoStaffIn } from './load-staff.ts';
import { hasNobody } from './queries.ts';
import type { StaffLoad } from './staff-load.ts';

/** Loads the demo nation's staff at `now`, unless the directory holds somebody; how many people came. */
export function loadDemoStaff(db: Database, staff: StaffLoad, now: number): Promise<number> {
  return db.transaction(async (tx) => {
    if (!(await hasNobody(tx))) return 0;
    await loadDemoStaffIn(tx, staff, now);
    return staff.people.length;
  });
}
