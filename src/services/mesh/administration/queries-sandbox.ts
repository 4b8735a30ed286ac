import { type Statement, sql } from '../../../platform/db/sql.ts';

/** Deletes what administration and owners have set up beside mailboxes. */
export const emptyAdministration = (): Statement[] => [
  sql`delete from mesh.webhook`,
  sql`delete from mesh.certificate`,
  sql`delete from mesh.withdrawn_certificate`,
  sql`delete from mesh.usage`,
  sql`delete from mesh.contact`,
];
