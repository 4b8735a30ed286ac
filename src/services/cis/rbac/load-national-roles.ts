import { z } from 'zod';
import type { Database } from '../../../platform/db/database.ts';
import { replaceNationalRoles, unknownCodes } from './queries.ts';

/** National role data that cannot be taken; the message says why. */
export class NationalRolesError extends Error {}

const name = z.string().trim().min(1).max(200);
const roleCode = z.string().regex(/^R[0-9]{4}$/);
const activityCode = z.string().regex(/^B[0-9]{4}$/);
const groupCode = z.string().regex(/^S[0-9]{4}:G[0-9]{4}$/);

const shape = z.strictObject({
  /** Staff group and sub staff group, `S…:G…`. */
  groups: z.array(z.strictObject({ code: groupCode, staffGroup: name, subGroup: name })).default([]),
  jobRoles: z.array(z.strictObject({ code: roleCode, name, group: groupCode })).default([]),
  /** `isRestricted`: only a manager gives it. */
  activities: z.array(z.strictObject({ code: activityCode, name, isRestricted: z.boolean() })).default([]),
  inclusions: z.array(z.strictObject({ activity: activityCode, implies: z.array(activityCode) })).default([]),
  baselines: z.array(z.strictObject({ role: roleCode, activities: z.array(activityCode) })).default([]),
  areas: z.array(z.strictObject({ code: z.string().regex(/^P[0-9]{4}:Q[0-9]{4}:T[0-9]{4}$/), name })).default([]),
});
export type NationalLoad = z.infer<typeof shape>;

/**
 * Loads national role data over those there are; the baseline of each job role named, and the inclusions of each activity
 * named, are replaced whole. New tokens follow it at once, those there are when they are renewed (ten minutes at most).
 * Throws NationalRolesError.
 */
export async function loadNationalRoles(db: Database, given: unknown): Promise<NationalLoad> {
  const parsed = shape.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new NationalRolesError(`${issue?.path.map(String).join('.') || 'The file'}: ${issue?.message}`);
  }
  const load = parsed.data;
  const last = <Item>(items: readonly Item[], key: (item: Item) => string) => [
    ...new Map(items.map((item) => [key(item), item])).values(),
  ];
  await db.transaction(async (tx) => {
    await replaceNationalRoles(tx, {
      groups: last(load.groups, (one) => one.code),
      jobRoles: last(load.jobRoles, (one) => one.code),
      activities: last(load.activities, (one) => one.code),
      areas: last(load.areas, (one) => one.code),
      inclusions: load.inclusions.flatMap(({ activity, implies }) =>
        implies.map((one) => ({ activity, implies: one })),
      ),
      baselines: load.baselines.flatMap(({ role, activities }) => activities.map((activity) => ({ role, activity }))),
      rolesReplaced: load.baselines.map((one) => one.role),
      activitiesReplaced: load.inclusions.map((one) => one.activity),
    });
    const unknown = await unknownCodes(tx);
    if (unknown.length > 0) throw new NationalRolesError(`Nobody knows the codes ${unknown.join(', ')}.`);
  });
  return load;
}
