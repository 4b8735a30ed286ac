import { describe, expect, test } from 'vitest';
import { display, type Json, nhsNumbers, person, told, urls } from '../../../../../test/support/people.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { plain, twin, restricted, veryRestricted, invalidated, superseded, gone } = nhsNumbers(
  944_930_800,
  'plain',
  'twin',
  'restricted',
  'veryRestricted',
  'invalidated',
  'superseded',
  'gone',
);
const named = (family: string, more: (record: Json) => void = () => {}) => ({
  change: (record: Json) => {
    record.name[0].family = family;
    more(record);
  },
});
await spine.control('load', {
  pds: {
    patients: [
      person(
        plain,
        named('Quillfeather', (record) => {
          record.name.push({ id: 'AA000002', use: 'nickname', given: ['Goldie'] });
          record.name.push({ id: 'AA000003', use: 'maiden', family: 'Fennimore', given: ['Marigold'] });
          record.address.push({ id: 'BB000002', use: 'temp', line: ['3 Lodge'], postalCode: 'LE17 4AA' });
          record.deceasedDateTime = '2023-02-01T00:00:00+00:00';
          record.extension.push({ url: urls.death, extension: [{ url: 'deathNotificationStatus' }] });
        }),
      ),
      person(twin, named('Twinborough')),
      person(gone, named('Twinborough')),
      person(restricted, { security: 'R', ...named('Hidewell') }),
      person(veryRestricted, { security: 'V', ...named('Hidefar') }),
      person(invalidated, named('Wrongman')),
    ],
    invalidated: [invalidated],
    superseded: { [superseded]: plain },
  },
});
const staff = await spine.token({ mode: 'healthcare-worker' });
const application = await spine.token({ mode: 'application-restricted' });
const privileged = await spine.token({ mode: 'privileged-application-restricted' });
const search = (query: string, token = staff, headers: Record<string, string | undefined> = {}) =>
  spine.pds(`/Patient?${query}`, { token, headers });
const born = 'birthdate=1984-03-09';
const found = (body: Json): string[] => (body.entry ?? []).map((entry: Json) => entry.resource.id);

describe('the answer', () => {
  test('is a searchset with scores, full addresses of the public host, and no ETag', async () => {
    const answer = await search(`family=Quillfeather&${born}&gender=female`);
    expect(answer.headers.has('etag')).toBe(false);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 });
    expect(answer.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    const [entry] = answer.body.entry;
    expect(entry.fullUrl).toBe(`https://api.service.nhs.uk/personal-demographics/FHIR/R4/Patient/${plain}`);
    expect(entry.search).toEqual({ score: 1 });
  });

  test('holds the demographics of a search and nothing else', async () => {
    const { body } = await search(`family=Quillfeather&${born}`);
    const { resource } = body.entry[0];
    expect(resource.name.map(({ use }: Json) => use)).toEqual(['usual', 'nickname']);
    expect(resource.address.map(({ use }: Json) => use)).toEqual(['home']);
    expect(resource.address[0].line).toEqual(['12 Weir Walk', 'Thornby']);
    expect(resource.extension.map(({ url }: Json) => url)).toEqual([urls.death]);
    const twins = await search(`family=Twinborough&${born}`);
    expect(twins.body.entry[0].resource).not.toHaveProperty('extension');
  });

  test('has no entry where nobody is found', async () => {
    const { body } = await search(`family=Nobody&${born}`);
    expect(body.total).toBe(0);
    expect(body).not.toHaveProperty('entry');
  });

  test('is in the order of score, then NHS number', async () => {
    expect(found((await search(`family=Twinborough&${born}`)).body)).toEqual([twin, gone].sort());
  });

  test('says too many, with status 200, beyond _max-results', async () => {
    const answer = await search(`family=Twinborough&${born}&_max-results=1`);
    expect(display(answer)).toBe('200 TOO_MANY_MATCHES Too Many Matches');
    expect(answer.body.issue[0].severity).toBe('information');
    expect((await search(`family=Twinborough&${born}&_max-results=2`)).body.total).toBe(2);
  });

  test('tells nothing of the reasons for a score unless they are asked for', async () => {
    const asked = await search(`family=Quillfeather&${born}`, staff, { 'x-explain-score': 'true' });
    expect(asked.body.entry[0].search.extension).toHaveLength(1);
  });
});

