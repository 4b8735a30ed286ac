import type { AuditLog } from '../../../../platform/audit/audit-log.ts';
import type { Database } from '../../../../platform/db/database.ts';
import type { Demographics } from '../legitimate-access.ts';

/** What the operations on access stand on. */
export type AccessOperationParts = {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly demographics: Demographics;
};
