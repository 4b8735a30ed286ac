import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { Service } from '../../../platform/http/operation.ts';
import type { Permission, Relationship } from '../../../platform/identity/access.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import { PrivacyWatch } from './alerts/privacy-watch.ts';
import { raiseAlertIn, type Suspicion } from './alerts/raise-alert.ts';
import { accessOf, type Demographics } from './legitimate-access.ts';
import { emptyAccess } from './queries-sandbox.ts';
import { endRelationshipIn, type NewRelationship, recordRelationshipIn } from './record-relationship.ts';
import type { KeptRelationship, Viewer } from './relationship.ts';
import { alertOperations } from './wire/alerts.ts';
import { decisionOperation } from './wire/decisions.ts';
import { accessDialect } from './wire/dialect.ts';
import { permissionOperations } from './wire/permissions.ts';
import { relationshipOperations } from './wire/relationships.ts';

export type AccessParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  /** What PDS knows of patients that decides who may look. */
  readonly demographics: Demographics;
  /** More different patients than this in an hour raise an alert about the user. */
  readonly massLookUps: number;
};

/** Who may look at whose record: relationships, permission to view, alerts about those who looked, and the inbox. */
export function openAccess(parts: AccessParts) {
  const watch = new PrivacyWatch(parts);
  const service: Service = {
    name: 'access',
    title: 'Access: relationships, permission to view, privacy alerts (ours)',
    dialect: accessDialect(parts.tokens),
    operations: [
      ...relationshipOperations(parts),
      ...permissionOperations(parts),
      decisionOperation(parts),
      ...alertOperations(parts),
    ],
  };
  return {
    services: [service],
    /** Begins to follow the audit; tells when it cannot. */
    start: (onTrouble: (error: Error) => void) => watch.start(onTrouble),
    stop: () => watch.stop(),
    /** Back to nobody knowing anybody. Sandbox only. */
    reset: () => parts.db.transaction(emptyAccess),
    /** Forgets counts of look-ups that are over. */
    chore: (now: number) => watch.forget(now),
    /** The relationships of a viewer with a patient that hold now; none where PDS has no such patient. */
    relationshipOf: async (nhsNumber: string, viewer: Viewer): Promise<readonly Relationship[]> =>
      (await accessOf(parts, nhsNumber, viewer, parts.clock.now()))?.relationships ?? [],
    /** The patient's permission as it stands for a viewer now. */
    permissionOf: async (nhsNumber: string, viewer: Viewer): Promise<Permission | undefined> =>
      (await accessOf(parts, nhsNumber, viewer, parts.clock.now()))?.permission,
    /** Records a referral or an episode (or another kind) in the caller's transaction; false when it was recorded before. */
    recordRelationship: (
      tx: Queryable,
      wanted: NewRelationship,
      by = { roleId: '', requestId: '' },
    ): Promise<boolean> => recordRelationshipIn(tx, wanted, parts.clock.now(), by),
    endRelationship: (
      tx: Queryable,
      one: Pick<KeptRelationship, 'nhsNumber' | 'id'>,
      end: { readonly by: string; readonly reason: string },
    ): Promise<boolean> => endRelationshipIn(tx, one, { ...end, now: parts.clock.now() }),
    /** Raises an alert in the caller's transaction, such as SAR_REFUSED or SEALING; its reference. */
    raiseAlert: (tx: Queryable, suspicion: Suspicion): Promise<string> =>
      raiseAlertIn(tx, suspicion, parts.clock.now()),
  };
}
