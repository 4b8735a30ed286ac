import { beforeEach, describe } from 'vitest';
import { isNhsNumber } from '../../src/platform/nhs/nhs-number.ts';
import type { PdsAnswer, SpineUnderTest } from '../support/spine.ts';
import { differences, without, withoutAll } from './differences.ts';
import type { Ledger } from './ledger.ts';
import { patches } from './patches.ts';
import { settle } from './population.ts';
import type { PublishedExamples } from './published.ts';

type Replay = { readonly ledger: Ledger; readonly spine: SpineUnderTest; readonly examples: PublishedExamples };
// biome-ignore lint/suspicious/noExplicitAny: whatever was published
type Json = any;

const registeringAuthority = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-RegisteringAuthority';
const birthPlaceUrl = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

/** Every published request that changes something, each in a population of its own. */
export function replayWrites({ ledger, spine, examples }: Replay): void {
  describe('writes', () => {
    let staff = '';
    beforeEach(async () => {
      await settle(spine, examples);
      staff = await spine.token({ mode: 'healthcare-worker' });
    });
    const post = (path: string, body: object) =>
      spine.pds(path, { token: staff, method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const madeConstants = () => examples.read('create/response-201.json');

    for (const name of ['request-Allocate_NHS_Number', 'request-maximal']) {
      ledger.replays(`create/${name}.json`, async () => {
        const request = examples.read(`create/${name}.json`);
        const answer = await post('/Patient', request);
        return createdDifferences(answer, { ...request, extension: storedExtensions(request) }, madeConstants());
      });
    }

    for (const [name, numbers] of [
      ['Single_Match_found', ['5900054586']],
      ['Multi_Match_found', ['5900036502', '5900053679']],
    ] as const) {
      // as published, these agree with the records in family name and postcode only, which is no match (README, section 10)
      ledger.replays(`create/request-${name}.json`, async () => {
        const request = examples.read(`create/request-${name}.json`);
        const created = await post('/Patient', request);
        const held = examples.read(`patients/${numbers[0]}.json`);
        const known = { given: held.name[0].given, family: held.name[0].family };
        const same = {
          ...request,
          gender: held.gender,
          birthDate: held.birthDate,
          name: [{ ...request.name[0], ...known }],
        };
        const refused = await post('/Patient', same);
        return [
          ...differences(created.status, 201, 'as published: status'),
          ...differences(
            { status: refused.status, body: refused.body },
            { status: 200, body: matchOutcome(examples, numbers) },
          ),
        ];
      });
    }

    ledger.replays('create/response-201.json', async () => {
      const published = examples.read('create/response-201.json');
      // the published answer shows one line of an address that needs two
      const line = ['', published.address[0].line[0], '', 'Leeds', ''];
      const request = requestFor(published, { line, extension: [authority(examples)] });
      return createdDifferences(await post('/Patient', request), without(request, 'extension'), published);
    });

    for (const name of ['request', 'request-maximal']) {
      ledger.replays(`birth/${name}.json`, async () => {
        const request = examples.read(`birth/${name}.json`);
        const answer = await post('/Patient/$process-birth-details', request);
        const again = await post('/Patient/$process-birth-details?ignore_potential_matches=true', request);
        return [
          ...bornDifferences(answer, request.entry[0].resource, madeConstants()),
          ...differences(again.body?.issue?.[0]?.details.coding[0].code, 'SINGLE_MATCH', 'the same birth again'),
        ];
      });
    }

    ledger.replays('birth/response-201.json', async () => {
      const published = examples.read('birth/response-201.json');
      const request = examples.read('birth/request.json');
      const [line, town] = published.address[0].line;
      Object.assign(
        request.entry[0].resource,
        without(requestFor(published, { line: ['', line, '', town, ''] }), 'extension', 'multipleBirthInteger'),
      );
      const answer = await post('/Patient/$process-birth-details', request);
      const idless = (patient: Json) => withoutAll(without(patient ?? {}, 'identifier'), 'id');
      return [...differences(answer.status, 201), ...differences(idless(answer.body), idless(published))];
    });

    ledger.replays('coverage/request-update.json', async () => {
      const request = examples.read('coverage/request-update.json');
      const nhsNumber = request.subscriber.identifier.value;
      const token = await spine.token({ mode: 'patient', nhsNumber });
      const before = await spine.pds(`/Coverage?subscriber:identifier=${nhsNumber}`, { token });
      const answer = await spine.pds('/Coverage', {
        token,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'if-match': before.headers.get('etag') ?? undefined },
        body: request,
      });
      const wanted = {
        ...request,
        subscriber: { ...request.subscriber, type: 'Patient' },
        beneficiary: { ...request.beneficiary, type: 'Patient' },
      };
      const after = await spine.pds(`/Coverage?subscriber:identifier=${nhsNumber}`, { token });
      return [
        ...differences(answer.status, 201),
        ...differences(answer.body?.meta?.versionId, String(Number(before.body?.meta?.versionId) + 1), 'version'),
        ...differences(answer.body?.entry?.[0]?.resource, wanted, 'resource'),
        ...differences(without(after.body, 'timestamp'), without(answer.body ?? {}, 'timestamp'), 'read back'),
      ];
    });

    for (const [name, { on, outcome }] of Object.entries(patches)) {
      ledger.replays(`patch/${name}.json`, async () => {
        const before = await spine.pds(`/Patient/${on}`, { token: staff });
        const answer = await spine.pds(`/Patient/${on}`, {
          token: staff,
          method: 'PATCH',
          headers: {
            'content-type': 'application/json-patch+json',
            'if-match': before.headers.get('etag') ?? undefined,
          },
          body: examples.read(`patch/${name}.json`),
        });
        const after = await spine.pds(`/Patient/${on}`, { token: staff });
        if ('refusal' in outcome) {
          const { diagnostics, details } = answer.body?.issue?.[0] ?? {};
          const got = { status: answer.status, code: details?.coding[0].code, diagnostics };
          const wanted =
            outcome.refusal.diagnostics === undefined ? { ...outcome.refusal, diagnostics } : outcome.refusal;
          return [...differences(got, wanted), ...differences(after.body, before.body, 'unchanged')];
        }
        const version = String(Number(before.body.meta.versionId) + 1);
        return [
          ...differences(answer.status, 200),
          ...differences(answer.headers.get('etag'), `W/"${version}"`, 'ETag'),
          ...differences(
            withoutNewIds(answer.body, before.body),
            { ...outcome.changes(before.body), meta: { ...before.body.meta, versionId: version } },
            'patched',
          ),
          ...differences(after.body, answer.body, 'read back'),
        ];
      });
    }
  });
}

/** The body of SINGLE_MATCH or MULTIPLE_MATCHES for these numbers. */
function matchOutcome(examples: PublishedExamples, numbers: readonly string[]): object {
  if (numbers.length > 1) return examples.read('errors/200-MULTIPLE_MATCHES-backend.json');
  const published = examples.read('errors/200-SINGLE_MATCH-backend.json');
  const [issue] = published.issue;
  return { ...published, issue: [{ ...issue, diagnostics: issue.diagnostics.replace('{nhsNumber}', numbers[0]) }] };
}

const authority = (examples: PublishedExamples): Json =>
  examples
    .read('create/request-Allocate_NHS_Number.json')
    .extension.find(({ url }: { url: string }) => url === registeringAuthority);

/** Extensions of a request that the record keeps: all but the authority that registered it. */
const storedExtensions = (request: Json): Json[] =>
  request.extension.filter(({ url }: { url: string }) => url !== registeringAuthority);

/** A request that asks for the published record. */
function requestFor(record: Json, { line, extension }: { line: string[]; extension?: Json[] }): Json {
  return {
    ...without(record, 'id', 'identifier', 'meta', 'extension'),
    name: record.name.map((name: object) => without(name, 'id')),
    address: [{ ...without(record.address[0], 'id'), line }],
    ...(extension ? { extension } : {}),
  };
}

/** Differences of a new record from what was asked for, ids apart; `like` is a published new record. */
function createdDifferences(answer: PdsAnswer, asked: Json, like: Json): string[] {
  const { status, body } = answer;
  const number = body?.id;
  const wanted = {
    ...asked,
    resourceType: 'Patient',
    address: asked.address.map(withoutBlankLines),
    identifier: [{ ...like.identifier[0], value: number }],
    meta: like.meta,
  };
  if (wanted.extension?.length === 0) delete wanted.extension;
  const objects = ['name', 'address', 'telecom'].flatMap((list) => (body?.[list] ?? []) as { id?: string }[]);
  return [
    ...differences(status, 201),
    ...(isNhsNumber(number) ? [] : [`/id: ${number} is no NHS number`]),
    ...(objects.every(({ id }) => /^[0-9A-F]{8}$/.test(id ?? '')) ? [] : ['an object without an id']),
    ...differences(withoutAll(withoutDisplays(body), 'id'), withoutDisplays(wanted)),
  ];
}

/** As `createdDifferences` for a newborn: birthplace without its text, and the notification's own id. */
function bornDifferences(answer: PdsAnswer, asked: Json, like: Json): string[] {
  const place = asked.extension.find(({ url }: { url: string }) => url === birthPlaceUrl);
  const baby = {
    ...without(asked, '_birthDate', 'telecom'),
    extension: [{ ...place, valueAddress: without(place.valueAddress, 'text') }],
  };
  const id = answer.headers.get('notification-id') ?? '';
  return [
    ...createdDifferences(answer, baby, like),
    ...(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? [] : [`notification-id: got '${id}'`]),
  ];
}

function withoutBlankLines(address: Json): Json {
  return { ...address, line: address.line.filter((line: string) => line !== '') };
}

/** The service completes the display and version of codes it knows. */
const withoutDisplays = (patient: Json): Json => withoutAll(withoutAll(patient ?? {}, 'display'), 'version');

/** The record without the ids of objects that were not there before. */
function withoutNewIds(record: Json, before: Json): Json {
  const held = new Set(JSON.stringify(before).match(/"id":"[^"]+"/g));
  return Object.fromEntries(
    Object.entries(record ?? {}).map(([member, value]) => [
      member,
      Array.isArray(value)
        ? value.map((one) => (held.has(`"id":${JSON.stringify(one?.id)}`) ? one : without(one, 'id')))
        : value,
    ]),
  );
}
