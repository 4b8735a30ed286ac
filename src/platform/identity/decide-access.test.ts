import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AccessFacts,
  type AccessRequirement,
  accessRules,
  emergencyReasons,
  type Permission,
  relationshipKinds,
} from './access.ts';
import { decideAccess, purposeOf, requirementOf } from './decide-access.ts';
import type { Principal, Role } from './principal.ts';

const modes = [
  'healthcare-worker',
  'patient-access',
  'application-restricted',
  'privileged-application-restricted',
] as const;
const scopes = ['urn:nhsd:apim:user-nhs-id:aal2:x', 'urn:nhsd:apim:user-nhs-id:aal3:x', 'other'];
const activities = ['B0016', 'B0015', 'B0382', 'B0083'];
const numbers = ['9449306621', '9449306648'] as const;
const some = <T>(values: readonly T[]) => fc.subarray([...values]);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Leaves undefined members out, as literals do. */
const sparse = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const requirement: fc.Arbitrary<AccessRequirement> = fc
  .record({
    modes: some(modes),
    scopes: maybe(some(scopes)),
    level: maybe(fc.constantFrom({ staff: 2 as const }, { staff: 3 as const, patient: 'P9' as const }, {})),
    attributes: maybe(fc.constantFrom({}, { app: 'yes' })),
    subject: maybe(fc.constantFrom('patient' as const, 'none' as const)),
    role: maybe(fc.constant('session-urid' as const)),
    activities: maybe(
      fc.record({ anyOf: maybe(some(activities)), allOf: maybe(some(activities)), orJobRoles: maybe(some(['R0001'])) }),
    ),
    confidentiality: maybe(fc.constantFrom('U' as const, 'R' as const, 'V' as const)),
    relationship: maybe(fc.constantFrom('none' as const, 'wanted' as const, 'required' as const)),
    permissionToView: maybe(fc.boolean()),
  })
  .map(({ activities: wanted, ...rest }) =>
    sparse({ ...rest, activities: wanted && sparse(wanted) }),
  ) as fc.Arbitrary<AccessRequirement>;

const role: fc.Arbitrary<Role> = fc.record({
  roleProfileId: fc.constant('100000000001'),
  odsCode: fc.constant('A81001'),
  roleCode: fc.constantFrom('S8000:G8000:R8000', 'S8002:G8003:R0001'),
  activities: some(activities),
});

const facts: fc.Arbitrary<AccessFacts> = fc
  .record({
    mode: fc.constantFrom(...modes),
    scopes: some(scopes),
    level: maybe(fc.constantFrom('aal1', 'aal2', 'aal3', 'level3')),
    attributes: fc.constantFrom<Record<string, string>>({}, { app: 'yes' }, { app: 'no' }),
    own: fc.constantFrom(...numbers),
    proofing: maybe(fc.constantFrom('P0', 'P5', 'P9')),
    role: maybe(role),
    nhsNumber: maybe(fc.constantFrom(...numbers)),
    confidentiality: maybe(fc.constantFrom('U' as const, 'R' as const, 'V' as const)),
    relationships: some(relationshipKinds),
    permission: maybe(
      fc.record({
        value: fc.constantFrom<Permission['value']>('asked-and-given', 'standing', 'emergency', 'refused'),
        reason: maybe(fc.constantFrom(...emergencyReasons)),
      }),
    ),
  })
  .map(({ relationships, role: settled, nhsNumber, confidentiality, permission, own, ...token }) => ({
    principal: {
      ...token,
      appId: 'app',
      ...(token.mode === 'patient-access' ? { nhsNumber: own } : { roles: settled ? [settled] : [] }),
    } as Principal,
    role: settled,
    nhsNumber,
    confidentiality,
    relationships: relationships.map((kind) => ({ kind })),
    permission,
  }));

const principal = (known: AccessFacts): Principal => known.principal as Principal;

