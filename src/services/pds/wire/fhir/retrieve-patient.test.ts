import { describe, expect, test } from 'vitest';
import { display, type Json, nhsNumbers, person, told, urls } from '../../../../../test/support/people.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { open, restricted, veryRestricted, invalidated, superseded, twiceSuperseded, mergedIntoInvalidated, unheld } =
  nhsNumbers(
    944_930_710,
    'open',
    'restricted',
    'veryRestricted',
    'invalidated',
    'superseded',
    'twiceSuperseded',
    'mergedIntoInvalidated',
    'unheld',
  );
const { removed, removedLdn, consenting } = nhsNumbers(944_930_730, 'removed', 'removedLdn', 'consenting');

const removal = (code: string) => ({
  url: urls.removal,
  extension: [
    {
      url: 'removalFromRegistrationCode',
      valueCodeableConcept: {
        coding: [
          { system: 'https://fhir.nhs.uk/CodeSystem/PDS-RemovalReasonExitCode', code, display: `Reason ${code}` },
        ],
      },
    },
    { url: 'effectiveTime', valuePeriod: { start: '2020-01-01T00:00:00+00:00' } },
  ],
});
const consent = (type: string, value: string) => ({
  url: urls.consent,
  extension: [
    { url: 'consentType', valueCodeableConcept: { coding: [{ code: type, display: 'ncrs' }] } },
    { url: 'consentValue', valueCodeableConcept: { coding: [{ code: value, display: 'consent' }] } },
  ],
});
const ethnicity = { url: urls.ethnicity, valueCodeableConcept: { coding: [{ code: 'C' }] } };

await spine.control('load', {
  pds: {
    patients: [
      person(open),
      person(restricted, { security: 'R' }),
      person(veryRestricted, { security: 'V' }),
      person(invalidated),
      person(mergedIntoInvalidated),
      person(removed, { change: (record) => record.extension.push(removal('AFN'), ethnicity) }),
      person(removedLdn, { change: (record) => record.extension.push(removal('LDN')) }),
      person(consenting, {
        change: (record) => record.extension.push(consent('4', '1'), consent('4', '3'), consent('2', '1')),
      }),
    ],
    invalidated: [invalidated],
    superseded: {
      [superseded]: open,
      [twiceSuperseded]: superseded,
      [mergedIntoInvalidated]: invalidated,
    },
  },
});

const staff = await spine.token({ mode: 'healthcare-worker' });
const application = await spine.token({ mode: 'application-restricted' });
const privileged = await spine.token({ mode: 'privileged-application-restricted' });
const withAttribute = (name: string) => spine.token({ mode: 'healthcare-worker', attributes: { [name]: 'true' } });
const retrieve = (number: string, token = staff) => spine.pds(`/Patient/${number}`, { token });
const located = ['address', 'telecom', 'contact', 'generalPractitioner'];

describe('whose record', () => {
  test('the ETag names the version of the record', async () => {
    const answer = await retrieve(open);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('W/"3"');
    expect(answer.body.meta.versionId).toBe('3');
  });

  test.each(['9000000000', '900000000', '90000000090', 'abc', '９４４９３０７１０１', '%20', "1'--"])(
    '%s is no NHS number',
    async (number) => {
      expect(told(await retrieve(number))).toBe('400 INVALID_RESOURCE_ID');
    },
  );

  test('a number that nobody has is not found, as information', async () => {
    const answer = await retrieve(unheld);
    expect(told(answer)).toBe('404 RESOURCE_NOT_FOUND');
    expect(answer.body.issue[0].severity).toBe('information');
    expect(answer.body.issue[0]).not.toHaveProperty('diagnostics');
    expect(answer.headers.has('etag')).toBe(false);
  });

  test('an invalidated record is not shown, nor one merged into it', async () => {
    expect(told(await retrieve(invalidated))).toBe('404 INVALIDATED_RESOURCE');
    expect(told(await retrieve(mergedIntoInvalidated))).toBe('404 INVALIDATED_RESOURCE');
  });

  test('a superseded number answers the record that was kept, over several merges too', async () => {
    const kept = await retrieve(open);
    for (const number of [superseded, twiceSuperseded]) {
      const answer = await retrieve(number);
      expect(answer.body).toEqual(kept.body);
      expect(answer.headers.get('etag')).toBe('W/"3"');
    }
  });
});

