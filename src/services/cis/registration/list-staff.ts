import type { Database } from '../../../platform/db/database.ts';
import { staffList } from './queries-staff-list.ts';

export type ListedStaff = {
  readonly userId: string;
  readonly status: string;
  readonly name: string;
  readonly odsCode: string | undefined;
  readonly position: string | undefined;
  readonly roleProfileId: string | undefined;
};

/** People with each position they hold, of one organisation or of all; at most `limit` lines. */
export async function listStaff(db: Database, odsCode: string | undefined, limit: number): Promise<ListedStaff[]> {
  return (await staffList(db, odsCode ?? null, limit)).map((row) => ({
    userId: row.user_id,
    status: row.status,
    name: row.name,
    odsCode: row.ods_code ?? undefined,
    position: row.position ?? undefined,
    roleProfileId: row.role_profile_id ?? undefined,
  }));
}
