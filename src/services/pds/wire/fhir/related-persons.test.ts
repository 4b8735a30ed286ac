import { describe, expect, test } from 'vitest';
import { display, nhsNumbers, person, told } from '../../../../../test/support/people.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { open, alone, restricted, superseded, invalidated, hiddenFriend, unheld } = nhsNumbers(
  944_930_900,
  'open',
  'alone',
  'restricted',
  'superseded',
  'invalidated',
  'hiddenFriend',
  'unheld',
);
const related = (id: string, number?: string) => ({
  fullUrl: `urn:${id}`,
  resource: {
    resourceType: 'RelatedPerson',
    id,
    active: true,
    ...(number ? { patient: { identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: number } } } : {}),
    relationship: [{ coding: [{ code: 'Guardian' }] }],
    address: [{ use: 'home', line: ['5 Mews'], postalCode: 'CV21 2AA' }],
    telecom: [{ system: 'phone', value: '01788555010' }],
  },
});
const bundle = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'searchset', total: entry.length, entry });
await spine.control('load', {
  pds: {
    patients: [
      person(open),
      person(alone),
      person(restricted, { security: 'R' }),
      person(invalidated),
      person(hiddenFriend, { security: 'R' }),
    ],
    invalidated: [invalidated],
    superseded: { [superseded]: open },
    relatedPersonBundles: {
      [open]: bundle(related('1A2B3C4D', alone), related('1A2B3C4E', hiddenFriend)),
      [restricted]: bundle(related('1A2B3C4F', alone)),
    },
  },
});
const staff = await spine.token({ mode: 'healthcare-worker' });
const ask = (number: string, token = staff, headers: Record<string, string | undefined> = {}) =>
  spine.pds(`/Patient/${number}/RelatedPerson`, { token, headers });

describe('the answer', () => {
  test('is a searchset of the people as they are held', async () => {
    const { status, body } = await ask(open);
    expect(status).toBe(200);
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 2 });
    expect(body.entry[0]).toEqual({
      fullUrl: `https://api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/${open}/RelatedPerson/1A2B3C4D`,
      resource: related('1A2B3C4D', alone).resource,
    });
  });

  test('leaves out where a restricted person lives', async () => {
    const { body } = await ask(open);
    expect(body.entry[1].resource.id).toBe('1A2B3C4E');
    expect(body.entry[1].resource).not.toHaveProperty('address');
    expect(body.entry[1].resource).not.toHaveProperty('telecom');
  });

  test('is empty, without entry, when there is nobody or the patient is restricted', async () => {
    for (const number of [alone, restricted]) {
      const { body } = await ask(number);
      expect(body.total).toBe(0);
      expect(body).not.toHaveProperty('entry');
    }
  });

  test('of a superseded number is that of the record that was kept', async () => {
    expect((await ask(superseded)).body.total).toBe(2);
  });
});

describe('refusals', () => {
  test.each([
    ['9000000000', '400 INVALID_RESOURCE_ID'],
    ['x', '400 INVALID_RESOURCE_ID'],
    [unheld, '404 RESOURCE_NOT_FOUND'],
    [invalidated, '404 INVALIDATED_RESOURCE'],
  ])('%s: %s', async (number, refusal) => {
    expect(told(await ask(number))).toBe(refusal);
  });

  test('a missing request id comes before the number', async () => {
    expect(told(await ask('x', staff, { 'x-request-id': undefined }))).toMatch(/^400 MISSING_VALUE/);
  });

  test('a patient sees their own related people, nobody else’s', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: open });
    expect((await ask(open, token)).body.total).toBe(2);
    for (const number of [alone, unheld, 'x'])
      expect(display(await ask(number, token))).toBe('403 ACCESS_DENIED Patient cannot perform this action');
    const weak = await spine.token({ mode: 'patient', nhsNumber: open, vector: 'P9.Cp' });
    expect((await ask(open, weak)).status).toBe(403);
  });

  test('applications may ask for anybody', async () => {
    for (const mode of ['application-restricted', 'privileged-application-restricted'])
      expect((await ask(open, await spine.token({ mode }))).status).toBe(200);
  });
});
