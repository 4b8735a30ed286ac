import { sameJson } from '../../../platform/fhir/same-json.ts';
import type { Former, Patient } from '../patient.ts';

/** Former values less those that a merged record brought in. */
export function withoutMerged(former: Former | undefined, merged: Patient): Former | undefined {
  if (!former) return undefined;
  const rest: Former = { ...former };
  for (const list of ['name', 'address', 'telecom'] as const) {
    const brought = (merged[list] ?? []) as unknown[];
    const kept = (former[list] as unknown[] | undefined)?.filter(
      (one) => !brought.some((other) => sameJson(other, one)),
    );
    if (kept && kept.length > 0) Object.assign(rest, { [list]: kept });
    else delete rest[list];
  }
  return Object.keys(rest).length > 0 ? rest : undefined;
}
