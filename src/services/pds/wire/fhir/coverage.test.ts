import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { display, type Json, nhsNumbers, person, told } from '../../../../../test/support/people.ts';
import { coverageRequest } from '../../../../../test/support/registration-requests.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { covered, uncovered, superseded, hidden } = nhsNumbers(
  944_931_100,
  'covered',
  'uncovered',
  'superseded',
  'hidden',
);
const card = (change: (body: Json) => void = () => {}, number = covered) =>
  coverageRequest((body: Json) => {
    body.subscriber.identifier.value = number;
    change(body);
  });
beforeEach(async () => {
  await spine.control('reset', { population: 'none' });
  const bundle = (resource: object) => ({ resourceType: 'Bundle', entry: [{ resource }] });
  await spine.control('load', {
    pds: {
      patients: [person(covered), person(uncovered), person(hidden)],
      superseded: { [superseded]: covered },
      coverageBundles: {
        [covered]: bundle(card()),
        [hidden]: bundle(
          card((body) => {
            delete body.payor;
          }),
        ),
      },
    },
  });
});
const tokenOf = (number: string, more: object = {}) => spine.token({ mode: 'patient', nhsNumber: number, ...more });
const own = await tokenOf(covered);
const read = async (number: string, token?: string, query = `subscriber:identifier=${number}`) =>
  spine.pds(`/Coverage?${query}`, { token: token ?? (await tokenOf(number)) });
const send = (body: unknown, headers: Record<string, string | undefined> = {}, token = own) =>
  spine.pds('/Coverage', {
    token,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-match': 'W/"3"', ...headers },
    body,
  });

describe('reading', () => {
  test('answers the card with the name of its country and the version of the patient', async () => {
    const answer = await read(covered);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"3"');
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
    expect(answer.body).toMatchObject({ type: 'searchset', total: 1, meta: { versionId: '3' } });
    const [entry] = answer.body.entry;
    expect(entry.fullUrl).toBe(
      `https://api.service.nhs.uk/personal-demographics/FHIR/R4/Coverage?subscriber:identifier=${covered}`,
    );
    expect(entry.resource.identifier[0].assigner.display).toMatch(/Netherlands/);
  });

  test('answers none where there is none, or where it lacks its institution', async () => {
    for (const number of [uncovered, hidden]) {
      const { body } = await read(number);
      expect(body.total).toBe(0);
      expect(body).not.toHaveProperty('entry');
    }
  });

  test('answers the card of the record that was kept to a patient of a superseded number', async () => {
    const { body } = await read(superseded);
    expect(body.total).toBe(1);
    expect(body.entry[0].resource.subscriber.identifier.value).toBe(covered);
  });

  test('takes the colon percent-encoded', async () => {
    expect((await read(covered, own, `subscriber%3Aidentifier=${covered}`)).status).toBe(200);
    expect((await read(covered, own, `subscriber%3aidentifier=${covered}`)).status).toBe(200);
  });

  test.each([
    '',
    'identifier=1234567890',
    'subscriber:identifier=123',
    'subscriber:identifier=12345678901',
    'subscriber:identifier=123456789a',
    `subscriber:identifier=${covered}&_format=json`,
    `_format=json&subscriber:identifier=${covered}`,
  ])('?%s has not the form', async (query) => {
    const answer = await read(covered, own, query);
    expect(told(answer)).toBe(
      "400 INVALID_SEARCH_DATA Invalid search data provided - 'Coverage search request must follow the format /Coverage?subscriber:identifier=NHS_NUMBER'",
    );
    expect(answer.headers.get('content-type')).toBe('application/json');
  });
});

