import { expect, test } from 'vitest';
import { askAccess, registered, staffToken } from '../../../../../test/support/access.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { Database } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { loadDemoStaff } from '../../index.ts';
import { PrivacyWatch } from './privacy-watch.ts';

const spine = await startSpine({ OPENSPINE_MASS_LOOK_UPS: '3' });
const db = new Database({ url: spine.databaseUrl });

const own = '9449306621';
const namesake = '9449306648';
const neighbour = '9449306656';
const colleague = '9449307539';
const strangers = ['9449308187', '9449310378', '9449310475', '9449310602'];
const hidden = '9449310610';

await spine.control('load', {
  pds: {
    patients: [
      registered(own, { family: 'Tregear' }),
      registered(namesake, { family: 'Tregéar', practice: 'C83003' }),
      registered(neighbour, { postcode: 'LS1 4AP', practice: 'C83003' }),
      registered(colleague, { practice: 'C83003' }),
      registered(hidden, { postcode: 'LS1 4AP', security: 'R' }),
      ...strangers.map((number) => registered(number)),
    ],
  },
});

const person = (userId: string, familyName: string, nhsNumber: string, odsCode: string, postcode: string) => ({
  userId,
  givenName: 'Morwenna',
  familyName,
  bornOn: '1980-01-01',
  postcode,
  nhsNumber,
  registeredBy: odsCode,
  assignments: [
    { roleProfileId: `1${userId.slice(1)}`, positionId: `73${odsCode}`, personOrgId: `2${userId.slice(1)}` },
  ],
});
const position = (odsCode: string) => ({
  positionId: `73${odsCode}`,
  odsCode,
  content: {
    name: 'Clinician',
    roleCode: 'R8000',
    activities: [],
    areas: [],
    workgroups: [],
    isAssignableBySponsor: true,
  },
});
await loadDemoStaff(
  db,
  {
    organisations: [
      { odsCode: 'A81001', name: 'The Surgery' },
      { odsCode: 'RR8', name: 'The Hospital' },
    ],
    workgroups: [],
    positions: [position('A81001'), position('RR8')],
    people: [
      person('555000000001', 'Tregear', own, 'A81001', 'ls14ap'),
      person('555000000002', 'Quick', colleague, 'A81001', 'TR1 1AA'),
      person('555000000003', 'Nance', '9449310629', 'RR8', 'TR1 1AB'),
    ],
  },
  Date.now(),
);

const officer = await staffToken(spine, '555000000009', { activities: ['B0015', 'B0016'] });
const hospitalOfficer = await staffToken(spine, '555000000008', { odsCode: 'RR8', activities: ['B0015', 'B0016'] });

/** Another watch beside the Spine's own, that looks when it is told to; so every test also has two of them at it. */
const watch = (massLookUps = 3) =>
  new PrivacyWatch({
    db,
    clock: new Clock(),
    demographics: async (numbers) =>
      new Map(
        numbers.map((number) => [
          number,
          {
            nhsNumber: number as never,
            state: 'active' as const,
            confidentiality: number === hidden ? ('R' as const) : ('U' as const),
            familyNames: [number === own ? 'Tregear' : number === namesake ? 'Tregéar' : 'Penhaligon'],
            postcodes: [number === neighbour || number === hidden ? 'LS1 4AP' : 'YO1 7HH'],
            practice: 'C83003',
          },
        ]),
      ),
    massLookUps,
  });

async function look(userId: string, numbers: readonly string[], odsCode = 'A81001'): Promise<void> {
  const token = await staffToken(spine, userId, { odsCode });
  for (const number of numbers) expect((await spine.pds(`/Patient/${number}`, { token })).status).toBe(200);
}

/** All that is unread is dealt with, by this watch or by the Spine's own. */
async function settled(): Promise<void> {
  const mine = watch();
  while (await mine.round());
}

async function codesOf(token: string): Promise<string[]> {
  const { body } = await askAccess(spine, '/alerts?_count=200', { token });
  return body.alerts.map((alert: { code: string }) => alert.code).sort();
}

async function rows(): Promise<{ code: string; user_id: string; nhs_number: string; entries: number }[]> {
  return db.query(sql`
    select a.code, a.user_id, a.nhs_number, count(*)::int as entries
      from cis.privacy_alert a join cis.privacy_alert_access b on b.ods_code = a.ods_code and b.reference = a.reference
     group by a.ods_code, a.reference, a.code, a.user_id, a.nhs_number order by 1, 2, 3`);
}

