import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { numberOf, subOf } from '../patients/patient-accounts.ts';
import { defaultVectors, isEnough, takenOnTrust, vectorsOf } from '../patients/vectors.ts';
import { acceptedBy, acrValues, answeredAcr, askedValues, levelOfAcr, satisfied } from './assurance.ts';
import { listedRoles, searchedRoles } from './pick-role.ts';
import { roleStep } from './role-selection.ts';
import { releasedByScopes, staffScopes } from './staff-claims.ts';

const level = fc.constantFrom(1, 2, 3) as fc.Arbitrary<1 | 2 | 3>;
const value = fc.constantFrom(...acrValues(true));
const amr = fc.subarray(['FIDO2', 'TOTP', 'N3_SMARTCARD', 'CIS2_SMARTCARD', 'IOS', 'USERPASS']);

describe('levels of assurance', () => {
  test('nothing asked for, or nothing known, is the platform’s default', () => {
    for (const asked of [undefined, '', 'LOA9 x']) expect(askedValues(asked, true)).toEqual(['AAL3_ANY']);
  });

  test('a password alone is taken in a sandbox only', () => {
    expect(askedValues('AAL1_USERPASS', true)).toEqual(['AAL1_USERPASS']);
    expect(askedValues('AAL1_USERPASS', false)).toEqual(['AAL3_ANY']);
  });

  test('what satisfies is of an accepted level, and by an accepted authenticator', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), level, amr, (asked, reached, used) => {
        const { levels, only } = acceptedBy(asked);
        const good = satisfied(asked, { level: reached, amr: used });
        if (good === undefined) return;
        expect(asked).toContain(good);
        expect(levels).toContain(reached);
        if (only) expect(used.some((one) => only.includes(one))).toBe(true);
      }),
    );
  });

  test('nothing of level 3 is satisfied by less', () => {
    fc.assert(
      fc.property(amr, fc.constantFrom(1, 2) as fc.Arbitrary<1 | 2>, (used, reached) => {
        for (const asked of acrValues(true).filter((one) => one.startsWith('AAL3')))
          expect(satisfied([asked], { level: reached, amr: used })).toBeUndefined();
      }),
    );
  });

  test('an answer never claims more than was reached', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), level, amr, (asked, reached, used) => {
        const answered = answeredAcr(asked, { level: reached, amr: used });
        expect(levelOfAcr(answered)).toBeLessThanOrEqual(reached);
      }),
    );
  });
});

describe('vectors of trust', () => {
  test('the default is published; what is no list of vectors is none', () => {
    expect(vectorsOf(undefined)).toEqual(defaultVectors);
    for (const bad of [
      '',
      'P9',
      '[]',
      '"P9.Cp"',
      '[1]',
      '["P9"]',
      '["P9.Cx"]',
      '["p9.Cp"]',
      '{}',
      '[["P9.Cp"]]',
      '[null]',
    ])
      expect([bad, vectorsOf(bad)]).toEqual([bad, undefined]);
    expect(vectorsOf('["P0.Cp","P5.Cp.Ck","P9.Cm"]')).toEqual(['P0.Cp', 'P5.Cp.Ck', 'P9.Cm']);
  });

  const proofing = fc.constantFrom('P0', 'P5', 'P9') as fc.Arbitrary<'P0' | 'P5' | 'P9'>;
  const vector = fc
    .tuple(proofing, fc.subarray(['Cp', 'Cd', 'Ck', 'Cm'], { minLength: 1 }))
    .map(([proved, credentials]) => [proved, ...credentials].join('.'));

  test('nobody comes where a higher proof is asked for', () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1 }), proofing, (asked, proved) => {
        const least = Math.min(...asked.map((one) => Number(one[1])));
        expect(isEnough(asked, takenOnTrust(asked, proved))).toBe(Number(proved[1]) >= least);
      }),
    );
  });

  test('a vector is enough for itself, and for nothing with another credential', () => {
    expect(isEnough(['P9.Cp.Ck'], 'P9.Cp.Cd')).toBe(false);
    fc.assert(
      fc.property(vector, (one) => {
        expect(isEnough([one], one)).toBe(true);
      }),
    );
  });
});

