import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Principal } from './principal.ts';
import { type SessionRoleFacts, sessionRoleFacts, settleSessionRole } from './session-role.ts';

const base: SessionRoleFacts = {
  header: undefined,
  selectedRoleId: undefined,
  isCombinedStaffLogOn: true,
  roleIds: ['656014452101'],
};
const settle = (facts: Partial<SessionRoleFacts>) => settleSessionRole({ ...base, ...facts });
const text = (facts: Partial<SessionRoleFacts>) => {
  const result = settle(facts);
  return result.is === 'refused' ? `${result.status} ${result.diagnostics}` : result.roleProfileId;
};

test('the published steps, each by its text', () => {
  const two = ['656014452101', '656005754108'];
  expect(text({ selectedRoleId: '656014452101', isCombinedStaffLogOn: false, roleIds: [] })).toBe('656014452101');
  expect(text({ selectedRoleId: '' })).toBe('401 selected_roleid is misconfigured/invalid');
  expect(text({ isCombinedStaffLogOn: false })).toBe('401 selected_roleid is missing in your token');
  expect(text({})).toBe('656014452101');
  expect(text({ roleIds: two })).toBe('401 multiple roles found in user info, please check NHSD-Session-URID');
  expect(text({ roleIds: [] })).toBe('401 no userroles available, please check NHSD-Session-URID is valid');
  expect(text({ header: '1', roleIds: [] })).toBe(
    '401 no userroles available, please check NHSD-Session-URID is valid',
  );
  expect(text({ roleIds: [undefined] })).toBe('401 nhsid_nrbac_roles is misconfigured/invalid');
  expect(text({ header: '656005754108', roleIds: [undefined, '656005754108'] })).toBe(
    '401 nhsid_nrbac_roles is misconfigured/invalid',
  );
  expect(text({ header: '656005754108', roleIds: two })).toBe('656005754108');
  expect(text({ header: '656005754109', roleIds: two })).toBe('401 NHSD-Session-URID is invalid');
  expect(text({ header: '656014452101', isCombinedStaffLogOn: false })).toBe('500 unable to retrieve user info');
});

test('a header wins over the role selected at log-on', () => {
  const roleIds = ['656014452101', '656005754108'];
  expect(text({ header: '656005754108', selectedRoleId: '656014452101', roleIds })).toBe('656005754108');
});

test('a role withdrawn since it was selected is no role any more', () => {
  expect(text({ selectedRoleId: '656014452101', liveRoleIds: [] })).toBe(
    '401 selected_roleid is misconfigured/invalid',
  );
  expect(text({ selectedRoleId: '656014452101', liveRoleIds: ['656014452101'] })).toBe('656014452101');
});

test('whatever is settled was selected at log-on or is a role of the user', () => {
  const id: fc.Arbitrary<string> = fc.constantFrom('1', '2', '3', '');
  fc.assert(
    fc.property(
      fc.record({
        header: fc.option(id, { nil: undefined }),
        selectedRoleId: fc.option(id, { nil: undefined }),
        isCombinedStaffLogOn: fc.boolean(),
        roleIds: fc.array(fc.option(id, { nil: undefined }), { maxLength: 3 }),
      }),
      (facts) => {
        const result = settleSessionRole(facts);
        if (result.is === 'refused') return;
        expect(result.roleProfileId).not.toBe('');
        const isTheirs = facts.roleIds.includes(result.roleProfileId);
        const isSelected = facts.header === undefined && facts.selectedRoleId === result.roleProfileId;
        expect(isTheirs || isSelected).toBe(true);
      },
    ),
  );
});

test('an exchanged token has no user information, a combined log-on has', () => {
  const principal: Principal = {
    mode: 'healthcare-worker',
    appId: 'app',
    scopes: [],
    attributes: {},
    roles: [{ roleProfileId: '656014452101', odsCode: 'A99000', roleCode: 'S8000:G8000:R8000', activities: [] }],
  };
  const settled = (more: Partial<Principal>, header?: string) =>
    settleSessionRole(sessionRoleFacts({ ...principal, ...more }, header));
  expect(settled({ grant: 'token_exchange' }, '656014452101')).toMatchObject({ status: 500 });
  expect(settled({ grant: 'authorization_code' }, '656014452101')).toMatchObject({ is: 'settled' });
  expect(settled({ grant: 'token_exchange', idTokenClaims: { selected_roleid: 5 } })).toMatchObject({
    diagnostics: 'selected_roleid is misconfigured/invalid',
  });
  expect(settled({ mode: 'application-restricted' })).toMatchObject({
    diagnostics: 'selected_roleid is missing in your token',
  });
});
