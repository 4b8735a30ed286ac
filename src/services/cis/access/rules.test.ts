import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertAction, type AlertState, moveAlert } from './alerts/alert-case.ts';
import { allAlertCodes, receivedBy } from './alerts/alert-codes.ts';
import { type KeptPermission, standingFor } from './permission.ts';
import { alertFor } from './record-permission.ts';
import { idOfRequest } from './reference.ts';
import { holdingFor, type KeptRelationship, stateAt } from './relationship.ts';

const users = ['555000000001', '555000000002'] as const;
const organisations = ['A81001', 'B82002', ''] as const;
const workgroups = ['740000000001', '740000000002'] as const;
const time = fc.integer({ min: 0, max: 20 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const relationship: fc.Arbitrary<KeptRelationship> = fc.record({
  nhsNumber: fc.constant('9449306621'),
  id: fc.uuid(),
  kind: fc.constantFrom('referral' as const, 'episode' as const, 'colleague-entered' as const, 'self-claimed' as const),
  odsCode: fc.constantFrom(...organisations),
  workgroup: maybe(fc.constantFrom(...workgroups)),
  userId: maybe(fc.constantFrom(...users)),
  establishedBy: fc.constantFrom(...users),
  reason: fc.constant('because'),
  startsAt: time,
  expiresAt: maybe(time),
  endedAt: maybe(time),
  endReason: fc.constant(undefined),
});

const viewer = fc.record({
  userId: fc.constantFrom(...users),
  odsCode: fc.constantFrom(...organisations),
  workgroups: fc.subarray([...workgroups]),
});

test('what holds for a viewer is theirs or their organisation’s, and active at that moment', () => {
  fc.assert(
    fc.property(
      fc.array(relationship),
      maybe(fc.constantFrom('A81001', 'C83003')),
      viewer,
      time,
      (kept, practice, who, now) => {
        for (const { kind, id } of holdingFor(kept, practice, who, now)) {
          if (kind === 'registration') {
            expect(practice).toBe(who.odsCode);
            continue;
          }
          const one = kept.find((candidate) => candidate.id === id) as KeptRelationship;
          expect(one.odsCode).toBe(who.odsCode);
          expect(one.odsCode).not.toBe('');
          expect([undefined, who.userId]).toContain(one.userId);
          expect([undefined, ...who.workgroups]).toContain(one.workgroup);
          expect(one.endedAt).toBeUndefined();
          expect(one.startsAt).toBeLessThanOrEqual(now);
          expect(one.expiresAt ?? now + 1).toBeGreaterThan(now);
        }
      },
    ),
  );
});

test('a relationship that was ended never comes back, nor one that has expired', () => {
  fc.assert(
    fc.property(relationship, time, time, (one, earlier, later) => {
      fc.pre(earlier <= later);
      const [before, after] = [stateAt(one, earlier), stateAt(one, later)];
      if (before === 'ended' || before === 'expired') expect(after).toBe(before);
    }),
  );
});

const permission: fc.Arbitrary<KeptPermission> = fc.record({
  nhsNumber: fc.constant('9449306621'),
  id: fc.uuid(),
  value: fc.constantFrom('asked-and-given' as const, 'standing' as const, 'emergency' as const, 'refused' as const),
  odsCode: fc.constantFrom(...organisations),
  userId: maybe(fc.constantFrom(...users)),
  recordedBy: fc.constantFrom(...users),
  reason: fc.constant(undefined),
  note: fc.constant(''),
  recordedAt: time,
  expiresAt: maybe(time),
});

test('after a refusal nothing older opens the record, and nobody else’s emergency does', () => {
  fc.assert(
    fc.property(fc.array(permission), viewer, time, (kept, who, now) => {
      const standing = standingFor(kept, who, now);
      const refusal = kept
        .filter((one) => one.value === 'refused' && one.odsCode === who.odsCode && one.odsCode !== '')
        .filter((one) => one.userId === undefined || one.userId === who.userId)
        .filter((one) => one.recordedAt <= now && (one.expiresAt === undefined || one.expiresAt > now));
      const newest = Math.max(-1, ...refusal.map((one) => one.recordedAt));
      const opens = kept.some(
        (one) =>
          one.value !== 'refused' &&
          one.odsCode === who.odsCode &&
          (one.userId === undefined || one.userId === who.userId) &&
          one.recordedAt > newest &&
          one.recordedAt <= now &&
          (one.expiresAt === undefined || one.expiresAt > now),
      );
      if (standing !== undefined && standing.value !== 'refused') expect(opens).toBe(true);
      if (newest >= 0) expect(standing).toBeDefined();
    }),
  );
});

test('an emergency always tells an officer, and so does whoever turns a refusal round', () => {
  const values = ['asked-and-given', 'standing', 'emergency', 'refused'] as const;
  expect(values.map((value) => alertFor(value, undefined))).toEqual([
    undefined,
    undefined,
    'DISSENT_OVERRIDE',
    undefined,
  ]);
  expect(values.map((value) => alertFor(value, { value: 'refused' }))).toEqual([
    'DISSENT_REVERSED',
    'DISSENT_REVERSED',
    'DISSENT_OVERRIDE',
    undefined,
  ]);
});

test('a case about oneself is never moved, a closed one stays closed, and nothing is closed without a reason', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<AlertState>('new', 'assigned', 'escalated', 'justified'),
      maybe(time),
      fc.constantFrom<AlertAction>('open', 'assign', 'note', 'close', 'escalate'),
      fc.constantFrom(...users),
      fc.constantFrom('', '  ', 'attended on Monday'),
      (state, closedAt, action, by, reason) => {
        const move = moveAlert({ state, closedAt, userId: users[0] }, action, { by, reason });
        if (by === users[0]) expect(move).toEqual({ is: 'refused', rule: 'own-access' });
        if (move.is === 'refused') return;
        if (closedAt !== undefined) expect(move).toEqual({ is: 'done', state, isClosed: true });
        if (action === 'close' || action === 'escalate') expect(reason.trim()).not.toBe('');
        if (closedAt === undefined) expect(move.isClosed).toBe(action === 'close');
        if (state === 'escalated' && action !== 'close') expect(move.state).toBe('escalated');
      },
    ),
  );
});

test('each published kind of alert is received with its activity only, the others by officers', () => {
  const role = (roleCode: string, ...activities: string[]) => receivedBy({ roleCode, activities });
  expect(role('S8000:G8000:R8000')).toEqual([]);
  expect(role('S8000:G8000:R8000', 'B0016')).toEqual(['LR_SELF_CLAIMED']);
  expect(role('S8000:G8000:R8000', 'B0017', 'B0018')).toEqual(['SAR_REFUSED', 'SEALING']);
  expect(role('S8000:G8000:R8000', 'B0015')).toContain('OWN_RECORD');
  const officer = role('S8002:G8003:R0001');
  expect(officer).toContain('COLLEAGUE');
  expect(officer).not.toContain('LR_SELF_CLAIMED');
  expect(role('S8002:G8003:R0001', 'B0015', 'B0016', 'B0017', 'B0018')).toEqual(allAlertCodes);
});

test('the same request makes the same id, another user or another thing another, and no request id never the same', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (user, request, what) => {
      const id = idOfRequest(user, request, what);
      expect(id).toMatch(form);
      expect(idOfRequest(user, request, what)).toBe(id);
      expect(idOfRequest(`${user}x`, request, what)).not.toBe(id);
      expect(idOfRequest(user, request, `${what}x`)).not.toBe(id);
      expect(idOfRequest(user, undefined, what)).not.toBe(idOfRequest(user, undefined, what));
    }),
  );
});
