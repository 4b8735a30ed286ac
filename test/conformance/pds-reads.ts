import { beforeAll, describe } from 'vitest';
import type { SpineUnderTest } from '../support/spine.ts';
import { differences, without } from './differences.ts';
import type { Ledger } from './ledger.ts';
import { settle } from './population.ts';
import type { PublishedExamples } from './published.ts';
import { searches } from './searches.ts';

type Replay = { readonly ledger: Ledger; readonly spine: SpineUnderTest; readonly examples: PublishedExamples };
type Entry = { readonly fullUrl: string; readonly search: { readonly score: number }; readonly resource: object };

const invalidResourceId = 'errors/400-INVALID_RESOURCE_ID-backend.json';

/** Every published patient, searchset, related-person and Coverage bundle, read from the published population. */
export function replayReads({ ledger, spine, examples }: Replay): void {
  describe('reads', () => {
    let staff = '';
    beforeAll(async () => {
      await settle(spine, examples);
      staff = await spine.token({ mode: 'healthcare-worker' });
    });

    const { patients } = examples.read('patients/index.json') as {
      patients: { nhsNumber: string; file: string; checkDigitValid: boolean }[];
    };
    for (const { nhsNumber, file, checkDigitValid } of patients) {
      const published = examples.read(`patients/${file}`);
      ledger.replays(`patients/${file}`, async () => {
        const { status, body, headers } = await spine.pds(`/Patient/${nhsNumber}`, { token: staff });
        if (!checkDigitValid)
          return differences({ status, body }, { status: 400, body: examples.read(invalidResourceId) });
        const etag = headers.get('etag');
        return differences(
          { status, etag, body },
          { status: 200, etag: `W/"${published.meta.versionId}"`, body: published },
        );
      });
    }

    for (const [name, { query, isCanned = false }] of Object.entries(searches)) {
      const file = `search/${name}.json`;
      ledger.replays(file, async () => {
        const { status, body } = await spine.pds(`/Patient?${query}`, { token: staff });
        return [...differences(status, 200), ...searchDifferences(body, examples.read(file), isCanned)];
      });
    }

    for (const file of examples.of('related-person')) {
      const nhsNumber = /_([0-9]{10})\./.exec(file)?.[1] ?? '9693632109';
      ledger.replays(file, async () => {
        const { status, body } = await spine.pds(`/Patient/${nhsNumber}/RelatedPerson`, { token: staff });
        return [...differences(status, 200), ...bundleDifferences(body, examples.read(file))];
      });
    }

    for (const file of examples.of('coverage').filter((one) => one.includes('/patient_'))) {
      // the one without a card is of a record in its first version
      const nhsNumber = /_([0-9]{10})\./.exec(file)?.[1] ?? '5900053679';
      ledger.replays(file, async () => {
        const token = await spine.token({ mode: 'patient', nhsNumber });
        const answer = await spine.pds(`/Coverage?subscriber:identifier=${nhsNumber}`, { token });
        const published = examples.read(file);
        return [
          ...differences(answer.status, 200),
          ...differences(answer.headers.get('etag'), `W/"${published.meta.versionId}"`, 'ETag'),
          ...bundleDifferences(answer.body, published),
        ];
      });
    }
  });
}

/** Bundles are made at the moment they are asked for: everything else must be the same. */
const bundleDifferences = (got: object, wanted: object): string[] =>
  differences(without(got ?? {}, 'timestamp'), without(wanted, 'timestamp'));

/** Who, in which order and as what must be the same; a fractional score about the same (it is not promised exactly). */
function searchDifferences(got: { entry?: Entry[] }, wanted: { entry?: Entry[] }, isCanned: boolean): string[] {
  const scoreless = (bundle: { entry?: Entry[] }) => ({
    ...without(bundle ?? {}, 'timestamp', 'entry'),
    ...(bundle?.entry ? { entry: bundle.entry.map((entry) => without(entry, 'search')) } : {}),
  });
  const scores = (wanted.entry ?? []).flatMap(({ search }, index) => {
    const score = got?.entry?.[index]?.search.score;
    const isRight =
      score !== undefined &&
      (isCanned ? score > 0 && score <= 1 : search.score === 1 ? score === 1 : Math.abs(score - search.score) <= 0.03);
    return isRight ? [] : [`/entry/${index}/search/score: wanted about ${search.score}, got ${score}`];
  });
  return [...differences(scoreless(got), scoreless(wanted)), ...scores];
}
