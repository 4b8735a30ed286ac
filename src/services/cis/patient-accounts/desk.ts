import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { Demographics } from '../access/legitimate-access.ts';
import type { Authenticators } from '../log-on/open-authenticators.ts';

/** What those stand on who look after the accounts of patients. */
export type DeskParts = {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly demographics: Demographics;
  /** What patients log on with. */
  readonly authenticators: Authenticators['desk'];
  /** Ends sessions and takes back all that applications were given, in the caller's transaction. */
  readonly endAllIn: (tx: Queryable, userId: string) => Promise<unknown>;
};

/** Who does it, in which organisation, and when (milliseconds since 1970). */
export type By = { readonly userId: string; readonly odsCode: string; readonly now: number };
