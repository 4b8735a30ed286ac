import { isList, isSingle, isTestable, keyOf, type List } from './members.ts';
import { checkPatientMayPatch } from './patient-access.ts';
import { indexOf } from './pointer.ts';
import type { Operation } from './read-patches.ts';
import { forbiddenUpdate, invalidUpdate } from './refusals.ts';
import type { PatchSource } from './source.ts';
import { chosen, published } from './texts.ts';

/** Single values that can be changed but never removed. */
const irremovable: ReadonlySet<string> = new Set(['birthDate', 'gender', 'deceasedDateTime']);

/**
 * What the service asks of a list of operations beyond RFC 6902, as far as it can be told without the record:
 * supported members, adding only at the end of top-level lists, an id for each object touched in part, a test right
 * before each removal.
 */
export function checkPreconditions(operations: readonly Operation[], source: PatchSource): void {
  const identified = new Set<string>();
  for (const { op, tokens } of operations) {
    const list = tokens[0];
    if ((op === 'add' || op === 'replace') && tokens.length === 3 && isList(list) && tokens[2] === keyOf(list)) {
      identified.add(rootOf(tokens));
    }
  }
  for (const operation of operations) checkMember(operation, source);
  for (const [at, operation] of operations.entries()) {
    const [list] = operation.tokens;
    if (isSingle(list)) checkSingle(operation);
    else if (isList(list)) checkListed(operation, list, operations[at - 1], identified);
  }
}

/** `/name/0` for the tokens of any path into that object. */
export function rootOf(tokens: readonly string[]): string {
  return `/${tokens[0]}/${tokens[1]}`;
}

function checkMember(operation: Operation, source: PatchSource): void {
  const member = operation.tokens[0];
  const isKnown = isList(member) || isSingle(member) || (operation.op === 'test' && isTestable(member));
  const isInternal = member === 'managingOrganization' && operation.op !== 'test' && !source.isBackOffice;
  if (!isKnown || isInternal) throw invalidUpdate(published.unsupportedMember(member ?? ''));
  if (source.kind === 'patient') checkPatientMayPatch(operation);
}

function checkSingle({ op, tokens }: Operation): void {
  const member = tokens[0] ?? '';
  if (op === 'remove' && tokens.length === 1 && irremovable.has(member)) {
    throw forbiddenUpdate(published.mayNotRemove(member));
  }
}

function checkListed(
  operation: Operation,
  list: List,
  previous: Operation | undefined,
  identified: ReadonlySet<string>,
): void {
  const { op, path, tokens } = operation;
  if (op === 'test') return;
  if (tokens.length === 1) throw invalidUpdate(chosen.wholeList(list));
  const index = tokens[1] ?? '';
  if (tokens.length === 2 && op === 'add') {
    if (index !== '-') throw invalidUpdate(chosen.addOnlyAtEnd(path, list));
    return;
  }
  if (indexOf(index) === undefined) throw invalidUpdate(chosen.notAnIndex(index));
  if (tokens.at(-1) === '-') throw invalidUpdate(chosen.indexRequired(path));
  if (op === 'remove') checkRemoval(operation, list, previous, identified);
  else if (tokens.length > 2 && !identified.has(rootOf(tokens))) {
    throw invalidUpdate(published.noId(rootOf(tokens)));
  }
}

function checkRemoval(
  operation: Operation,
  list: List,
  previous: Operation | undefined,
  identified: ReadonlySet<string>,
): void {
  const { path, tokens } = operation;
  if (!previous) throw invalidUpdate(published.untestedFirst(path));
  if (!isEquivalentTest(previous, tokens)) throw invalidUpdate(chosen.untested(path, previous.op, previous.path));
  if (!identifies(previous, list, tokens) && !identified.has(rootOf(tokens))) {
    throw invalidUpdate(published.noId(rootOf(tokens)));
  }
}

/** True for a test of what is removed, of an object it is in, or of the `id` or `url` of one of these. */
function isEquivalentTest(previous: Operation, removed: readonly string[]): boolean {
  if (previous.op !== 'test') return false;
  const last = previous.tokens.at(-1);
  const isKey = (last === 'id' || last === 'url') && previous.tokens.length > removedDepth(previous.tokens, removed);
  const tested = isKey ? previous.tokens.slice(0, -1) : previous.tokens;
  return tested.length >= 2 && tested.length === removedDepth(tested, removed);
}

/** How many leading tokens two paths share. */
function removedDepth(tested: readonly string[], removed: readonly string[]): number {
  let depth = 0;
  while (depth < tested.length && tested[depth] === removed[depth]) depth++;
  return depth;
}

/** True for a test that tells which list object is meant: of the whole object, or of its `id` or `url`. */
export function identifies(previous: Operation | undefined, list: List, removed: readonly string[]): boolean {
  if (previous?.op !== 'test' || removedDepth(previous.tokens, removed) < 2) return false;
  return previous.tokens.length === 2 || (previous.tokens.length === 3 && previous.tokens[2] === keyOf(list));
}