/** Ways to give a caller more than they had. */
const grants: ((known: AccessFacts) => AccessFacts)[] = [
  ...scopes.map((scope) => (known: AccessFacts) => ({
    ...known,
    principal: { ...principal(known), scopes: [...principal(known).scopes, scope] },
  })),
  ...activities.map((activity) => (known: AccessFacts) => {
    if (!known.role) return known;
    const richer = { ...known.role, activities: [...known.role.activities, activity] };
    return { ...known, role: richer, principal: { ...principal(known), roles: [richer] } };
  }),
  ...relationshipKinds.map((kind) => (known: AccessFacts) => ({
    ...known,
    relationships: [...(known.relationships ?? []), { kind }],
  })),
  (known) => ({ ...known, permission: { value: 'standing' } }),
  (known) => ({ ...known, principal: { ...principal(known), attributes: { app: 'yes' } } }),
  (known) => ({ ...known, principal: { ...principal(known), proofing: 'P9' } }),
  (known) =>
    principal(known).mode === 'healthcare-worker'
      ? { ...known, principal: { ...principal(known), level: 'aal3' } }
      : known,
];

test('a right more never turns an allowed access into a refused one, so a right less never opens one', () => {
  fc.assert(
    fc.property(requirement, facts, fc.constantFrom(...grants), (need, known, grant) => {
      if (decideAccess(need, known).is === 'allowed') expect(decideAccess(need, grant(known)).is).toBe('allowed');
    }),
    { numRuns: 3000 },
  );
});

test('a demand more never turns a refused access into an allowed one', () => {
  fc.assert(
    fc.property(requirement, requirement, facts, (need, other, known) => {
      const stricter = { ...other, ...need, modes: need.modes.filter((mode) => other.modes.includes(mode)) };
      if (decideAccess(need, known).is === 'refused' && !('subject' in other && !('subject' in need)))
        expect(decideAccess(stricter, known).is).toBe('refused');
    }),
    { numRuns: 3000 },
  );
});

test('a patient never reaches the record of another, whatever an operation declares', () => {
  fc.assert(
    fc.property(requirement, facts, (need, known) => {
      if (principal(known).mode !== 'patient-access' || decideAccess(need, known).is !== 'allowed') return;
      if (known.nhsNumber === undefined) expect(need.subject).toBe('none');
      else expect(known.nhsNumber).toBe(principal(known).nhsNumber);
    }),
    { numRuns: 3000 },
  );
});

test('nothing is allowed that nothing was declared for, and no unknown demand is passed over', () => {
  fc.assert(
    fc.property(requirement, facts, (need, known) => {
      expect(decideAccess({ modes: [] }, known).is).toBe('refused');
      expect(decideAccess({ ...need, wizard: true } as AccessRequirement, known)).toMatchObject({
        is: 'refused',
        rule: 'requirement',
      });
      expect(decideAccess({ ...need, activities: { anyof: [] } as object }, known)).toMatchObject({
        rule: 'requirement',
      });
      expect(decideAccess({ ...need, activities: {} }, known)).toMatchObject({ rule: 'requirement' });
      expect(decideAccess({ ...need, level: { aal: 3 } as object }, known)).toMatchObject({ rule: 'requirement' });
      expect(decideAccess(need, { ...known, principal: undefined }).is).toBe('refused');
    }),
  );
});

test('what is not known never counts in favour', () => {
  const staff: Principal = { mode: 'healthcare-worker', appId: 'app', scopes: [], attributes: {} };
  const modesOnly = { modes: ['healthcare-worker'] } as const;
  const judge = (need: Omit<AccessRequirement, 'modes'>, known: Partial<AccessFacts> = {}) => {
    const decision = decideAccess({ ...modesOnly, ...need }, { principal: staff, ...known });
    return decision.is === 'refused' ? decision.rule : decision.is;
  };
  expect(judge({})).toBe('allowed');
  expect(judge({ level: { staff: 1 } })).toBe('level');
  expect(judge({ role: 'session-urid' })).toBe('role');
  expect(judge({ activities: { anyOf: [] } })).toBe('activity');
  expect(judge({ activities: { orJobRoles: ['R0001'] } })).toBe('activity');
  expect(judge({ confidentiality: 'V' })).toBe('confidentiality');
  expect(judge({ confidentiality: 'U' }, { confidentiality: 'R' })).toBe('confidentiality');
  expect(judge({ relationship: 'wanted' })).toBe('relationship');
  expect(judge({ relationship: 'required' }, { relationships: [{ kind: 'self-claimed' }] })).toBe('relationship');
  expect(judge({ permissionToView: true })).toBe('permission-to-view');
  expect(judge({ permissionToView: true }, { permission: { value: 'refused' } })).toBe('permission-to-view');
});

