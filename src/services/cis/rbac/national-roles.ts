import type { Database } from '../../../platform/db/database.ts';
import { type Inclusions, permissionClosure } from './permission-closure.ts';
import { activities, areasOfWork, baselines, inclusions, jobRoles, nationalRolesVersion } from './queries.ts';

/** A job role as the user information writes it. */
export type JobRole = {
  readonly code: string;
  readonly name: string;
  /** Staff group, sub staff group, job role: `S8000:G8000:R8000`. */
  readonly fullCode: string;
  /** The three names, each in quotes. */
  readonly fullName: string;
};

export type Activity = { readonly name: string; readonly isRestricted: boolean };

/** The national role data as it is at one moment. */
export type NationalRoles = {
  readonly jobRoles: ReadonlyMap<string, JobRole>;
  readonly activities: ReadonlyMap<string, Activity>;
  readonly areas: ReadonlyMap<string, string>;
  readonly baselines: ReadonlyMap<string, readonly string[]>;
  readonly inclusions: Inclusions;
};

/** What somebody in this job role with these extra activities may do; sorted activity codes. */
export function effectiveActivities(
  national: Pick<NationalRoles, 'baselines' | 'inclusions'>,
  roleCode: string,
  extra: readonly string[],
): string[] {
  return permissionClosure([...(national.baselines.get(roleCode) ?? []), ...extra], national.inclusions);
}

/** Reads the national role data, and again only after a load. */
export function nationalRolesReader(db: Database): () => Promise<NationalRoles> {
  let known: { version: number; roles: Promise<NationalRoles> } | undefined;
  return async () => {
    const version = await nationalRolesVersion(db);
    if (known?.version !== version) {
      const reading = { version, roles: readAll(db) };
      known = reading;
      reading.roles.catch(() => {
        if (known === reading) known = undefined;
      });
    }
    return known.roles;
  };
}

async function readAll(db: Database): Promise<NationalRoles> {
  const [roles, acts, includes, baseline, areas] = await Promise.all([
    jobRoles(db),
    activities(db),
    inclusions(db),
    baselines(db),
    areasOfWork(db),
  ]);
  return {
    jobRoles: new Map(
      roles.map((row) => [
        row.role_code,
        {
          code: row.role_code,
          name: row.name,
          fullCode: `${row.group_code}:${row.role_code}`,
          fullName: `"${row.staff_group}":"${row.sub_group}":"${row.name}"`,
        },
      ]),
    ),
    activities: new Map(acts.map((row) => [row.activity_code, { name: row.name, isRestricted: row.is_restricted }])),
    areas: new Map(areas.map((row) => [row.area_code, row.name])),
    baselines: grouped(baseline.map((row) => [row.role_code, row.activity_code])),
    inclusions: grouped(includes.map((row) => [row.activity_code, row.implies_code])),
  };
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const values = all.get(key);
    if (values) values.push(value);
    else all.set(key, [value]);
  }
  return all;
}
