import { sameJson } from '../../platform/fhir/same-json.ts';
import type { Former, Patient, StoredPatient } from './patient.ts';

/**
 * What a record once was, after an update: names, addresses, telecoms and gender that were superseded join those already
 * former, so that history searches find them. The period's end plays no part (contract, section 5).
 */
export function addFormer(before: StoredPatient, old: Patient, next: Patient): Former | undefined {
  const gone: Former = {};
  const name = superseded(old.name, next.name, (one) => [
    one.family?.toLowerCase(),
    one.given?.join(' ').toLowerCase(),
  ]);
  if (name.length > 0) gone.name = name;
  const address = superseded(old.address, next.address, (one) => [one.postalCode, one.line?.join(',')]);
  if (address.length > 0) gone.address = address;
  const telecom = superseded(old.telecom, next.telecom, (one) => [one.system, one.value]);
  if (telecom.length > 0) gone.telecom = telecom;
  if (old.gender !== undefined && old.gender !== next.gender) gone.gender = [old.gender];
  if (Object.keys(gone).length === 0) return before.former;
  const was = before.former ?? {};
  return {
    ...was,
    ...(gone.name ? { name: joined(was.name, gone.name) } : {}),
    ...(gone.address ? { address: joined(was.address, gone.address) } : {}),
    ...(gone.telecom ? { telecom: joined(was.telecom, gone.telecom) } : {}),
    ...(gone.gender ? { gender: joined(was.gender, gone.gender) } : {}),
  };
}

/** Objects whose telling values are no longer among the current ones. */
function superseded<One>(old: One[] | undefined, next: One[] | undefined, telling: (one: One) => unknown[]): One[] {
  const current = (next ?? []).map(telling);
  return (old ?? []).filter((one) => !current.some((values) => sameJson(values, telling(one))));
}

function joined<One>(were: One[] | undefined, gone: One[]): One[] {
  const all = [...(were ?? [])];
  for (const one of gone) if (!all.some((other) => sameJson(other, one))) all.push(one);
  return all;
}