test('own record, family name, address and colleague each raise their alert, a stranger none', async () => {
  await look('555000000001', [own, namesake, neighbour]);
  await settled();
  expect(await codesOf(officer)).toEqual(['OWN_RECORD', 'SAME_ADDRESS', 'SAME_SURNAME']);
  await look('555000000001', [colleague]);
  await settled();
  expect(await codesOf(officer)).toEqual(['COLLEAGUE', 'MASS_LOOK_UP', 'OWN_RECORD', 'SAME_ADDRESS', 'SAME_SURNAME']);
  await look('555000000002', [strangers[0] as string]);
  await settled();
  expect(await codesOf(officer)).toHaveLength(5);
});

test('the same person looked at from another organisation is no colleague there', async () => {
  await look('555000000003', [colleague], 'RR8');
  await settled();
  expect(await codesOf(hospitalOfficer)).toEqual([]);
});

test('a restricted address is compared with nobody’s', async () => {
  await look('555000000001', [hidden]);
  await settled();
  expect((await rows()).filter((row) => row.nhs_number === hidden)).toEqual([]);
});

test('more patients in an hour than the setting allows raise one alert, at the organisation of the user, naming none of them', async () => {
  await look('555000000004', strangers, 'RR8');
  await settled();
  const [alert] = (await rows()).filter((row) => row.user_id === '555000000004');
  expect(alert).toMatchObject({ code: 'MASS_LOOK_UP', nhs_number: '', entries: 1 });
  expect(await codesOf(hospitalOfficer)).toEqual(['MASS_LOOK_UP']);
});

test('looking at the same three patients again and again raises nothing', async () => {
  const three = strangers.slice(0, 3);
  await look('555000000005', [...three, ...three, ...three]);
  await settled();
  expect((await rows()).filter((row) => row.user_id === '555000000005')).toEqual([]);
});

test('repeated looks join the open case, each once, however many watches look and however often they begin anew', async () => {
  for (let times = 0; times < 3; times++) {
    await look('555000000001', [namesake]);
    await Promise.all([watch().round(), watch().round(), watch().round()]);
  }
  await settled();
  const before = await rows();
  expect(before.find((row) => row.code === 'SAME_SURNAME')).toMatchObject({ entries: 4 });
  await settled();
  expect(await rows()).toEqual(before);
});

test('patients, applications, refused looks and the work of officers raise nothing', async () => {
  const before = await rows();
  await spine.pds(`/Patient/${own}`, { token: await spine.token({ mode: 'patient', nhsNumber: own }) });
  await spine.pds(`/Patient/${own}`, { token: await spine.token({ mode: 'application-restricted' }) });
  const token = await staffToken(spine, '555000000001');
  await spine.pds('/Patient/1234567890', { token });
  await askAccess(spine, `/patients/${own}/relationships`, { token });
  await settled();
  expect(await rows()).toEqual(before);
});

test('an organisation that only the caller names gets no alert: it goes to the patient’s practice', async () => {
  const token = await spine.token({ mode: 'healthcare-worker', userId: '555000000001' });
  const headers = { 'nhsd-end-user-organisation-ods': 'RR8' };
  expect((await spine.pds(`/Patient/${namesake}`, { token, headers })).status).toBe(200);
  await settled();
  expect(await codesOf(hospitalOfficer)).not.toContain('SAME_SURNAME');
  // nor one where a user of our directory never worked, whatever role was named
  await look('555000000001', [namesake], 'RR8');
  await settled();
  expect(await codesOf(hospitalOfficer)).not.toContain('SAME_SURNAME');
  const practiceOfficer = await staffToken(spine, '555000000007', { odsCode: 'C83003', activities: ['B0015'] });
  expect(await codesOf(practiceOfficer)).toEqual(['SAME_SURNAME']);
});

test('a decision for another system’s record is a look at the patient', async () => {
  const token = await staffToken(spine, '555000000002');
  await askAccess(spine, '/decisions', { token, body: { nhsNumber: colleague, relationship: 'none' } });
  await settled();
  expect((await rows()).filter((row) => row.user_id === '555000000002')).toMatchObject([{ code: 'OWN_RECORD' }]);
});

test('the Spine watches by itself', async () => {
  await look('555000000002', [own]);
  await expect
    .poll(async () => (await rows()).filter((row) => row.user_id === '555000000002').map((row) => row.code), {
      timeout: 20_000,
    })
    .toEqual(['COLLEAGUE', 'OWN_RECORD']);
  await db.close();
});
