import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { display, type Json, told } from '../../../../../test/support/people.ts';
import { birthRequest, createRequest } from '../../../../../test/support/registration-requests.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';

const spine = await startSpine();
await spine.control('clock', { now: '2026-05-01T10:00:00Z' });
const staff = await spine.token({ mode: 'healthcare-worker' });
const post = (path: string, body: unknown, headers: Record<string, string | undefined> = {}, token = staff) =>
  spine.pds(path, { token, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const create = (body: unknown, headers?: Record<string, string | undefined>, token?: string) =>
  post('/Patient', body, headers, token);
const birthPath = '/Patient/$process-birth-details';
const notify = (body: unknown, headers?: Record<string, string | undefined>, token?: string) =>
  post(birthPath, body, headers, token);
/** A request about somebody else than every other. */
const stranger = (family: string, change: (body: Json) => void = () => {}) =>
  createRequest((body: Json) => {
    body.name[0].family = family;
    change(body);
  });
const recordsOf = async (number: string, requestId: string) => {
  const token = await spine.token({ mode: 'patient', nhsNumber: number });
  const log = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${number}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { entry = [] } = (await log.json()) as Json;
  return entry.filter((one: Json) => JSON.stringify(one).includes(requestId));
};

describe('creating a record', () => {
  test('answers 201 with the first version under a new NHS number, readable and searchable at once', async () => {
    const answer = await create(stranger('Applegarth'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
    const { body } = answer;
    expect(isNhsNumber(body.id)).toBe(true);
    expect(body).toMatchObject({ meta: { versionId: '1', security: [{ code: 'U' }] } });
    expect(body.identifier[0].extension[0].valueCodeableConcept.coding[0].code).toBe('01');
    expect(body.name[0].id).toMatch(/^[0-9A-F]{8}$/);
    expect(body.address[0].line).toEqual(['7 Sexton Row', 'Ripon']);
    expect((await spine.pds(`/Patient/${body.id}`, { token: staff })).body).toEqual(body);
    const found = await spine.pds('/Patient?family=Applegarth&birthdate=1979-08-21', { token: staff });
    expect(found.body.entry[0].resource.id).toBe(body.id);
  });

  test('is refused when the person has a record, or several could be meant', async () => {
    const first = await create(stranger('Bellwether'));
    const again = await create(stranger('bellwether'));
    expect(told(again)).toBe(
      `200 SINGLE_MATCH Unable to create new patient. NHS number ${first.body.id} found for supplied demographic data.`,
    );
    expect(again.headers.get('content-type')).toBe('application/fhir+json');
  });

  test('of twenty requests at once for one person makes one record', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(stranger('Copperthwaite'))));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter((answer) => told(answer).startsWith('200 SINGLE_MATCH'))).toHaveLength(19);
  });

  test('gives twenty people at once twenty numbers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => create(stranger(`Dun${String.fromCharCode(97 + index)}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(20);
  });

  test('a repetition answers what the first answered, also after a later change, and is recorded', async () => {
    const headers = { 'x-request-id': randomUUID() };
    const first = await create(stranger('Everdene'), headers);
    await spine.pds(`/Patient/${first.body.id}`, {
      token: staff,
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"1"' },
      body: { patches: [{ op: 'replace', path: '/gender', value: 'unknown' }] },
    });
    const again = await create(stranger('Everdene'), headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await recordsOf(first.body.id, headers['x-request-id'])).toHaveLength(2);
  });
});

describe('what must be there, in its order', () => {
  test.each(['name', 'address', 'gender', 'birthDate'])('%s', async (member) => {
    const order = ['name', 'address', 'gender', 'birthDate'];
    const answer = await create(
      stranger('Fernsby', (body) => {
        for (const one of order.slice(order.indexOf(member))) delete body[one];
      }),
    );
    expect(told(answer)).toBe(`400 MISSING_VALUE Missing value - '${member}'`);
  });

  test('a period of the address', async () => {
    const answer = await create(
      stranger('Fernsby', (body) => {
        delete body.address[0].period;
      }),
    );
    expect(told(answer)).toBe("400 MISSING_VALUE Missing value - 'address/0/period'");
  });

  test.each([
    [
      'a member too many',
      (body: Json) => {
        body.maritalStatus = {};
      },
      "400 ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('maritalStatus' was unexpected)",
    ],
    [
      'given names that are no list',
      (body: Json) => {
        body.name[0].given = 'not an array';
      },
      "400 INVALID_VALUE Invalid value - 'not an array' in field 'name/0/given'",
    ],
    [
      'an address that is a list',
      (body: Json) => {
        body.address[0] = ['another', 'array'];
      },
      "400 INVALID_VALUE Invalid value - '['another', 'array']' in field 'address/0'",
    ],
    [
      'six given names',
      (body: Json) => {
        body.name[0].given = ['A', 'B', 'C', 'D', 'E', 'F'];
      },
      "400 TOO_MANY_VALUES_SUBMITTED Too many values submitted - ['A', 'B', 'C', 'D', 'E', 'F'] in field 'name/0/given'",
    ],
    [
      'one line of an address',
      (body: Json) => {
        body.address[0].line = ['7 Sexton Row'];
      },
      "400 INVALID_CREATE Invalid patient create data provided - 'address lines 1 and 4 or 2 and 4 must be completed as a minimum'",
    ],
    [
      'an e-mail that is none',
      (body: Json) => {
        body.telecom[0].value = 'odile at example';
      },
      "400 INVALID_CREATE Invalid patient create data provided - 'email format is invalid'",
    ],
    [
      'the end of a usual name',
      (body: Json) => {
        body.name[0].period.end = '2022-01-01';
      },
      "400 INVALID_CREATE Invalid patient create data provided - 'An end date can not be provided on usual name'",
    ],
  ])('%s is refused', async (_what, change, refusal) => {
    expect(told(await create(stranger('Fernsby', change)))).toBe(refusal);
  });
});

