import { expect, test } from 'vitest';
import { testDatabase } from '../../../../../test/support/database.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { demoStaff } from '../../../../population/demo/staff.ts';
import type { StaffAccount } from '../../staff-directory.ts';
import { loadDemoStaff } from '../loading/demo-staff.ts';
import { openStaffDirectory } from './open-staff-directory.ts';

const db = await testDatabase();
const clock = new Clock();
const directory = openStaffDirectory(db, clock);
await loadDemoStaff(db, demoStaff(), clock.now());

type NationalRole = { activities?: string[]; activity_codes?: string[] };
const nationalRoles = (account: StaffAccount | undefined) =>
  (account?.userInfo.nhsid_nrbac_roles ?? []) as NationalRole[];

test('a GP is found with the claims and roles of the published shape', async () => {
  const gp = await directory.find('656005750104');
  expect(gp).toMatchObject({
    status: 'active',
    displayName: 'Dr Isolde Penhallow',
    idAssuranceLevel: 3,
    sandboxLevel: 3,
  });
  expect(gp?.userInfo).toMatchObject({
    sub: '656005750104',
    uid: '656005750104',
    name: 'Penhallow Isolde',
    initials: 'I M',
    display_name: 'Dr Isolde Penhallow',
    idassurancelevel: '3',
    gmc_id: 'C9900104',
    nhsid_user_orgs: [{ org_code: 'A99000', org_name: expect.any(String) }],
  });
  const [role] = nationalRoles(gp);
  expect(role).toMatchObject({
    org_code: 'A99000',
    role_code: 'S0010:G0020:R0260',
    role_name: '"Medical and Dental":"Medical and Dental":"General Medical Practitioner"',
    person_orgid: expect.stringMatching(/^[0-9]{12}$/),
    person_roleid: expect.stringMatching(/^[0-9]{12}$/),
  });
  const codes = role?.activity_codes ?? [];
  expect(codes).toEqual(expect.arrayContaining(['B0825', 'B0820']));
  expect(role?.activities?.[codes.indexOf('B0825')]).toBe('Amend Patient Demographics');
  expect(gp?.roles).toMatchObject([{ odsCode: 'A99000', roleCode: 'S0010:G0020:R0260' }]);
});

test('areas of work and workgroups stand beside the role, with their names', async () => {
  const consultant = await directory.find('656005750207');
  expect(nationalRoles(consultant)[0]).toMatchObject({
    aow: ['"Medicine":"Respiratory Medicine":"Respiratory Medicine"'],
    aow_codes: ['P0010:Q0050:T0210'],
    workgroups: ['Respiratory ward'],
    workgroups_codes: ['655694018201'],
  });
});

test('somebody may have several roles, or none', async () => {
  const locum = await directory.find('656005750218');
  expect(locum?.roles.map((role) => role.odsCode)).toEqual(['A99000', 'A99001', 'R9A']);
  const newcomer = await directory.find('656005750219');
  expect([newcomer?.roles, newcomer?.userInfo.nhsid_nrbac_roles]).toEqual([[], []]);
});

test('nobody is found by an id that there is not, however it looks', async () => {
  for (const id of ['656005750999', '', "'; drop table", 'x'.repeat(500), '\u0000']) {
    expect(await directory.find(id)).toBeUndefined();
    expect(await directory.findByUsername(id)).toBeUndefined();
  }
});

test('the demo staff is loaded once only', async () => {
  expect(await loadDemoStaff(db, demoStaff(), clock.now())).toBe(0);
});