describe('choice of a role', () => {
  const role = (roleProfileId: string) => ({ roleProfileId, odsCode: 'A83002', roleCode: 'R8000', activities: [] });
  const ids = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5', '6', '7'));
  const given = fc.record({
    scopes: fc.subarray(['openid', 'selectedrole', 'changedrole']).map((scopes) => new Set(scopes)),
    roles: ids.map((all) => all.map(role)),
    picked: fc.option(fc.constantFrom('1', '2', '9'), { nil: undefined }),
    chosen: fc.option(fc.constantFrom('1', '3', '9'), { nil: undefined }),
    isLogOnForced: fc.boolean(),
  });

  test('nobody goes on in a role asked for that is not held, nor is asked without a choice', () => {
    fc.assert(
      fc.property(given, (all) => {
        const step = roleStep(all);
        const isConcerned = all.scopes.has('selectedrole') || all.scopes.has('changedrole');
        if (step.is === 'ask') expect(all.roles.length).toBeGreaterThanOrEqual(2);
        else if (isConcerned && step.roleId !== undefined)
          expect(all.roles.map((one) => one.roleProfileId)).toContain(step.roleId);
      }),
    );
  });

  test('no role: on; one: silently; several: asked once in a session, again when logging on is forced or change allowed', () => {
    const base = { scopes: new Set(['selectedrole']), picked: undefined, chosen: undefined, isLogOnForced: false };
    expect(roleStep({ ...base, roles: [] })).toEqual({ is: 'go on', roleId: undefined });
    expect(roleStep({ ...base, roles: [role('1')] })).toEqual({ is: 'go on', roleId: '1' });
    const two = { ...base, roles: [role('1'), role('2')] };
    expect(roleStep(two)).toEqual({ is: 'ask' });
    expect(roleStep({ ...two, picked: '2' })).toEqual({ is: 'go on', roleId: '2' });
    expect(roleStep({ ...two, chosen: '1' })).toEqual({ is: 'go on', roleId: '1' });
    expect(roleStep({ ...two, chosen: '1', isLogOnForced: true })).toEqual({ is: 'ask' });
    expect(roleStep({ ...two, chosen: '1', scopes: new Set(['changedrole']) })).toEqual({ is: 'ask' });
    expect(roleStep({ ...two, chosen: '9' })).toEqual({ is: 'ask' });
    expect(roleStep({ ...two, scopes: new Set(['openid']) })).toEqual({ is: 'go on', roleId: undefined });
  });

  test('roles are listed by name and organisation, and found by any words of them', () => {
    const roles = listedRoles({
      nhsid_user_orgs: [{ org_code: 'A83002', org_name: 'HAWTHORN SURGERY' }],
      nhsid_nrbac_roles: [
        { person_roleid: '1', org_code: 'A83002', role_name: '"Clinical":"Clinical Provision":"General Practitioner"' },
        { person_roleid: '2', org_code: 'X09', role_code: 'S8000:G8000:R8001' },
      ],
    });
    expect(roles).toEqual([
      { id: '1', name: 'General Practitioner', organisation: 'HAWTHORN SURGERY (A83002)' },
      { id: '2', name: 'S8000:G8000:R8001', organisation: 'X09' },
    ]);
    expect(searchedRoles(roles, ' hawthorn GENERAL').map((one) => one.id)).toEqual(['1']);
    expect(searchedRoles(roles, '')).toHaveLength(2);
    for (const odd of [undefined, null, 'x', 3, {}]) expect(listedRoles({ nhsid_nrbac_roles: odd })).toEqual([]);
  });
});

test('scopes release their claims and no others', () => {
  const claims = Object.values(staffScopes).flat();
  const person = Object.fromEntries([...claims, 'secret'].map((claim) => [claim, 'x']));
  fc.assert(
    fc.property(fc.subarray([...Object.keys(staffScopes), 'unknown', 'constructor']), (asked) => {
      const released = Object.keys(releasedByScopes(staffScopes, asked, person));
      const may = asked
        .filter((scope) => Object.hasOwn(staffScopes, scope))
        .flatMap((scope) => staffScopes[scope] ?? []);
      expect(released.sort()).toEqual([...new Set(may)].sort());
    }),
  );
});

test('an id made of an NHS number leads back to it under our key, and nowhere under another', () => {
  const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const sub = subOf(key, '9912003071');
  expect(numberOf(key, sub)).toBe('9912003071');
  expect(numberOf(other, sub)).toBeUndefined();
  fc.assert(
    fc.property(fc.string(), fc.uuid(), (text, uuid) => {
      for (const one of [text, uuid]) {
        const number = numberOf(key, one);
        if (number !== undefined) expect(isNhsNumber(number)).toBe(true);
      }
    }),
  );
});
