import fc from 'fast-check';
import { expect, test } from 'vitest';
import { registrationAuthority, staff } from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { sql } from '../../../../platform/db/sql.ts';

const spine = await startSpine();
const { ask, db } = await registrationAuthority(spine);

const strange = fc.constantFrom(
  '',
  '\u0000',
  '\ud800',
  "'; drop table cis.person; --",
  '../../etc/passwd',
  '%00',
  '9'.repeat(400),
  '__proto__',
  '656005750104',
  '656020000110',
  '2026-02-30',
  'R8009',
);
const value = fc.oneof(
  { maxDepth: 3 },
  strange,
  fc.string(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(strange, { maxLength: 4 }),
);
const fields = [
  'reason',
  'positionId',
  'from',
  'odsCode',
  'name',
  'roleCode',
  'activities',
  'workgroups',
  'validFrom',
  'validTo',
  'givenName',
  'familyName',
  'bornOn',
  'evidence',
  'professionalIds',
  'nationalInsuranceNumber',
  'isLocked',
  '__proto__',
];
const body = fc.oneof(
  fc
    .tuple(fc.dictionary(fc.constantFrom(...fields), value), fc.boolean())
    .map(([some, isGiven]) => JSON.stringify(isGiven ? { ...some, reason: 'in a test' } : some)),
  fc.json(),
  fc.string(),
);
const places = [
  '/identities',
  '/identities/:a/details',
  '/identities/:a/suspend',
  '/identities/:a/close',
  '/identities/:a/move',
  '/identities/:a/assignments',
  '/identities/:a/assignments/:b/grant',
  '/identities/:a/assignments/:b/end',
  '/identities/:a/cards',
  '/identities/:a/cards/:b/cancel',
  '/identities/:a/enrolment-codes',
  '/identities/:a/authenticators/:b/remove',
  '/positions',
  '/positions/:a/changes',
  '/positions/:a/withdrawal',
  '/proposals/:a/approve',
  '/organisations/:a/workgroups',
];

test('whatever is sent, the answer is one of the contract: nothing unforeseen, and nothing but an OperationOutcome', async () => {
  const part = strange.map((text) => encodeURIComponent(text.toWellFormed()) || 'x');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), part, part, body, async (place, a, b, sent) => {
      const answer = await ask(staff.manager, place.replace(':a', a).replace(':b', b), { method: 'POST', body: sent });
      expect([200, 201, 400, 403, 404, 409, 414]).toContain(answer.status);
      if (answer.status >= 400) expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome' });
    }),
    { numRuns: 250 },
  );
  const [unforeseen] = await db.query<{ n: number }>(
    sql`select count(*) as n from audit.entry where outcome = 'UNFORESEEN'`,
  );
  expect(unforeseen?.n).toBe(0);
});

test('strange questions are answered in the same way', async () => {
  const query = fc.dictionary(fc.constantFrom('organisation', 'on', 'after', 'before', 'x'), strange);
  const place = fc.constantFrom('/positions', '/assignments', '/requests', `/identities/${staff.gp}/history`);
  await fc.assert(
    fc.asyncProperty(place, query, async (path, asked) => {
      const search = new URLSearchParams(
        Object.entries(asked).map(([name, text]) => [name, text.toWellFormed()] as [string, string]),
      );
      const answer = await ask(staff.manager, `${path}?${search}`);
      expect([200, 400, 403, 404]).toContain(answer.status);
    }),
    { numRuns: 100 },
  );
});
