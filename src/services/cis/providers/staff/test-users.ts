import type { StaffAccount } from '../../staff-directory.ts';

/** The published user names of the test users of staff, one for each level (claims-examples, testUsers); values are ours. */
const people = [
  { userId: '656005750104', level: 3, given: 'Aroha', family: 'Farrier', title: 'Dr' },
  { userId: '656005750109', level: 2, given: 'Bronwen', family: 'Thatcher', title: 'Mrs' },
  { userId: '656005750110', level: 1, given: 'Callum', family: 'Wainwright', title: 'Mr' },
] as const;

const role = { odsCode: 'A83002', orgName: 'HAWTHORN SURGERY', roleCode: 'S8000:G8000:R8000' } as const;

/** Staff that a sandbox knows without anybody having registered them; a registered one of the same id goes before. */
export const testStaff: readonly StaffAccount[] = people.map(({ userId, level, given, family, title }) => {
  const roleId = `${userId.slice(0, 9)}${String(Number(userId.slice(9)) + 300)}`;
  const orgId = `${userId.slice(0, 9)}${String(Number(userId.slice(9)) + 600)}`;
  const organisation = { org_code: role.odsCode, org_name: role.orgName };
  return {
    userId,
    status: 'active',
    displayName: `${title} ${given} ${family}`,
    idAssuranceLevel: 3,
    userInfo: {
      sub: userId,
      nhsid_useruid: userId,
      uid: userId,
      name: `${family} ${given}`,
      given_name: given,
      family_name: family,
      title,
      display_name: `${title} ${given} ${family}`,
      initials: given.slice(0, 1),
      idassurancelevel: '3',
      nhsid_user_orgs: [organisation],
      nhsid_org_memberships: [{ person_orgid: orgId, ...organisation }],
      nhsid_org_roles: [{ person_orgid: orgId, ...organisation }],
      nhsid_nrbac_roles: [
        {
          person_orgid: orgId,
          person_roleid: roleId,
          org_code: role.odsCode,
          role_code: role.roleCode,
          role_name: '"Clinical":"Clinical Provision":"Clinical Practitioner Access Role"',
        },
      ],
    },
    idTokenClaims: {},
    roles: [{ roleProfileId: roleId, odsCode: role.odsCode, roleCode: role.roleCode, activities: [] }],
    sandboxLevel: level,
  };
});
