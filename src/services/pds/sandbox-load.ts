import { z } from 'zod';
import type { Database } from '../../platform/db/database.ts';
import type { Address, ContactPoint, HumanName } from '../../platform/fhir/types.ts';
import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { Former, Patient, Security, StoredPatient } from './patient.ts';
import { selectPatients, upsertCoverage, upsertRelatedPersons } from './queries.ts';
import { keepAsDemo, upsertPatients } from './queries-sandbox.ts';
import { replaceTrace } from './queries-trace.ts';
import { type LoadedPatient, recordOf, rowOf } from './records.ts';
import { traceRows } from './trace/trace-rows.ts';

const number = z.string().regex(/^[0-9]{10}$/, 'must be ten digits');
const bundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.looseObject({ resource: z.unknown() })).optional(),
});
const listOf = z.array(z.looseObject({})).optional();
const oneOrMore = z.union([z.string(), z.array(z.string())]).optional();

/** What `POST /sandbox/load` takes under `pds`: records exactly as they shall be, and facts beside them. */
export const pdsLoad = z.strictObject({
  patients: z.array(z.looseObject({ resourceType: z.literal('Patient'), id: number })).optional(),
  historic: z
    .record(
      number,
      z.strictObject({ name: listOf, telecom: listOf, address: listOf, gender: oneOrMore, birthDate: oneOrMore }),
    )
    .optional(),
  hidden: z.record(number, z.strictObject({ telecom: listOf, address: listOf })).optional(),
  superseded: z.record(number, number).optional(),
  invalidated: z.array(number).optional(),
  relatedPersonBundles: z.record(number, bundle).optional(),
  coverageBundles: z.record(number, bundle).optional(),
});

export type PdsLoad = z.infer<typeof pdsLoad>;
export type PdsLoadCounts = {
  readonly patients: number;
  readonly historic: number;
  readonly hidden: number;
  readonly superseded: number;
  readonly invalidated: number;
  readonly relatedPersons: number;
  readonly coverages: number;
};

/**
 * Puts records into a sandbox: upserts exactly what is given, versions as in `meta.versionId`; facts for numbers not
 * among the patients are added to the records held. One transaction.
 */
export async function loadPds(db: Database, load: PdsLoad): Promise<PdsLoadCounts> {
  const touched = new Set<string>([
    ...(load.patients ?? []).map((patient) => patient.id),
    ...Object.keys(load.historic ?? {}),
    ...Object.keys(load.hidden ?? {}),
    ...Object.keys(load.superseded ?? {}),
    ...(load.invalidated ?? []),
  ]);
  await db.transaction(async (tx) => {
    const held = new Map((await selectPatients(tx, [...touched])).map((row) => [row.nhs_number, recordOf(row)]));
    const next = composed(load, held, touched);
    const old = [...held.values()].flatMap(traceRows);
    await upsertPatients(tx, next.map(rowOf));
    await replaceTrace(tx, old, next.flatMap(traceRows));
    for (const [nhs, related] of Object.entries(load.relatedPersonBundles ?? {})) {
      await tx.query(upsertRelatedPersons(nhs, JSON.stringify((related.entry ?? []).map((entry) => entry.resource))));
    }
    for (const [nhs, coverage] of Object.entries(load.coverageBundles ?? {})) {
      const first = coverage.entry?.[0]?.resource;
      await tx.query(upsertCoverage(nhs, first === undefined ? '' : JSON.stringify(first)));
    }
  });
  return {
    patients: load.patients?.length ?? 0,
    historic: Object.keys(load.historic ?? {}).length,
    hidden: Object.keys(load.hidden ?? {}).length,
    superseded: Object.keys(load.superseded ?? {}).length,
    invalidated: load.invalidated?.length ?? 0,
    relatedPersons: Object.keys(load.relatedPersonBundles ?? {}).length,
    coverages: Object.keys(load.coverageBundles ?? {}).length,
  };
}