describe.each([
  ['creating', create, () => stranger('Gathercole')],
  ['notifying a birth', notify, () => birthRequest()],
] as const)('%s: who asks and how', (_verb, ask, request) => {
  test.each([
    ['application-restricted', 'application-restricted'],
    ['privileged-application-restricted', 'privileged-application-restricted'],
    ['patient', 'patient-access'],
  ])('%s may not', async (mode, name) => {
    const token = await spine.token({ mode, nhsNumber: '9449306621' });
    const answer = await ask('{', { 'x-request-id': undefined }, token);
    expect(display(answer)).toBe(`403 INVALID_METHOD Cannot create resource with ${name} access token`);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('the request id comes before the body', async () => {
    expect(told(await ask('{', { 'x-request-id': undefined }))).toMatch(/^400 MISSING_VALUE .*X-Request-ID/);
  });

  test.each(['{', '[1', '', '"\ud800"'])('%j is no body', async (body) => {
    const answer = await ask(body);
    expect(answer.status).toBe(400);
    expect(answer.body.issue).toHaveLength(1);
  });

  test('another content type is an unsupported service', async () => {
    expect(told(await ask(request(), { 'content-type': 'text/plain' }))).toBe('400 UNSUPPORTED_SERVICE');
    expect(told(await ask(request(), { 'content-type': undefined }))).toBe('400 UNSUPPORTED_SERVICE');
  });
});

describe('a birth notification', () => {
  const baby = (family: string, mother: string, change: (resource: Json, bundle: Json) => void = () => {}) =>
    birthRequest((bundle: Json) => {
      bundle.entry[0].resource.name[0].family = family;
      for (const index of [6, 7]) bundle.entry[index].resource.identifier[0].value = mother;
      change(bundle.entry[0].resource, bundle);
    });

  test('answers 201 with the newborn and the id of the notification', async () => {
    const answer = await notify(baby('Hazelrigg', '9994128736'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('notification-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(answer.body).toMatchObject({ multipleBirthInteger: 1, birthDate: '2026-03-04' });
    const place = answer.body.extension.find(({ url }: Json) => url.endsWith('patient-birthPlace'));
    expect(place.valueAddress).toEqual({ city: 'Harrogate', country: '1' });
    expect((await spine.pds(`/Patient/${answer.body.id}`, { token: staff })).body).toEqual(answer.body);
  });

  test('a similar baby of another mother is let through where asked; the same birth never is', async () => {
    const first = await notify(baby('Inchbald', '9995733102'));
    expect(first.status).toBe(201);
    const other = baby('Inchbald', '9449306621');
    const match = `200 SINGLE_MATCH Unable to create new patient. NHS number ${first.body.id} found for supplied demographic data.`;
    expect(told(await notify(other))).toBe(match);
    const anyway = `${birthPath}?ignore_potential_matches=true`;
    expect((await post(anyway, other)).status).toBe(201);
    expect(told(await post(anyway, baby('Inchbald', '9995733102')))).toBe(match);
  });

  test('a repetition answers what the first answered, its notification id too', async () => {
    const headers = { 'x-request-id': randomUUID() };
    const request = baby('Juddock', '9994128736', (resource) => {
      resource.multipleBirthInteger = 2;
    });
    const first = await notify(request, headers);
    const again = await notify(request, headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('notification-id')).toBe(first.headers.get('notification-id'));
    expect(await recordsOf(first.body.id, headers['x-request-id'])).toHaveLength(2);
  });

  test.each([
    [
      'eleven entries',
      (_: Json, bundle: Json) => bundle.entry.pop(),
      "400 TOO_FEW_VALUES_SUBMITTED Too few values submitted - <json too long to display> in field 'entry'",
    ],
    [
      'a name without use',
      (resource: Json) => {
        delete resource.name[0].use;
      },
      "400 MISSING_VALUE Missing value - 'entry/0/resource/name/0/use'",
    ],
    [
      'a gender that is none',
      (resource: Json) => {
        resource.gender = 'boy';
      },
      "400 INVALID_VALUE Invalid value - 'boy' in field 'gender'",
    ],
    [
      'a birth date that is none',
      (resource: Json) => {
        resource.birthDate = '2026-02-30';
      },
      "400 INVALID_VALUE Invalid value - '2026-02-30' in field 'birthDate'",
    ],
    [
      'a weight beyond any baby',
      (_: Json, bundle: Json) => {
        bundle.entry[1].resource.valueQuantity.value = 99;
      },
      "400 INVALID_VALUE Invalid value - '99' in field 'entry/1/resource/valueQuantity/value'",
    ],
  ])('with %s is refused', async (_what, change, refusal) => {
    expect(told(await notify(baby('Kettlewell', '9994128736', change)))).toBe(refusal);
  });
});
