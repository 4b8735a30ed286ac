import { copyOf, isEqual, isObject, type JsonObject, pythonType } from './json.ts';
import { indexOf } from './pointer.ts';
import type { Operation } from './read-patches.ts';
import { invalidUpdate, shown } from './refusals.ts';
import { chosen, published } from './texts.ts';

/**
 * Carries out one operation below `root` (changing it) at the place `tokens` lead to, as RFC 6902 says, with one
 * addition: a list that is absent counts as empty, so that `/name/0/suffix/0` can be added to a name without suffix.
 */
export function edit(root: JsonObject, tokens: readonly string[], operation: Operation): void {
  let place: unknown = root;
  for (const [at, token] of tokens.slice(0, -1).entries())
    place = step(place, token, tokens[at + 1], operation, tokens);
  const last = tokens.at(-1) ?? '';
  if (Array.isArray(place)) editList(place, last, operation);
  else if (isObject(place)) editObject(place, last, operation);
  else throw invalidUpdate(chosen.unresolvable(operation.path));
}

/** Refuses (published text) when a value is not what a `test` says. */
export function checkTest(actual: unknown, tested: unknown): void {
  if (isEqual(actual, tested)) return;
  throw invalidUpdate(published.testFailed(shown(actual), pythonType(actual), shown(tested), pythonType(tested)));
}

function step(
  place: unknown,
  token: string,
  next: string | undefined,
  { op, path }: Operation,
  tokens: readonly string[],
): unknown {
  if (Array.isArray(place)) {
    const index = indexOf(token);
    if (index === undefined) throw invalidUpdate(chosen.notAnIndex(token));
    if (index < place.length) return place[index];
    throw invalidUpdate(published.outOfBounds(token));
  }
  if (!isObject(place)) throw invalidUpdate(chosen.unresolvable(path));
  if (Object.hasOwn(place, token)) return place[token];
  if (op === 'replace') throw invalidUpdate(published.replaceAbsent(token));
  if (op === 'remove') throw invalidUpdate(published.removeAbsent(tokens.at(-1) ?? ''));
  if (indexOf(next) === undefined) throw invalidUpdate(chosen.memberAbsent(token));
  const empty: unknown[] = [];
  if (op === 'add') place[token] = empty;
  return empty;
}

function editList(list: unknown[], token: string, { op, value }: Operation): void {
  const index = indexOf(token);
  if (index === undefined) throw invalidUpdate(chosen.notAnIndex(token));
  if (op === 'add') {
    if (index > list.length) throw invalidUpdate(published.outOfBounds(token));
    list.splice(index, 0, copyOf(value));
    return;
  }
  if (index >= list.length) throw invalidUpdate(absentText(op, token));
  if (op === 'test') checkTest(list[index], value);
  else if (op === 'remove') list.splice(index, 1);
  else list[index] = copyOf(value);
}

function editObject(object: JsonObject, member: string, { op, value }: Operation): void {
  if (op !== 'add' && !Object.hasOwn(object, member)) {
    throw invalidUpdate(op === 'test' ? chosen.memberAbsent(member) : absentText(op, member));
  }
  if (op === 'test') checkTest(object[member], value);
  else if (op === 'remove') delete object[member];
  else object[member] = copyOf(value);
}

function absentText(op: 'replace' | 'remove' | 'test', key: string): string {
  if (op === 'test') return published.outOfBounds(key);
  return op === 'replace' ? published.replaceAbsent(key) : published.removeAbsent(key);
}
