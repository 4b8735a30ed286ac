import { checkTest, edit } from './edit.ts';
import { copyOf, isObject, type JsonObject } from './json.ts';
import { isList, keyOf, type List } from './members.ts';
import { checkPatientMayWrite } from './patient-access.ts';
import { indexOf } from './pointer.ts';
import { identifies, rootOf } from './preconditions.ts';
import type { Operation } from './read-patches.ts';
import { invalidUpdate, invalidValue, shown } from './refusals.ts';
import { checkMayRemove } from './removal.ts';
import type { PatchSource } from './source.ts';
import { chosen, published } from './texts.ts';

/** What the operations did to one list object, and what it was before them. */
type Touch =
  | { readonly kind: 'added' }
  | { readonly kind: 'replaced' | 'edited'; readonly before: Readonly<JsonObject> };

/** A Patient under change: nothing of it is checked yet. Objects without a touch are as they were. */
export type Draft = {
  readonly patient: JsonObject;
  readonly touches: Map<unknown, Touch>;
  readonly touchedMembers: Set<string>;
};

/** More objects than this in one list are refused: no record has them, and ids and pages are made for fewer. */
const mostObjects = 50;

/**
 * Carries out operations that meet the preconditions on a copy of the patient. Refuses the first that cannot be
 * carried out; tells what was touched, so that the field rules are asked of nothing else.
 */
export function runOperations(
  patient: JsonObject,
  operations: readonly Operation[],
  source: PatchSource,
  newObjectId: () => string,
): Draft {
  const draft: Draft = { patient: copyOf(patient), touches: new Map(), touchedMembers: new Set() };
  const unidentified = new Map<unknown, string>();
  const identified = new Set<unknown>();
  for (const [at, operation] of operations.entries()) {
    const member = operation.tokens[0];
    if (operation.op !== 'test') draft.touchedMembers.add(member ?? '');
    if (!isList(member) || operation.tokens.length === 1) edit(draft.patient, operation.tokens, operation);
    else {
      const objects = listOf(draft.patient, member);
      if (operation.tokens.length === 2) changeWhole(draft, member, objects, operation, source, newObjectId);
      else {
        const object = changePart(draft, member, objects, operation, source);
        if (isIdentifying(operation, member, operations[at - 1])) identified.add(object);
        else if (operation.op !== 'test') unidentified.set(object, rootOf(operation.tokens));
      }
    }
  }
  for (const [object, root] of unidentified) {
    if (!identified.has(object)) throw invalidUpdate(published.noId(root));
  }
  return draft;
}

function listOf(patient: JsonObject, list: List): unknown[] {
  if (!Array.isArray(patient[list])) patient[list] = [];
  return patient[list] as unknown[];
}

function isIdentifying(operation: Operation, list: List, previous: Operation | undefined): boolean {
  if (operation.op === 'remove') return identifies(previous, list, operation.tokens);
  return operation.op !== 'test' && operation.tokens.length === 3 && operation.tokens[2] === keyOf(list);
}

function changeWhole(
  draft: Draft,
  list: List,
  objects: unknown[],
  operation: Operation,
  source: PatchSource,
  newObjectId: () => string,
): void {
  const { op, tokens, value } = operation;
  if (op === 'add') {
    const added = asObject(value, `${list}/${objects.length}`);
    if (source.kind === 'patient') checkPatientMayWrite(list, added);
    if (objects.length >= mostObjects) throw invalidUpdate(chosen.tooManyObjects(list, mostObjects));
    if (list !== 'extension') added.id = freshId(draft.patient, newObjectId);
    objects.push(added);
    draft.touches.set(added, { kind: 'added' });
    return;
  }
  const index = indexOf(tokens[1]) ?? objects.length;
  const present = objects[index];
  if (op === 'replace') {
    const next = asObject(value, `${list}/${index}`);
    checkKey(list, objects, rootOf(tokens), Object.hasOwn(next, keyOf(list)) ? next[keyOf(list)] : undefined);
    if (source.kind === 'patient') {
      checkPatientMayWrite(list, present as JsonObject);
      checkPatientMayWrite(list, next);
    }
    const touch = draft.touches.get(present) ?? { kind: 'replaced', before: present as JsonObject };
    draft.touches.set(next, touch.kind === 'edited' ? { kind: 'replaced', before: touch.before } : touch);
    objects[index] = next;
  } else if (!isObject(present)) {
    throw invalidUpdate(
      op === 'test' ? published.outOfBounds(tokens[1] ?? '') : published.removeAbsent(tokens[1] ?? ''),
    );
  } else if (op === 'test') checkTest(present, value);
  else {
    checkMayRemove(list, present, source);
    objects.splice(index, 1);
  }
}

function changePart(draft: Draft, list: List, objects: unknown[], operation: Operation, source: PatchSource): unknown {
  const { op, path, tokens, value } = operation;
  const object = objects[indexOf(tokens[1]) ?? objects.length];
  const isKey = tokens.length === 3 && tokens[2] === keyOf(list);
  if (isKey && op === 'remove') throw invalidUpdate(chosen.idRemoved(path));
  if (isKey && op !== 'test') {
    checkKey(list, objects, rootOf(tokens), value);
    return object;
  }
  if (!isObject(object)) throw invalidUpdate(published.outOfBounds(tokens[1] ?? ''));
  if (op !== 'test') {
    if (source.kind === 'patient') checkPatientMayWrite(list, object);
    if (!draft.touches.has(object)) draft.touches.set(object, { kind: 'edited', before: copyOf(object) });
  }
  edit(object, tokens.slice(2), operation);
  return object;
}

/** Refuses unless the object at `root` is the one whose id (or url) was given. */
function checkKey(list: List, objects: readonly unknown[], root: string, given: unknown): void {
  const key = keyOf(list);
  const index = root.slice(root.lastIndexOf('/') + 1);
  if (given === undefined) throw invalidUpdate(published.noId(root));
  if (objects.length === 0) throw invalidUpdate(published.outOfBounds(index));
  const present = objects[Number(index)];
  if (isObject(present) && present[key] === given) return;
  const text = shown(given);
  if (objects.some((object) => isObject(object) && object[key] === given)) {
    throw invalidUpdate(chosen.idElsewhere(root, text));
  }
  throw invalidUpdate(key === 'url' ? chosen.unknownUrl(text) : published.unknownId(list, text));
}

function asObject(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalidValue(value, path);
  return copyOf(value);
}

/** An object id that no object of the patient has. */
function freshId(patient: JsonObject, newObjectId: () => string): string {
  for (let tries = 0; tries < 100; tries++) {
    const id = newObjectId();
    const isTaken = Object.values(patient).some(
      (objects) => Array.isArray(objects) && objects.some((object) => isObject(object) && object.id === id),
    );
    if (!isTaken) return id;
  }
  throw new Error('newObjectId gives the same id again and again');
}
