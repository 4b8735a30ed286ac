import type { Patient } from '../patient.ts';
import { checkAddresses, settledAddress } from './address.ts';
import { type Draft, runOperations } from './draft.ts';
import { checkExtensions, settledExtension } from './extension.ts';
import { extensionShape } from './extension-shapes.ts';
import type { Touched } from './field.ts';
import { type List, lists } from './members.ts';
import { checkNames, settledName } from './name.ts';
import { addressShape, contactShape, nameShape, practiceShape, telecomShape } from './object-shapes.ts';
import { checkPractices, settledManagingOrganization, settledPractice } from './practice.ts';
import { checkPreconditions } from './preconditions.ts';
import { readPatches } from './read-patches.ts';
import type { Shape } from './shape.ts';
import { checkLife, settledBirthDate, settledDeath, settledGender, settledMultipleBirth } from './singles.ts';
import type { PatchSource } from './source.ts';
import { checkTelecoms, settledContact, settledTelecom } from './telecom.ts';

export type { PatchSource } from './source.ts';

export type PatchContext = {
  /** The record as the caller sees it; never changed. */
  patient: Patient;
  /** The `patches` of the request body, whatever they are. */
  patches: unknown;
  source: PatchSource;
  /** `yyyy-mm-dd`. */
  today: string;
  /** Eight upper-case hexadecimal digits, another each time. */
  newObjectId: () => string;
};

/** How the objects of a list are checked one by one, and then together with those that were brought. */
type ListRules<T> = {
  readonly shape: Shape<T>;
  readonly settle: (touched: Touched<T>) => T;
  readonly check: (all: readonly T[], brought: readonly T[]) => void;
};

const rules: { readonly [L in List]: ListRules<NonNullable<Patient[L]>[number]> } = {
  name: { shape: nameShape, settle: settledName, check: checkNames },
  address: { shape: addressShape, settle: settledAddress, check: checkAddresses },
  telecom: { shape: telecomShape, settle: settledTelecom, check: checkTelecoms },
  contact: { shape: contactShape, settle: settledContact, check: () => {} },
  generalPractitioner: { shape: practiceShape, settle: settledPractice, check: checkPractices },
  extension: { shape: extensionShape, settle: settledExtension, check: checkExtensions },
};

/**
 * The patient after the patches of an update (published `PATCH /Patient/{id}`: JSON Patch with the service's own
 * conditions, then the rules of each field, asked only of what the patches touch). All or nothing: throws the
 * published Refusal (INVALID_UPDATE, INVALID_VALUE, MISSING_VALUE, TOO_MANY_VALUES_SUBMITTED, ADDITIONAL_PROPERTIES,
 * UNSUPPORTED_VALUE, UNSUPPORTED_CHARACTERS_IN_FIELD, FORBIDDEN_UPDATE) and never anything else. Gives new objects
 * their ids; leaves `meta` as it is.
 */
export function applyPatches(context: PatchContext): Patient {
  const { patient, source, today } = context;
  const operations = readPatches(context.patches);
  checkPreconditions(operations, source);
  const draft = runOperations(patient, operations, source, context.newObjectId);
  const after = draft.patient as Patient;
  settleSingles(patient, after, draft.touchedMembers, context);
  for (const list of lists) settleList(list, rules[list] as ListRules<object>, draft, source, today);
  checkLife(patient, after, draft.touchedMembers);
  return after;
}

function settleSingles(before: Patient, after: Patient, touched: ReadonlySet<string>, context: PatchContext): void {
  const { source, today } = context;
  const isSet = (member: keyof Patient) => touched.has(member) && Object.hasOwn(after, member);
  if (isSet('gender')) after.gender = settledGender(after.gender);
  if (isSet('birthDate')) after.birthDate = settledBirthDate(after.birthDate, today);
  if (isSet('multipleBirthInteger')) after.multipleBirthInteger = settledMultipleBirth(after.multipleBirthInteger);
  if (isSet('deceasedDateTime')) after.deceasedDateTime = settledDeath(after.deceasedDateTime, today);
  if (isSet('managingOrganization')) {
    const path = 'managingOrganization';
    const shaped = practiceShape(after[path], path);
    const kind = before[path] ? 'edited' : 'added';
    after[path] = settledManagingOrganization({ after: shaped, before: before[path], kind, path, today, source });
  }
}

function settleList(
  list: List,
  { shape, settle, check }: ListRules<object>,
  draft: Draft,
  source: PatchSource,
  today: string,
) {
  const objects = draft.patient[list];
  if (!Array.isArray(objects)) return;
  const brought: object[] = [];
  const settled = objects.map((object, index) => {
    const touch = draft.touches.get(object);
    if (!touch) return object;
    const path = `${list}/${index}`;
    const before = touch.kind === 'added' ? undefined : touch.before;
    const after = settle({ after: shape(object, path), before, kind: touch.kind, path, source, today });
    if (!before || isOfAnotherKind(before, after)) brought.push(after);
    return after;
  });
  check(settled, brought);
  if (settled.length > 0) draft.patient[list] = settled;
  else delete draft.patient[list];
}

/** True when an object came to compete with others: its use was changed. */
function isOfAnotherKind(before: { use?: unknown }, after: { use?: unknown }): boolean {
  return before.use !== after.use;
}