describe('who asks', () => {
  test.each([
    ['staff', staff],
    ['an application', application],
    ['a privileged application', privileged],
  ])('%s may retrieve anybody', async (_who, token) => {
    expect((await retrieve(open, token)).status).toBe(200);
  });

  test.each([
    ['P9.Cp.Cd', 'P9', 200],
    ['P9.Cp.Ck', 'P9', 200],
    ['P9.Cm', 'P9', 200],
    ['P9.Cp', 'P9', 403],
    ['P5.Cp.Cd', 'P5', 403],
    ['P9.Cp.Cd', 'P5', 403],
    ['P0', 'P0', 403],
  ])('a patient proven as %s at level %s is answered %i', async (vector, proofing, status) => {
    const token = await spine.token({ mode: 'patient', nhsNumber: open, vector, proofing });
    expect((await retrieve(open, token)).status).toBe(status);
  });

  test('a patient is refused another number before anything is said of it', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: open });
    for (const number of [restricted, unheld, invalidated, '9000000000', 'abc']) {
      const answer = await retrieve(number, token);
      expect(display(answer)).toBe('403 ACCESS_DENIED Patient cannot perform this action');
      expect(answer.headers.get('content-type')).toBe('application/json');
    }
  });

  test('a patient signed in with a superseded number sees the record that was kept, by the old number only', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: superseded });
    expect((await retrieve(superseded, token)).body.id).toBe(open);
    expect((await retrieve(open, token)).status).toBe(403);
  });
});

describe('confidentiality', () => {
  test('a restricted record comes without where the person is', async () => {
    for (const token of [staff, application]) {
      const { body } = await retrieve(restricted, token);
      for (const member of [...located, 'extension']) expect(body).not.toHaveProperty(member);
      expect(body.name[0].family).toBe('Osgathorpe');
      expect(body.birthDate).toBe('1984-03-09');
      expect(body.meta.security[0].code).toBe('R');
    }
  });

  test('a very restricted one without name and birth date, too', async () => {
    for (const token of [staff, application, privileged]) {
      const { body } = await retrieve(veryRestricted, token);
      for (const member of [...located, 'name', 'birthDate', 'extension']) expect(body).not.toHaveProperty(member);
      expect(body.gender).toBe('female');
    }
  });

  test('a privileged application sees where a restricted person is', async () => {
    const { body } = await retrieve(restricted, privileged);
    for (const member of located) expect(body).toHaveProperty(member);
    expect(body.extension.map((extension: Json) => extension.url)).toEqual([urls.pharmacy, urls.birthPlace]);
  });
});

describe('attributes of the application', () => {
  test('blank address lines are left out, or shown as absent to who asks for them', async () => {
    expect((await retrieve(open)).body.address[0].line).toEqual(['12 Weir Walk', 'Thornby']);
    const { body } = await retrieve(open, await withAttribute('return-empty-address-lines'));
    const absent = { extension: [expect.objectContaining({ url: expect.stringContaining('data-absent-reason') })] };
    expect(body.address[0].line).toEqual([null, '12 Weir Walk', null, 'Thornby', null]);
    expect(body.address[0]._line).toEqual([absent, null, absent, null, absent]);
  });

  const reason = (body: Json) =>
    body.extension.find(({ url }: Json) => url === urls.removal).extension[0].valueCodeableConcept.coding[0];

  test('confidential reasons of removal are another reason, but for who may see them; LDN for nobody', async () => {
    const trusted = await withAttribute('return-confidential-reason-for-removal');
    expect(reason((await retrieve(removed)).body)).toMatchObject({ code: 'ORR', display: 'Other Reason' });
    expect(reason((await retrieve(removed, trusted)).body)).toMatchObject({ code: 'AFN' });
    expect(reason((await retrieve(removedLdn)).body)).toMatchObject({ code: 'ORR' });
    expect(reason((await retrieve(removedLdn, trusted)).body)).toMatchObject({ code: 'ORR' });
  });

  test('consent to record sharing is shown to who asks for it, no other consent to anybody', async () => {
    const consents = async (token: string) =>
      (await retrieve(consenting, token)).body.extension.filter(({ url }: Json) => url === urls.consent);
    expect(await consents(staff)).toEqual([]);
    expect(await consents(await withAttribute('return-nhs-record-sharing-consent'))).toEqual([consent('4', '1')]);
  });

  test('the ethnic category is shown to systems enabled for it', async () => {
    const isShown = async (token: string) =>
      (await retrieve(removed, token)).body.extension.some(({ url }: Json) => url === urls.ethnicity);
    expect(await isShown(staff)).toBe(false);
    expect(await isShown(await withAttribute('return-ethnic-category'))).toBe(true);
  });

  test('only "true" switches an attribute on', async () => {
    const token = await spine.token({
      mode: 'healthcare-worker',
      attributes: { 'return-empty-address-lines': 'false' },
    });
    expect((await retrieve(open, token)).body.address[0]).not.toHaveProperty('_line');
  });
});
