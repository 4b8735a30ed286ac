import { sameJson } from '../../platform/fhir/same-json.ts';
import { pdsErrors, refuse } from './errors.ts';
import type { Patient, StoredPatient } from './patient.ts';

const lists = ['name', 'address', 'telecom', 'contact', 'generalPractitioner', 'extension'] as const;

/**
 * Puts back what the patched view did not show: members and objects hidden by confidentiality, and, where an object was
 * left alone, the object as it is stored (blank lines, masked reasons). Refuses what then would be there twice.
 */
export function restoreHidden(before: StoredPatient, visible: Patient, patched: Patient): Patient {
  const whole: Patient = { ...patched };
  for (const member of Object.keys(before.patient)) {
    if (!(member in visible) && !(member in patched))
      Object.assign(whole, { [member]: before.patient[member as keyof Patient] });
  }
  for (const list of lists) {
    const stored = before.patient[list] as unknown[] | undefined;
    if (!stored) continue;
    const all = restoredList(stored, visible[list] as unknown[] | undefined, patched[list] as unknown[] | undefined);
    if (all.length > 0) Object.assign(whole, { [list]: all });
    else delete whole[list];
  }
  if (before.security !== 'U') refuseDoubles(whole);
  return whole;
}

function restoredList(
  stored: readonly unknown[],
  seen: readonly unknown[] = [],
  result: readonly unknown[] = [],
): unknown[] {
  const storedOf = pairUp(seen, stored);
  const restored = result.map((object) => {
    const index = seen.findIndex((one) => sameJson(one, object));
    return index >= 0 ? (storedOf[index] ?? object) : object;
  });
  return [...restored, ...stored.filter((object) => !storedOf.includes(object))];
}

/** For each object of the view the stored object it shows: views keep the order and only leave out or alter. */
function pairUp(seen: readonly unknown[], stored: readonly unknown[]): unknown[] {
  let from = 0;
  return seen.map((object) => {
    const { id, url } = object as { id?: string; url?: string };
    const at = stored.findIndex((one, index) => {
      const candidate = one as { id?: string; url?: string };
      return index >= from && candidate.id === id && candidate.url === url;
    });
    if (at < 0) return object;
    from = at + 1;
    return stored[at];
  });
}

/** Of a restricted record the caller could not see that there was one already. */
function refuseDoubles(patient: Patient): void {
  const keys: string[] = [
    ...(patient.address ?? []).filter((one) => one.use !== 'work').map((one) => `address of use '${one.use}'`),
    ...(patient.telecom ?? []).map((one) => `telecom of system '${one.system}' and use '${one.use}'`),
    ...(patient.generalPractitioner ?? []).map(() => 'generalPractitioner'),
    ...(patient.extension ?? []).map((one) => `extension '${one.url}'`),
  ];
  const double = keys.find((key, index) => keys.indexOf(key) !== index);
  if (double === undefined) return;
  throw refuse(
    pdsErrors.invalidUpdate,
    `Invalid update with error - the restricted record holds another ${double} that is not shown`,
  );
}
