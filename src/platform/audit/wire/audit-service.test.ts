import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const nhsNumber = '9449306621';
await spine.control('load', {
  pds: {
    patients: [
      {
        resourceType: 'Patient',
        id: nhsNumber,
        meta: { versionId: '1', security: [{ code: 'U' }] },
        name: [{ use: 'usual', family: 'Penhaligon', given: ['Nora'] }],
        gender: 'female',
        birthDate: '1990-01-01',
      },
    ],
  },
});
const clinician = await spine.token({
  mode: 'healthcare-worker',
  userId: '555000000001',
  roles: [{ roleProfileId: '100000000001', odsCode: 'A81001', roleCode: 'S8000:G8000:R8000' }],
});
const officer = await spine.token({
  mode: 'healthcare-worker',
  userId: '555000000009',
  roles: [{ roleProfileId: '100000000009', odsCode: 'RR8', roleCode: 'S8002:G8003:R0001' }],
});
const patient = await spine.token({ mode: 'patient', nhsNumber });
for (let i = 0; i < 7; i++) await spine.pds(`/Patient/${nhsNumber}`, { token: clinician });
await spine.pds('/Patient?family=Penhaligon&birthdate=1990-01-01', { token: clinician });

type Event = {
  subtype: { code: string }[];
  action: string;
  outcome: string;
  agent: { who: { identifier?: { value: string }; display: string } }[];
  entity: { what: { identifier: { value: string } } }[];
};
type Page = { status: number; events: Event[]; next: string | undefined; text: string };

async function look(query: string, token: string | undefined): Promise<Page> {
  const response = await fetch(`${spine.url}${query.startsWith('/') ? query : `/audit/FHIR/R4/AuditEvent?${query}`}`, {
    headers: { 'x-request-id': randomUUID(), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  const text = await response.text();
  const body = JSON.parse(text) as { entry?: { resource: Event }[]; link?: { url: string }[] };
  return {
    status: response.status,
    events: (body.entry ?? []).map((entry) => entry.resource),
    next: body.link?.[0]?.url,
    text,
  };
}

test('a patient sees each access to their record, by organisation and system, but no member of staff by id', async () => {
  const { events, text } = await look(`patient=${nhsNumber}&_count=200`, patient);
  const operations = events.map((event) => event.subtype[1]?.code);
  expect(operations.filter((name) => name === 'pds.retrieve-patient')).toHaveLength(7);
  expect(operations).toContain('pds.search-patients');
  expect(events.at(-1)?.agent[0]?.who.display).toBe('healthcare-worker at A81001');
  expect(text).not.toContain('555000000001');
});

test('an officer sees who it was, and finds accesses by user, organisation, application and day', async () => {
  const { events } = await look(`patient=${nhsNumber}`, officer);
  expect(events.some((event) => event.agent[0]?.who.identifier?.value === '555000000001')).toBe(true);
  const today = new Date().toISOString().slice(0, 10);
  const found = await look(`agent=555000000001&organization=A81001&application=sandbox&date=ge${today}`, officer);
  expect(found.events).toHaveLength(8);
  expect((await look(`agent=555000000001&date=lt${today}`, officer)).events).toHaveLength(0);
});

test('pages follow one another, each access once', async () => {
  const seen: Event[] = [];
  let next: string | undefined = `agent=555000000001&_count=3`;
  for (let pages = 0; next !== undefined && pages < 10; pages++) {
    const page: Page = await look(next, officer);
    seen.push(...page.events);
    next = page.next;
  }
  expect(seen).toHaveLength(8);
  expect(new Set(seen.map((event) => JSON.stringify(event))).size).toBe(8);
});

test('nobody else is let in, and looking is itself recorded', async () => {
  expect((await look(`patient=${nhsNumber}`, undefined)).status).toBe(401);
  expect((await look(`patient=${nhsNumber}`, clinician)).status).toBe(403);
  expect((await look('patient=9449306648', patient)).status).toBe(403);
  expect((await look('', patient)).status).toBe(403);
  const weak = await spine.token({ mode: 'patient', nhsNumber, proofing: 'P5', vector: 'P5.Cp.Cd' });
  expect((await look(`patient=${nhsNumber}`, weak)).status).toBe(403);
  const { events } = await look(`patient=${nhsNumber}&_count=200`, officer);
  const looks = events.filter((event) => event.subtype[1]?.code === 'audit.search');
  expect(looks.map((event) => event.outcome)).toEqual(expect.arrayContaining(['0', '4']));
});

test('the organisation recorded is the one that is proved, whatever the caller says in a header', async () => {
  await spine.pds(`/Patient/${nhsNumber}`, {
    token: clinician,
    headers: { 'nhsd-end-user-organisation-ods': 'B82002' },
  });
  const { text } = await look(`patient=${nhsNumber}&_count=200`, patient);
  expect(text).toContain('A81001');
  expect(text).not.toContain('B82002');
});

test('a patient learns of no member of staff by role profile, and of no other patient who tried', async () => {
  const other = await spine.token({ mode: 'patient', nhsNumber: '9449306648' });
  expect((await spine.pds(`/Patient/${nhsNumber}`, { token: other })).status).toBe(403);
  const { text, events } = await look(`patient=${nhsNumber}&_count=200`, patient);
  expect(events[0]).toMatchObject({ outcome: '4', agent: [{ who: { display: 'patient-access' } }, {}] });
  expect(text).not.toMatch(/9449306648|100000000001/);
  expect((await look(`patient=${nhsNumber}&_count=5`, officer)).text).toContain('9449306648');
});

test('a wrong parameter is refused by its name', async () => {
  for (const [query, word] of [
    ['patient=1234567890', 'patient'],
    ['date=yesterday', 'date'],
    ['_count=0', '_count'],
    ['_cursor=x', '_cursor'],
    ['colour=red', 'colour'],
  ] as const) {
    const refused = await look(query, officer);
    expect([refused.status, refused.text.includes(word)]).toEqual([400, true]);
  }
});
