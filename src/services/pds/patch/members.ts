/** The lists of a Patient that can be updated, object by object. */
export const lists = ['name', 'address', 'telecom', 'contact', 'generalPractitioner', 'extension'] as const;
export type List = (typeof lists)[number];

/** The single values of a Patient that can be updated. */
const singles = ['gender', 'birthDate', 'deceasedDateTime', 'multipleBirthInteger', 'managingOrganization'] as const;
export type Single = (typeof singles)[number];

const listNames: ReadonlySet<string> = new Set(lists);
const singleNames: ReadonlySet<string> = new Set(singles);
const testableNames: ReadonlySet<string> = new Set(['resourceType', 'id', 'identifier', 'meta']);

export function isList(member: string | undefined): member is List {
  return member !== undefined && listNames.has(member);
}

export function isSingle(member: string | undefined): member is Single {
  return member !== undefined && singleNames.has(member);
}

/** True for what a patch can test but not change. */
export function isTestable(member: string | undefined): boolean {
  return member !== undefined && testableNames.has(member);
}

/** The member that tells the objects of a list apart: extensions by `url`, all others by the `id` the server gave. */
export function keyOf(list: List): 'id' | 'url' {
  return list === 'extension' ? 'url' : 'id';
}