describe('who is found', () => {
  test('a restricted person without where they are; never by postcode or practice', async () => {
    const { body } = await search(`family=Hidewell&${born}`);
    expect(found(body)).toEqual([restricted]);
    for (const member of ['address', 'telecom', 'contact', 'generalPractitioner'])
      expect(body.entry[0].resource).not.toHaveProperty(member);
    expect((await search(`family=Hidewell&${born}&address-postalcode=NN6%208SW`)).body.total).toBe(0);
    expect((await search(`family=Hidewell&${born}&general-practitioner=K83002`)).body.total).toBe(0);
    expect((await search(`family=Hidewell&${born}&phone=07700900461`)).body.total).toBe(1);
  });

  test('a restricted person without where they are, to a privileged application too', async () => {
    const { body } = await search(`family=Hidewell&${born}`, privileged);
    expect(body.entry[0].resource).not.toHaveProperty('address');
  });

  test('nothing of a very restricted person but that there is somebody', async () => {
    const { body } = await search(`family=Hidefar&${born}`);
    for (const entry of body.entry ?? [])
      for (const member of ['name', 'birthDate', 'address', 'telecom'])
        expect(entry.resource).not.toHaveProperty(member);
  });

  test('an invalidated record never, a superseded one as the record that was kept', async () => {
    expect((await search(`family=Wrongman&${born}`)).body.total).toBe(0);
    expect(found((await search(`family=Quillfeather&${born}`)).body)).toEqual([plain]);
  });
});

describe('who asks', () => {
  test('a patient may not search', async () => {
    const token = await spine.token({ mode: 'patient', nhsNumber: plain });
    for (const query of [`family=Quillfeather&${born}`, '', 'year=1'])
      expect(display(await search(query, token))).toBe('403 ACCESS_DENIED Patient cannot perform this action');
  });

  test.each([
    ['application-restricted', application],
    ['privileged-application-restricted', privileged],
  ])('%s gets one unique match or none', async (mode, token) => {
    expect(found((await search(`family=Quillfeather&${born}`, token)).body)).toEqual([plain]);
    expect(found((await search(`family=Quillfeather&${born}&_max-results=1`, token)).body)).toEqual([plain]);
    expect(told(await search(`family=Twinborough&${born}`, token))).toBe('200 TOO_MANY_MATCHES');
    for (const query of [`family=Quillfeather&${born}&_max-results=2`, '_max-results=50', '_max-results=x']) {
      const answer = await search(query, token, { 'x-request-id': undefined });
      expect(display(answer)).toBe(`403 INVALID_VALUE Cannot retrieve more than one result with ${mode} access token`);
      expect(answer.body.issue[0].code).toBe('token');
      expect(answer.headers.get('content-type')).toBe('application/json');
    }
  });

  test('an application that may update searches as staff do', async () => {
    const token = await spine.token({
      mode: 'application-restricted',
      attributes: { 'app-restricted-update': 'true' },
    });
    expect((await search(`family=Twinborough&${born}`, token)).body.total).toBe(2);
  });
});

describe('the order of checks', () => {
  test.each([
    ['', '400 UNSUPPORTED_SERVICE'],
    [
      'year=1&birthdate=x',
      "400 ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('year' was unexpected)",
    ],
    [
      'a=1&b=2&family=X',
      "400 ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('a', 'b' were unexpected)",
    ],
    [
      'history=true&family=X&birthdate=2000-01-01',
      "400 ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('history' was unexpected)",
    ],
    ['birthdate=20101022', "400 INVALID_VALUE Invalid value - '20101022' in field 'birthdate'"],
    ['birthdate=gt2010-10-22', "400 INVALID_VALUE Invalid value - 'gt2010-10-22' in field 'birthdate'"],
    ['death-date=2010', "400 INVALID_VALUE Invalid value - '2010' in field 'death-date'"],
    ['family=X', "400 MISSING_VALUE Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"],
    ['gender=female', "400 MISSING_VALUE Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"],
    [
      born,
      "400 INVALID_SEARCH_DATA Invalid search data provided - 'No searches were performed as the search criteria did not meet the minimum requirements'",
    ],
    [
      `${born}&family=X&_fuzzy-match=true`,
      "400 INVALID_SEARCH_DATA Invalid search data provided - 'A fuzzy search was requested however the data given did not meet the fuzzy search criteria'",
    ],
    [
      `${born}&family=Qu*&given=M&_fuzzy-match=true`,
      "400 INVALID_SEARCH_DATA Invalid search data provided - 'A fuzzy search was requested however the data given did not meet the fuzzy search criteria'",
    ],
  ])('?%s is refused', async (query, refusal) => {
    const answer = await search(query);
    expect(told(answer)).toBe(refusal);
    expect(answer.headers.get('content-type')).toBe('application/fhir+json');
  });

  test('both spellings of the postcode are too many', async () => {
    const answer = await search(`family=X&${born}&address-postalcode=NN6%208SW&address-postcode=NN6%208SW`);
    expect(told(answer)).toMatch(/^400 INVALID_SEARCH_DATA /);
  });

  test('a missing request id comes before what was asked', async () => {
    expect(told(await search('year=1', staff, { 'x-request-id': undefined }))).toMatch(
      /^400 MISSING_VALUE .*X-Request-ID/,
    );
  });
});
