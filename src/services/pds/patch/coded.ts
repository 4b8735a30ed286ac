import type { CodeableConcept, Coding } from '../../../platform/fhir/types.ts';
import { invalidValue, missingValue, tooManyValues } from './refusals.ts';

/** A code list of the service: its system, the version it writes, and the displays by code. */
export type CodeList = {
  readonly system: string;
  readonly version?: string;
  readonly displays: Readonly<Record<string, string>>;
};

/**
 * The coding as the service writes it, with its own system, version and display. Refuses a missing or unknown code and
 * a foreign system.
 */
export function settledCoding(coding: Coding | undefined, path: string, list: CodeList): Coding {
  if (coding?.code === undefined) throw missingValue(`${path}/code`);
  if (coding.system !== undefined && coding.system !== list.system) throw invalidValue(coding.system, `${path}/system`);
  const display = Object.hasOwn(list.displays, coding.code) ? list.displays[coding.code] : undefined;
  if (display === undefined) throw invalidValue(coding.code, `${path}/code`);
  const { system, version } = list;
  return version === undefined
    ? { system, code: coding.code, display }
    : { system, version, code: coding.code, display };
}

/** The same for a concept, which must hold exactly one coding. */
export function settledConcept(
  concept: CodeableConcept | undefined,
  path: string,
  list: CodeList,
): CodeableConcept & { coding: [Coding] } {
  const codings = concept?.coding ?? [];
  if (codings.length === 0) throw missingValue(`${path}/coding`);
  if (codings.length > 1) throw tooManyValues(codings, `${path}/coding`);
  return { coding: [settledCoding(codings[0], `${path}/coding/0`, list)] };
}
