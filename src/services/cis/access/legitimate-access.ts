import type { Queryable } from '../../../platform/db/database.ts';
import type { Confidentiality, Permission, Relationship } from '../../../platform/identity/access.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import type { DemographicFacts } from '../../pds/index.ts';
import { standingFor } from './permission.ts';
import { permissionsStanding, relationshipsHolding } from './queries-relationships.ts';
import { holdingFor, type Viewer } from './relationship.ts';

/** What PDS knows of patients, by the number asked for, on a day (yyyy-mm-dd). */
export type Demographics = (numbers: readonly string[], day: string) => Promise<ReadonlyMap<string, DemographicFacts>>;

export type PatientAccess = {
  /** The number the record is kept under. */
  readonly nhsNumber: NhsNumber;
  readonly confidentiality: Confidentiality;
  readonly relationships: readonly Relationship[];
  readonly permission: Permission | undefined;
};

/**
 * How a viewer stands to a patient now: relationships of their organisation and the permission that counts. Undefined when
 * PDS has no such patient (or an invalidated record). Merged numbers are followed.
 */
export async function accessOf(
  { db, demographics }: { readonly db: Queryable; readonly demographics: Demographics },
  nhsNumber: string,
  viewer: Viewer,
  now: number,
): Promise<PatientAccess | undefined> {
  const facts = (await demographics([nhsNumber], dayOf(now))).get(nhsNumber);
  if (facts?.state !== 'active') return undefined;
  const [kept, permissions] = await Promise.all([
    relationshipsHolding(db, facts.nhsNumber, viewer, now),
    permissionsStanding(db, facts.nhsNumber, viewer, now),
  ]);
  return {
    nhsNumber: facts.nhsNumber,
    confidentiality: facts.confidentiality,
    relationships: holdingFor(kept, facts.practice, viewer, now),
    permission: standingFor(permissions, viewer, now),
  };
}