function composed(
  load: PdsLoad,
  held: ReadonlyMap<string, LoadedPatient>,
  touched: ReadonlySet<string>,
): StoredPatient[] {
  const given = new Map((load.patients ?? []).map((patient) => [patient.id, patient as unknown as Patient]));
  const invalidated = new Set(load.invalidated ?? []);
  return [...touched].map((nhs) => {
    const was = held.get(nhs);
    const loaded = given.get(nhs);
    const patient = loaded ?? was?.patient ?? ({ resourceType: 'Patient', id: nhs } as Patient);
    const security = securityOf(patient);
    const survivor = load.superseded?.[nhs];
    const base: StoredPatient = {
      nhsNumber: nhs as NhsNumber,
      version: versionOf(patient, was),
      state:
        survivor !== undefined
          ? 'superseded'
          : invalidated.has(nhs)
            ? 'invalidated'
            : loaded
              ? 'active'
              : (was?.state ?? 'active'),
      security,
      survivor: (survivor ?? (loaded ? undefined : was?.survivor)) as NhsNumber | undefined,
      patient,
      former: loaded ? undefined : was?.former,
    };
    return withHidden(withHistoric(base, load.historic?.[nhs]), load.hidden?.[nhs]);
  });
}

function securityOf(patient: Patient): Security {
  const code = patient.meta?.security?.[0]?.code;
  return code === 'R' || code === 'V' ? code : 'U';
}

function versionOf(patient: Patient, was: LoadedPatient | undefined): number {
  const version = Number(patient.meta?.versionId ?? was?.version ?? 1);
  return Number.isInteger(version) && version > 0 && version < 2 ** 31 ? version : 1;
}

const asList = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

function withHistoric(
  stored: StoredPatient,
  historic: NonNullable<PdsLoad['historic']>[string] | undefined,
): StoredPatient {
  if (!historic) return stored;
  const former: Former = { ...stored.former };
  if (historic.name) former.name = [...(former.name ?? []), ...(historic.name as HumanName[])];
  if (historic.telecom) former.telecom = [...(former.telecom ?? []), ...(historic.telecom as ContactPoint[])];
  if (historic.address) former.address = [...(former.address ?? []), ...(historic.address as Address[])];
  if (historic.gender !== undefined) former.gender = [...(former.gender ?? []), ...asList(historic.gender)];
  // a former birth date never matches, in any mode (contract, section 5): nothing is kept of it
  return { ...stored, former };
}

/** Hidden values of a restricted record belong to it and are matched; of any other they are deleted ones and match nothing. */
function withHidden(stored: StoredPatient, hidden: NonNullable<PdsLoad['hidden']>[string] | undefined): StoredPatient {
  if (!hidden) return stored;
  const { telecom, address } = hidden as { telecom?: ContactPoint[]; address?: Address[] };
  if (stored.security === 'U') {
    return {
      ...stored,
      former: { ...stored.former, deleted: { ...(telecom ? { telecom } : {}), ...(address ? { address } : {}) } },
    };
  }
  return {
    ...stored,
    patient: {
      ...stored.patient,
      ...(telecom ? { telecom: [...(stored.patient.telecom ?? []), ...telecom] } : {}),
      ...(address ? { address: [...(stored.patient.address ?? []), ...address] } : {}),
    },
  };
}

/** A record of the demo nation, with what is kept beside it. */
export type DemoRecord = {
  readonly stored: StoredPatient;
  readonly related: readonly object[];
  readonly coverage: object | undefined;
};

/** Loads records into an empty PDS and keeps them as the demo nation; how many. */
export async function loadDemoRecords(db: Database, records: Iterable<DemoRecord>): Promise<number> {
  const all = [...records];
  await db.transaction(async (tx) => {
    await upsertPatients(
      tx,
      all.map(({ stored }) => rowOf(stored)),
    );
    await replaceTrace(
      tx,
      [],
      all.flatMap(({ stored }) => traceRows(stored)),
    );
    for (const { stored, related, coverage } of all) {
      if (related.length > 0) await tx.query(upsertRelatedPersons(stored.nhsNumber, JSON.stringify(related)));
      if (coverage) await tx.query(upsertCoverage(stored.nhsNumber, JSON.stringify(coverage)));
    }
    await keepAsDemo(tx);
  });
  return all.length;
}