describe('who may', () => {
  test.each([
    ['healthcare-worker', 'user-restricted'],
    ['application-restricted', 'application-restricted'],
    ['privileged-application-restricted', 'privileged-application-restricted'],
  ])('nobody comes as %s', async (mode, name) => {
    const token = await spine.token({ mode });
    expect(display(await read(covered, token))).toBe(`403 ACCESS_DENIED Cannot GET resource with ${name} access token`);
    const sent = await send('{', { 'if-match': undefined }, token);
    expect(display(sent)).toBe(`403 ACCESS_DENIED Cannot POST resource with ${name} access token`);
    expect(sent.body.issue[0].diagnostics).toBe(
      'Your app has insufficient permissions to use this operation. Please contact support.',
    );
  });

  test('an application that may update is no patient either', async () => {
    const token = await spine.token({
      mode: 'application-restricted',
      attributes: { 'app-restricted-update': 'true' },
    });
    expect((await read(covered, token)).status).toBe(403);
  });

  test('a patient sees and replaces their own card only, with strong proofing only', async () => {
    const denied = '403 ACCESS_DENIED Patient cannot perform this action';
    const other = await tokenOf(uncovered);
    expect(display(await read(covered, other))).toBe(denied);
    expect(display(await send(card(), {}, other))).toBe(denied);
    const weak = await tokenOf(covered, { vector: 'P9.Cp' });
    expect(display(await read(covered, weak))).toBe(denied);
    for (const body of [card(), {}, '{']) expect(display(await send(body, {}, weak))).toBe(denied);
  });

  test('no system that is registered for nothing', async () => {
    const token = await tokenOf(covered, { attributes: { interactions: 'none' } });
    expect(told(await read(covered, token))).toBe('401 ACCESS_DENIED');
    expect(told(await send('{', { 'if-match': undefined }, token))).toBe('401 ACCESS_DENIED');
  });

  test('a patient of a superseded number replaces no card', async () => {
    const token = await tokenOf(superseded);
    expect(display(await send(card(), {}, token))).toBe('403 ACCESS_DENIED Patient cannot perform this action');
    const old = await send(card(undefined, superseded), {}, token);
    expect(told(old)).toMatch(/^403 FORBIDDEN_UPDATE .* superseded in a merge$/);
  });
});

describe('replacing', () => {
  test('answers 201 with the card as it is read afterwards, one version on', async () => {
    const answer = await send(
      card((body) => {
        body.identifier[0].value = 'NL123';
      }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('W/"4"');
    const after = await read(covered);
    expect({ ...after.body, timestamp: '' }).toEqual({ ...answer.body, timestamp: '' });
    expect(after.body.entry[0].resource.identifier[0].value).toBe('NL123');
    const staff = await spine.token({ mode: 'healthcare-worker' });
    expect((await spine.pds(`/Patient/${covered}`, { token: staff })).headers.get('etag')).toBe('W/"4"');
  });

  test('takes the content type of an update, too', async () => {
    expect((await send(card(), { 'content-type': 'application/json-patch+json' })).status).toBe(201);
  });

  test.each([
    [{ 'x-request-id': undefined }, /^400 MISSING_VALUE .*X-Request-ID/],
    [{ 'if-match': undefined }, /^412 PRECONDITION_FAILED /],
    [{ 'if-match': '3' }, /^412 PRECONDITION_FAILED /],
    [{ 'content-type': 'text/plain' }, /^400 UNSUPPORTED_SERVICE$/],
    [{ 'if-match': 'W/"2"' }, /^409 RESOURCE_VERSION_MISMATCH$/],
  ])('with %j is refused', async (headers, refusal) => {
    expect(told(await send(card(), headers))).toMatch(refusal);
  });

  test.each([
    ['identifier', "400 MISSING_VALUE Missing value - 'identifier'"],
    ['status', "400 MISSING_VALUE Missing value - 'status'"],
    ['beneficiary', "400 MISSING_VALUE Missing value - 'beneficiary'"],
    ['payor', "400 MISSING_VALUE Missing value - 'payor'"],
    ['period', "400 MISSING_VALUE Missing value - 'period'"],
  ])('without %s is refused', async (member, refusal) => {
    const answer = await send(
      card((body) => {
        delete body[member];
      }),
    );
    expect(told(answer).startsWith(refusal)).toBe(true);
  });

  test('by one of two institutions is refused, both named as Python would', async () => {
    const answer = await send(
      card((body) => {
        body.payor = [{ identifier: { value: 'A1' } }, { identifier: { value: 'B2' } }];
      }),
    );
    expect(told(answer)).toBe(
      "400 TOO_MANY_VALUES_SUBMITTED Too many values submitted - [{'identifier': {'value': 'A1'}}, {'identifier': {'value': 'B2'}}] in field 'payor'",
    );
  });

  test('of twenty at once one is done', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(
          card((body) => {
            body.identifier[0].value = `NL${index}`;
          }),
        ),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  test('a repetition answers what the first answered, also after later changes, and is recorded', async () => {
    const headers = { 'x-request-id': randomUUID() };
    const mine = card((body) => {
      body.identifier[0].value = 'FIRST';
    });
    const first = await send(mine, headers);
    await send(card(), { 'if-match': 'W/"4"' });
    const again = await send(mine, headers);
    expect(again.status).toBe(201);
    expect(again.headers.get('etag')).toBe('W/"4"');
    expect({ ...again.body, timestamp: '' }).toEqual({ ...first.body, timestamp: '' });
    expect((await read(covered)).headers.get('etag')).toBe('W/"5"');
    const log = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${covered}`, {
      headers: { authorization: `Bearer ${own}` },
    });
    const { entry } = (await log.json()) as Json;
    const recorded = entry.filter((one: Json) => JSON.stringify(one).includes(headers['x-request-id']));
    expect(recorded).toHaveLength(2);
  });
});
