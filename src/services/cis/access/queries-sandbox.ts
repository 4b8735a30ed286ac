import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

/** Forgets every relationship, permission, alert and count of look-ups. Sandbox only. */
export async function emptyAccess(tx: Queryable): Promise<void> {
  await tx.query(sql`delete from cis.relationship`);
  await tx.query(sql`delete from cis.permission`);
  await tx.query(sql`delete from cis.privacy_alert_step`);
  await tx.query(sql`delete from cis.privacy_alert_access`);
  await tx.query(sql`delete from cis.privacy_alert`);
  await tx.query(sql`delete from cis.look_up`);
}
