import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { raiseAlertIn } from './alerts/raise-alert.ts';
import type { Access } from './alerts/suspicions.ts';
import { endRelationshipRow, insertRelationship } from './queries-relationships.ts';
import { type KeptRelationship, lifetimeOf } from './relationship.ts';

/** A relationship to be recorded; without `expiresAt` it lasts as long as its kind does. */
export type NewRelationship = Pick<
  KeptRelationship,
  'nhsNumber' | 'id' | 'kind' | 'odsCode' | 'userId' | 'establishedBy' | 'reason'
> & { readonly workgroup?: string | undefined; readonly expiresAt?: number | undefined };

/**
 * Records a relationship in the caller's transaction, with its event; false when it was recorded before. A self-claimed
 * one raises LR_SELF_CLAIMED in the same transaction: there is none without its alert.
 */
export async function recordRelationshipIn(
  tx: Queryable,
  wanted: NewRelationship,
  now: number,
  by: Pick<Access, 'roleId' | 'requestId'>,
): Promise<boolean> {
  const life = lifetimeOf[wanted.kind];
  const one: KeptRelationship = {
    ...wanted,
    workgroup: wanted.workgroup,
    startsAt: now,
    expiresAt: wanted.expiresAt ?? (life === undefined ? undefined : now + life),
    endedAt: undefined,
    endReason: undefined,
  };
  if (!(await insertRelationship(tx, one))) return false;
  await tx.query(
    insertEvents([
      {
        subject: one.nhsNumber,
        kind: 'cis.relationship-recorded',
        happenedAt: now,
        body: { relationshipId: one.id, kind: one.kind, odsCode: one.odsCode },
      },
    ]),
  );
  if (one.kind === 'self-claimed') {
    const access = {
      ...by,
      entry: one.id,
      userId: one.establishedBy,
      nhsNumber: one.nhsNumber,
      odsCode: one.odsCode,
      operation: 'access.claim-relationship',
      at: now,
    };
    await raiseAlertIn(tx, { code: 'LR_SELF_CLAIMED', access, detail: one.reason }, now);
  }
  return true;
}

/** Ends a relationship in the caller's transaction, with its event; false when it was ended before. */
export async function endRelationshipIn(
  tx: Queryable,
  one: Pick<KeptRelationship, 'nhsNumber' | 'id'>,
  end: { readonly by: string; readonly reason: string; readonly now: number },
): Promise<boolean> {
  if (!(await endRelationshipRow(tx, one, end))) return false;
  await tx.query(
    insertEvents([
      {
        subject: one.nhsNumber,
        kind: 'cis.relationship-ended',
        happenedAt: end.now,
        body: { relationshipId: one.id },
      },
    ]),
  );
  return true;
}
