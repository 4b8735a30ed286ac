import { beforeAll, describe } from 'vitest';
import type { PdsAnswer, SpineUnderTest } from '../support/spine.ts';
import { differences } from './differences.ts';
import type { Ledger } from './ledger.ts';
import { settle } from './population.ts';
import type { PublishedExamples } from './published.ts';

type Asked = Parameters<SpineUnderTest['pds']>[1];
/** A request that must be answered with the example, placeholders of its diagnostics filled in by `fill`. */
type Provocation = {
  readonly path: string;
  readonly options?: Omit<Asked, 'token'>;
  /** Who asks, as `/sandbox/token` takes it; staff by default. */
  readonly as?: object;
  readonly fill?: Readonly<Record<string, string>>;
};

const json = { 'content-type': 'application/json' };
const patch = (path: string, patches: object[], headers: Record<string, string | undefined> = {}): Provocation => ({
  path,
  options: {
    method: 'PATCH',
    headers: { 'content-type': 'application/json-patch+json', 'if-match': 'W/"2"', ...headers },
    body: { patches },
  },
});
const post = (path: string, body: unknown): Provocation => ({
  path,
  options: { method: 'POST', headers: json, body },
});

/** A record of the test's own that is invalid. */
const invalidated = '9449305552';

/** For each published error body a request that provokes it. */
function provocations(examples: PublishedExamples): Readonly<Record<string, Provocation>> {
  const create = (change: object) => ({ ...examples.read('create/request-Allocate_NHS_Number.json'), ...change });
  const personOf = (number: string) => {
    const { name, gender, birthDate, address } = examples.read(`patients/${number}.json`);
    const { given, family } = name[0];
    const [home] = create({}).address;
    return create({
      name: [{ ...create({}).name[0], given, family }],
      gender,
      birthDate,
      address: [{ ...home, postalCode: address[0].postalCode }],
    });
  };
  const birth = (change: (bundle: ReturnType<PublishedExamples['read']>) => void) => {
    const bundle = examples.read('birth/request.json');
    change(bundle);
    return bundle;
  };
  const second = { op: 'add', path: '/name/-', value: { use: 'usual', family: 'Other', given: ['Ann'] } };
  return {
    '200-MULTIPLE_MATCHES-backend': post('/Patient', personOf('5900036502')),
    '200-SINGLE_MATCH-backend': { ...post('/Patient', personOf('5900054586')), fill: { nhsNumber: '5900054586' } },
    '200-TOO_MANY_MATCHES-backend': { path: '/Patient?family=YOUDS&birthdate=1970-01-24&_max-results=3' },
    '400-ADDITIONAL_PROPERTIES-backend': { path: '/Patient?family=Smith&year=2010', fill: { name: 'year' } },
    '400-INSERT_BIRTH_DEATH_STATUS_INCONSISTENT-backend': post(
      '/Patient/$process-birth-details',
      birth((bundle) => {
        bundle.entry[0].resource.deceasedDateTime = '2026-01-02';
        bundle.entry[0].resource.extension.push(examples.read('patients/9000000009.json').extension[3]);
      }),
    ),
    '400-INVALID_CREATE-backend': post(
      '/Patient',
      create({
        address: [{ use: 'home', line: ['1 Boar Lane'], postalCode: 'LS1 6AE', period: { start: '2020-01-01' } }],
      }),
    ),
    '400-INVALID_RESOURCE_ID-backend': { path: '/Patient/9000000000' },
    '400-INVALID_SEARCH_DATA-backend': { path: '/Patient?birthdate=2010-10-22' },
    '400-INVALID_SEARCH_DATA-gateway': {
      path: '/Coverage?identifier=9000000009',
      as: { mode: 'patient', nhsNumber: '9000000009' },
    },
    '400-INVALID_UPDATE-backend': patch('/Patient/9000000009', []),
    '400-INVALID_VALUE-backend': {
      path: '/Patient?family=Smith&birthdate=20101022',
      fill: { value: '20101022', 'query parameter or json path': 'birthdate' },
    },
    '400-INVALID_VALUE-gateway': {
      path: '/Patient/9000000009',
      options: { headers: { 'x-request-id': '1234' } },
      fill: { value: '1234' },
    },
    '400-MISSING_VALUE-backend': {
      path: '/Patient/9000000009',
      options: { headers: { 'x-request-id': undefined } },
    },
    '400-MISSING_VALUE-gateway': {
      path: '/Patient/9000000009',
      as: { mode: 'healthcare-worker', attributes: { asid: '' } },
    },
    '400-TOO_FEW_VALUES_SUBMITTED-backend': post(
      '/Patient/$process-birth-details',
      birth((bundle) => bundle.entry.pop()),
    ),
    '400-TOO_MANY_VALUES_SUBMITTED-backend': post(
      '/Patient',
      create({
        name: [{ ...create({}).name[0], given: ['One', 'Two', 'Three', 'Four', 'Five', 'six'] }],
      }),
    ),
    '400-UNSUPPORTED_REQUEST-gateway': { path: '/HelloWorld', fill: { 'path suffix': '/HelloWorld' } },
    '400-UNSUPPORTED_SERVICE-backend': { path: '/Patient/9000000009', options: { method: 'PUT', body: {} } },
    '401-ACCESS_DENIED-backend': {
      path: '/Patient/9000000009',
      as: { mode: 'healthcare-worker', attributes: { interactions: 'none' } },
    },
    '401-ACCESS_DENIED-gateway': { path: '/_status', options: { headers: { apikey: 'wrong' } } },
    '403-ACCESS_DENIED-gateway': {
      path: '/Patient/9000000017',
      as: { mode: 'patient', nhsNumber: '9000000009' },
    },
    '403-FORBIDDEN_UPDATE-backend': patch('/Patient/9000000009', [second]),
    '404-INVALIDATED_RESOURCE-backend': { path: `/Patient/${invalidated}` },
    '404-RESOURCE_NOT_FOUND-backend': { path: `/Patient/${examples.read('patients/index.json').notFoundExample}` },
    '409-RESOURCE_VERSION_MISMATCH-backend': patch(
      '/Patient/9000000009',
      [{ op: 'replace', path: '/gender', value: 'male' }],
      { 'if-match': 'W/"1"' },
    ),
    '412-PRECONDITION_FAILED-backend': patch('/Patient/9000000009', [second], { 'if-match': undefined }),
    '502-UNKNOWN_ERROR-gateway': { path: '/Patient/9000000009', options: { method: 'OPTIONS' } },
  };
}