test('a role counts only when it is the user’s own', () => {
  const settled: Role = { roleProfileId: '1', odsCode: 'A81001', roleCode: 'R8000', activities: [] };
  const need = { modes: ['healthcare-worker'], role: 'session-urid' } as const;
  const staff: Principal = { mode: 'healthcare-worker', appId: 'app', scopes: [], attributes: {}, roles: [settled] };
  expect(decideAccess(need, { principal: staff, role: settled }).is).toBe('allowed');
  const other = { ...settled, roleProfileId: '2' };
  expect(decideAccess(need, { principal: staff, role: other })).toMatchObject({ rule: 'role', remedy: 'choose-role' });
});

test('a log-on below the level is refused by that rule, with the remedy to log on more strongly', () => {
  const need = { modes: ['healthcare-worker'], level: { staff: 3 } } as const;
  const at = (level: string): Principal => ({
    mode: 'healthcare-worker',
    appId: 'app',
    scopes: [],
    attributes: {},
    level,
  });
  expect(decideAccess(need, { principal: at('aal2') })).toMatchObject({ rule: 'level', remedy: 'log-on-stronger' });
  expect(decideAccess(need, { principal: at('aal3') }).is).toBe('allowed');
});

test('of several faults the first in the order of the rules is named', () => {
  const everything: AccessRequirement = {
    modes: ['healthcare-worker'],
    scopes: ['other'],
    level: { staff: 3 },
    attributes: { app: 'yes' },
    role: 'session-urid',
    activities: { anyOf: ['B0016'] },
    confidentiality: 'U',
    relationship: 'required',
    permissionToView: true,
  };
  const named: string[] = [];
  const settled: Role = { roleProfileId: '1', odsCode: 'A81001', roleCode: 'R8000', activities: [] };
  let token: Principal = { mode: 'application-restricted', appId: 'app', scopes: [], attributes: {} };
  let known: Partial<AccessFacts> = {};
  const repairs: (() => void)[] = [
    () => (token = { ...token, mode: 'healthcare-worker' }),
    () => (token = { ...token, scopes: ['other'] }),
    () => (token = { ...token, level: 'aal3' }),
    () => (token = { ...token, attributes: { app: 'yes' } }),
    () => {
      token = { ...token, roles: [settled] };
      known = { role: settled };
    },
    () => (known = { ...known, role: { ...settled, activities: ['B0016'] } }),
    () => (known = { ...known, confidentiality: 'U' }),
    () => (known = { ...known, relationships: [{ kind: 'registration' }] }),
    () => (known = { ...known, permission: { value: 'emergency', reason: 'law' } }),
  ];
  for (const repair of repairs) {
    const decision = decideAccess(everything, { principal: token, ...known });
    if (decision.is === 'refused') named.push(decision.rule);
    repair();
  }
  expect(named).toEqual(accessRules.filter((rule) => !['requirement', 'token', 'own-record'].includes(rule)));
  expect(decideAccess(everything, { principal: token, ...known })).toMatchObject({
    is: 'allowed',
    why: 'registered here; emergency access (law)',
  });
});

test('the basis names the strongest relationship, in words that name nobody', () => {
  const decision = decideAccess(
    { modes: ['healthcare-worker'], relationship: 'wanted' },
    {
      principal: { mode: 'healthcare-worker', appId: 'app', scopes: [], attributes: {}, userId: '555000000001' },
      relationships: [{ kind: 'self-claimed', id: 'x' }, { kind: 'referral' }],
    },
  );
  if (decision.is !== 'allowed') throw new Error('refused');
  expect(purposeOf(decision.basis)).toBe('referral relationship');
  expect(purposeOf({ by: 'own-record' })).toBe('own record');
  expect(decideAccess(requirementOf(['patient-access']), { principal: undefined })).toMatchObject({ rule: 'token' });
});
