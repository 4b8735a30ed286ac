import { extensionUrls } from '../patient.ts';
import type { JsonObject } from './json.ts';
import type { List } from './members.ts';
import type { Operation } from './read-patches.ts';
import { invalidUpdate } from './refusals.ts';
import { published } from './texts.ts';

/**
 * What patients may change of their own record (published section "Patient access"): address, emergency contact,
 * communication, pharmacy, place of birth, and of telecom the mobile phone and e-mail. Lists named `whole` take whole
 * objects only, except to remove something.
 */
const writable: ReadonlyMap<string, 'whole' | 'parts'> = new Map([
  ['address', 'parts'],
  ['contact', 'parts'],
  ['telecom', 'whole'],
  ['extension', 'whole'],
]);

const writableExtensions: ReadonlySet<unknown> = new Set([
  extensionUrls.NHSCommunication,
  extensionUrls.NominatedPharmacy,
  extensionUrls.PreferredDispenserOrganization,
  extensionUrls.MedicalApplianceSupplier,
  extensionUrls.birthPlace,
]);

/** Refuses (INVALID_UPDATE, published text) an operation on a member or a part that patients may not change. */
export function checkPatientMayPatch(operation: Operation): void {
  if (operation.op === 'test') return;
  const rule = writable.get(operation.tokens[0] ?? '');
  const isPart = operation.tokens.length > 2;
  if (!rule || (rule === 'whole' && isPart && operation.op !== 'remove')) throw refusal();
}

/** Refuses (INVALID_UPDATE, published text) the change of a list object that patients may not change. */
export function checkPatientMayWrite(list: List, object: JsonObject): void {
  const { url, system, use } = object;
  if (list === 'extension' && !writableExtensions.has(url)) throw refusal();
  if (list === 'telecom' && system !== 'email' && !(system === 'phone' && use === 'mobile')) throw refusal();
}

function refusal() {
  return invalidUpdate(published.patientMayNot());
}
