import type { SpineUnderTest } from '../support/spine.ts';
import type { PublishedExamples } from './published.ts';

type Facts = { historic?: object; hidden?: object; supersededBy?: string };

/** The day the examples are replayed on: after all of their dates that must not lie in the future. */
const today = '2026-02-01T09:00:00Z';

/** A number with a published Coverage and no published record; its record here has the version that Coverage shows. */
const coveredOnly = '9733162868';

/** The body of `/sandbox/load` that makes the published population. */
function publishedLoad(examples: PublishedExamples): { pds: object } {
  const files = examples.of('patients').filter((file) => !file.endsWith('/index.json'));
  const patients = files.map(examples.read);
  const { seedFacts } = examples.read('patients/index.json') as { seedFacts: Record<string, Facts> };
  const factsOf = (name: keyof Facts) =>
    Object.fromEntries(
      Object.entries(seedFacts)
        .filter(([, facts]) => facts[name] !== undefined)
        .map(([number, facts]) => [number, facts[name]]),
    );
  const bundlesOf = (kind: string) =>
    Object.fromEntries(
      examples
        .of(kind)
        .map((file) => [/_([0-9]{10})\.json$/.exec(file)?.[1], file] as const)
        .filter(([number]) => number !== undefined)
        .map(([number, file]) => [number, examples.read(file)]),
    );
  const covered = examples.read(`coverage/patient_with_coverage_${coveredOnly}.json`);
  return {
    pds: {
      patients: [
        ...patients,
        {
          resourceType: 'Patient',
          id: coveredOnly,
          meta: { versionId: covered.meta.versionId },
          identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: coveredOnly }],
        },
      ],
      historic: factsOf('historic'),
      hidden: factsOf('hidden'),
      superseded: factsOf('supersededBy'),
      relatedPersonBundles: bundlesOf('related-person'),
      coverageBundles: bundlesOf('coverage'),
    },
  };
}

/** Makes the sandbox hold exactly the published population, on the day of the replay. */
export async function settle(spine: SpineUnderTest, examples: PublishedExamples): Promise<void> {
  await spine.control('clock', { now: today });
  await spine.control('reset', { population: 'none' });
  await spine.control('load', publishedLoad(examples));
}