/**
 * Every published error body, provoked. `limited` is a Spine with the published rate limits, `busy` one that lets in one
 * request at a time.
 */
export function replayErrors(replay: {
  readonly ledger: Ledger;
  readonly spine: SpineUnderTest;
  readonly limited: SpineUnderTest;
  readonly busy: SpineUnderTest;
  readonly examples: PublishedExamples;
}): void {
  const { ledger, spine, limited, busy, examples } = replay;
  describe('errors', () => {
    beforeAll(async () => {
      await settle(spine, examples);
      await spine.control('load', {
        pds: { patients: [{ resourceType: 'Patient', id: invalidated }], invalidated: [invalidated] },
      });
    });

    for (const [name, { path, options = {}, as, fill = {} }] of Object.entries(provocations(examples))) {
      ledger.replays(`errors/${name}.json`, async () => {
        const token = await spine.token(as ?? { mode: 'healthcare-worker' });
        return errorDifferences(name, await spine.pds(path, { token, ...options }), filled(examples, name, fill));
      });
    }

    ledger.replays('errors/429-TOO_MANY_REQUESTS-gateway.json', async () => {
      const token = await limited.token({ mode: 'healthcare-worker' });
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, application) => application).map(async (application) =>
          limited.pds('/Patient', {
            token:
              application === 0 ? token : await limited.token({ mode: 'healthcare-worker', appId: `${application}` }),
            method: 'POST',
            headers: json,
            body: {},
          }),
        ),
      );
      const refused = answers.filter(({ status }) => status === 429);
      const name = '429-TOO_MANY_REQUESTS-gateway';
      if (refused.length < 6) return [`of 12 create requests at once ${refused.length} were turned away`];
      return refused.flatMap((answer) => errorDifferences(name, answer, filled(examples, name, {})));
    });

    ledger.replays('errors/503-SERVICE_UNAVAILABLE-gateway.json', async () => {
      const token = await busy.token({ mode: 'healthcare-worker' });
      const answers = await Promise.all(Array.from({ length: 40 }, () => busy.pds('/Patient/9000000009', { token })));
      const refused = answers.filter(({ status }) => status === 503);
      const name = '503-SERVICE_UNAVAILABLE-gateway';
      if (refused.length === 0) return ['nothing was turned away'];
      return refused.flatMap((answer) => [
        ...errorDifferences(name, answer, filled(examples, name, {})),
        ...differences(answer.headers.get('retry-after'), '5', 'Retry-After'),
      ]);
    });
  });
}

/** The example with the placeholders of its diagnostics filled in. */
function filled(examples: PublishedExamples, name: string, fill: Readonly<Record<string, string>>): object {
  let text = JSON.stringify(examples.read(`errors/${name}.json`));
  for (const [placeholder, value] of Object.entries(fill)) text = text.replace(`{${placeholder}}`, value);
  return JSON.parse(text) as object;
}

/** Status by the example's name, body to the letter, content type by who raises it. */
function errorDifferences(name: string, answer: PdsAnswer, wanted: object): string[] {
  return [
    ...differences(answer.status, Number(name.slice(0, 3)), 'status'),
    ...differences(answer.body, wanted),
    ...differences(
      answer.headers.get('content-type'),
      name.endsWith('-gateway') ? 'application/json' : 'application/fhir+json',
      'Content-Type',
    ),
  ];
}
