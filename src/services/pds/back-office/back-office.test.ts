import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { type PdsAnswer, startSpine } from '../../../../test/support/spine.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

const spine = await startSpine();
const staff = await spine.token({ mode: 'healthcare-worker' });
const officer = await spine.token({ mode: 'healthcare-worker', attributes: { 'pds-back-office': 'true' } });
const db = new Database({ url: spine.databaseUrl, lanes: 1 });

const [kept, doubled] = ['9449306621', '9449306648'];
const person = (id: string, family: string) => ({
  resourceType: 'Patient',
  id,
  meta: { versionId: '1', security: [{ code: 'U' }] },
  name: [{ id: '1', use: 'usual', family, given: ['Nora'] }],
  gender: 'female',
  birthDate: '1990-01-01',
  address: [{ id: '2', use: 'home', line: ['4 Quay Lane', 'Truro'], postalCode: 'TR1 1AA' }],
});

beforeEach(async () => {
  await spine.control('reset', { population: 'none' });
  await spine.control('load', { pds: { patients: [person(kept, 'Penhaligon'), person(doubled, 'Penhalligan')] } });
});

const verb = async (
  id: string,
  name: string,
  body: object = {},
  token = officer,
): Promise<Pick<PdsAnswer, 'status' | 'body'>> => {
  const response = await fetch(`${spine.url}/personal-demographics/back-office/Patient/${id}/${name}`, {
    method: name === '_history' ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'x-request-id': randomUUID() },
    ...(name === '_history' ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const code = (answer: { body: { issue: [{ details: { coding: [{ code: string }] } }] } }) =>
  answer.body.issue[0].details.coding[0].code;
const get = (id: string) => spine.pds(`/Patient/${id}`, { token: staff });
const found = async (family: string, history = false) =>
  (
    await spine.pds(`/Patient?family=${family}&birthdate=1990-01-01${history ? '&_history=true' : ''}`, {
      token: staff,
    })
  ).body.total as number;
const events = async () =>
  (await db.query<{ kind: string }>(sql`select kind from events.event order by tx, id`)).map((row) => row.kind);

test('a merged record answers the retained one, is found under its old name by history only, and can be unmerged', async () => {
  expect(await verb(doubled, '$merge', { into: kept })).toMatchObject({
    status: 200,
    body: { id: kept, meta: { versionId: '2' } },
  });
  expect((await get(doubled)).body.id).toBe(kept);
  expect(await found('Penhalligan')).toBe(0);
  expect(await found('Penhalligan', true)).toBe(1);
  expect(code(await verb(doubled, '$merge', { into: kept }))).toBe('FORBIDDEN_UPDATE');
  expect(await verb(doubled, '$unmerge')).toMatchObject({
    status: 200,
    body: { id: doubled, meta: { versionId: '3' } },
  });
  expect((await get(doubled)).body).toMatchObject({ id: doubled, name: [{ family: 'Penhalligan' }] });
  expect(await found('Penhalligan')).toBe(1);
  expect((await get(kept)).body.meta.versionId).toBe('3');
  expect(await events()).toEqual(
    expect.arrayContaining(['pds.patient-superseded', 'pds.patient-retained', 'pds.patient-unmerged']),
  );
});

test('a merge keeps hidden what was hidden in either record', async () => {
  await verb(doubled, '$restrict', { security: 'R' });
  await verb(doubled, '$merge', { into: kept });
  const { body } = await get(kept);
  expect(body.meta.security[0].code).toBe('R');
  expect(body.address).toBeUndefined();
});

test('a verb on a number that was merged away is refused and changes nothing', async () => {
  await verb(doubled, '$merge', { into: kept });
  expect(code(await verb(doubled, '$restrict', { security: 'R' }))).toBe('FORBIDDEN_UPDATE');
  expect(code(await verb(doubled, '$record-death', { date: '2020-05-06' }))).toBe('FORBIDDEN_UPDATE');
  expect((await get(kept)).body.meta.security[0].code).toBe('U');
});

test('merging into itself, into nobody, or without a number is refused and changes nothing', async () => {
  expect(code(await verb(kept, '$merge', { into: kept }))).toBe('INVALID_VALUE');
  expect(code(await verb(kept, '$merge', { into: '9449305552' }))).toBe('RESOURCE_NOT_FOUND');
  expect(code(await verb(kept, '$merge', {}))).toBe('INVALID_VALUE');
  expect((await get(kept)).body.meta.versionId).toBe('1');
});

test('of two merges of the same two records at once, one is done', async () => {
  const answers = await Promise.all([
    verb(doubled, '$merge', { into: kept }),
    verb(doubled, '$merge', { into: kept }),
    verb(kept, '$merge', { into: doubled }),
  ]);
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect((await get(kept)).body.id).toBe((await get(doubled)).body.id);
});

test('an invalidated record is answered as such, is found by nobody, and can be reinstated', async () => {
  expect((await verb(kept, '$invalidate')).status).toBe(200);
  expect(code(await get(kept))).toBe('INVALIDATED_RESOURCE');
  expect(await found('Penhaligon')).toBe(0);
  expect((await verb(kept, '$reinstate')).status).toBe(200);
  expect(await found('Penhaligon')).toBe(1);
});

test('a restriction hides the address at once, and its lifting shows it again', async () => {
  await verb(kept, '$restrict', { security: 'R' });
  const hidden = (await get(kept)).body;
  expect(hidden.meta.security[0]).toMatchObject({ code: 'R', display: 'restricted' });
  expect(hidden.address).toBeUndefined();
  await verb(kept, '$restrict', { security: 'U' });
  expect((await get(kept)).body.address[0].postalCode).toBe('TR1 1AA');
  expect(code(await verb(kept, '$restrict', { security: 'X' }))).toBe('INVALID_VALUE');
});

test('a formal death is recorded and can be taken back', async () => {
  const dead = await verb(kept, '$record-death', { date: '2020-05-06' });
  expect(dead.body.deceasedDateTime).toBe('2020-05-06T00:00:00+00:00');
  expect(dead.body.extension[0].extension[0].valueCodeableConcept.coding[0].code).toBe('2');
  expect((await verb(kept, '$record-death', { date: null })).body.deceasedDateTime).toBeUndefined();
  expect(code(await verb(kept, '$record-death', { date: '2999-01-01' }))).toBe('INVALID_VALUE');
  expect(code(await verb(kept, '$record-death', { date: '1989-12-31' }))).toBe('INVALID_VALUE');
});

test('the history says who made each version, when and by which verb, back to the first', async () => {
  await verb(kept, '$restrict', { security: 'R' });
  await verb(kept, '$restrict', { security: 'U' });
  const { body } = await verb(kept, '_history');
  expect(body.entry.map((entry: { response: { etag: string } }) => entry.response.etag)).toEqual([
    'W/"3"',
    'W/"2"',
    'W/"1"',
  ]);
  expect(body.entry[1].resource.meta.security[0].code).toBe('R');
  expect(JSON.parse(body.entry[0].extension[0].valueString)).toMatchObject({
    verb: 'restrict',
    madeBy: { mode: 'healthcare-worker' },
  });
});

test('only staff through a back-office application may', async () => {
  expect((await verb(kept, '$invalidate', {}, staff)).status).toBe(403);
  const app = await spine.token({ mode: 'application-restricted', attributes: { 'pds-back-office': 'true' } });
  expect((await verb(kept, '$invalidate', {}, app)).status).toBe(403);
  expect((await verb(kept, '_history', {}, staff)).status).toBe(403);
});
