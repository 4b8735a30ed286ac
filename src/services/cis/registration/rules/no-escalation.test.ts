import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permissionClosure } from '../../rbac/permission-closure.ts';
import {
  act,
  beginning,
  chains,
  content,
  type Deed,
  type Model,
  type Move,
  national,
  rolesOf,
  users,
} from './registration-model.fixture.ts';

const roleCodes = ['R5080', 'R5090', 'R8009', 'R0260'];
const activities = [...national.activities.keys()];
const nat = fc.nat({ max: 40 });
const user = fc.constantFrom(...users);
const positionContent = fc
  .tuple(fc.constantFrom(...roleCodes), fc.uniqueArray(fc.constantFrom(...activities), { maxLength: 3 }), fc.boolean())
  .map((parts) => content(...parts));
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    verb: fc.constant('propose' as const),
    role: nat,
    odsCode: fc.constantFrom(...Object.keys(chains)),
    content: fc.option(positionContent, { nil: undefined }),
    position: nat,
  }),
  fc.record({
    verb: fc.constantFrom('approve' as const, 'approve' as const, 'refuse-proposal' as const),
    role: nat,
    proposal: nat,
  }),
  fc.record({ verb: fc.constant('request' as const), role: nat, userId: user, position: nat }),
  fc.record({
    verb: fc.constantFrom('grant' as const, 'grant' as const, 'refuse' as const, 'end' as const),
    role: nat,
    assignment: nat,
  }),
  fc.record({
    verb: fc.constantFrom('suspend' as const, 'resume' as const, 'close' as const, 'reopen' as const),
    role: nat,
    userId: user,
  }),
);
const story = fc.array(fc.tuple(user, move), { minLength: 20, maxLength: 200 });

/** Whether the doer held one of these job roles in the organisation or one whose authority serves it. */
const hadJob = (deed: Deed, odsCode: string, jobs: readonly string[]): boolean =>
  deed.held.some(([ods, job]) => jobs.includes(job) && (chains[odsCode] ?? []).includes(ods));

/** What is wrong with a model, looked at without the rules: nothing but the log of who did what while holding what. */
function unwarranted(model: Model): string[] {
  const wrong: string[] = [];
  for (const userId of users)
    for (const role of rolesOf(model, userId)) {
      const { position, odsCode, roleProfileId } = role;
      const say = (what: string) =>
        wrong.push(`${userId} has ${roleProfileId} (${position.content.roleCode}): ${what}`);
      const grant = model.log.find((deed) => deed.verb === 'grant' && deed.roleProfileId === roleProfileId);
      const approval = model.log.findLast(
        (deed) =>
          deed.verb === 'approve' && deed.positionId === position.positionId && deed.version === position.version,
      );
      const isFirst = roleProfileId.startsWith('first');
      if (!isFirst) {
        if (!grant) say('nobody granted it');
        else if (grant.by === userId) say('granted by themselves');
        else if (grant.by === role.requestedBy) say('granted by who asked');
        else if (!hadJob(grant, odsCode, ['R5080', 'R5090'])) say(`granted by ${grant.by} without authority`);
        if (role.requestedBy === userId) say('asked for by themselves');
      }
      if (!approval && position.version > 1) say('nobody approved what it contains');
      if (approval) {
        if (!hadJob(approval, odsCode, ['R5080'])) say(`approved by ${approval.by} without authority`);
        const approved = approval.content
          ? permissionClosure(
              [...(national.baselines.get(approval.content.roleCode) ?? []), ...approval.content.activities],
              national.inclusions,
            )
          : [];
        const more = role.activities.filter((one) => !approved.includes(one));
        if (more.length > 0) say(`may ${more.join()} beyond what was approved`);
      }
    }
  return wrong;
}

test('no sequence of deeds gives anybody a right that nobody with authority gave them', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const model = beginning();
      for (const [userId, step] of steps) if (act(model, userId, step)) expect(unwarranted(model)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('such stories are worth something: every deed comes about in them', () => {
  const done = new Set<string>();
  for (const steps of fc.sample(story, { numRuns: 1000, seed: 20260115 })) {
    const model = beginning();
    for (const [userId, step] of steps) if (act(model, userId, step)) done.add(step.verb);
  }
  expect([...done].sort()).toEqual([
    'approve',
    'close',
    'end',
    'grant',
    'propose',
    'refuse',
    'refuse-proposal',
    'reopen',
    'request',
    'resume',
    'suspend',
  ]);
});

test('whoever has no part in a Registration Authority can together do nothing at all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('gp', 'nobody-1', 'nobody-2'), move), { maxLength: 100 }),
      (steps) => {
        const model = beginning();
        for (const [userId, step] of steps) expect(act(model, userId, step)).toBe(false);
      },
    ),
  );
});

test('without an agent or manager, sponsors and staff together give nobody anything', () => {
  const actors = fc.constantFrom('sponsor', 'gp', 'nobody-1');
  fc.assert(
    fc.property(fc.array(fc.tuple(actors, move), { maxLength: 150 }), (steps) => {
      const model = beginning();
      const before = users.map((userId) => rolesOf(model, userId).flatMap((role) => role.activities));
      for (const [userId, step] of steps) act(model, userId, step);
      users.forEach((userId, n) => {
        for (const role of rolesOf(model, userId)) for (const one of role.activities) expect(before[n]).toContain(one);
      });
    }),
  );
});

test('one manager alone, with every sponsor, gives nobody anything that was not given to that position before', () => {
  const actors = fc.constantFrom('manager-1', 'sponsor');
  fc.assert(
    fc.property(fc.array(fc.tuple(actors, move), { maxLength: 150 }), (steps) => {
      const model = beginning();
      for (const [userId, step] of steps) act(model, userId, step);
      expect(model.log.filter((deed) => deed.verb === 'approve')).toEqual([]);
    }),
  );
});

test('another Registration Authority reaches nobody here', () => {
  const actors = fc.constantFrom('elsewhere-1', 'elsewhere-2');
  fc.assert(
    fc.property(fc.array(fc.tuple(actors, move), { maxLength: 150 }), (steps) => {
      const model = beginning();
      const here = (one: { odsCode: string; state: string }) => one.odsCode !== 'RZZ' && one.state === 'active';
      const before = model.assignments.filter(here);
      for (const [userId, step] of steps) act(model, userId, step);
      const after = model.assignments.filter((one) => here(one));
      expect(after).toEqual(before);
      expect([...model.positions.values()].filter((one) => one.odsCode !== 'RZZ' && one.version > 1)).toEqual([]);
    }),
  );
});
