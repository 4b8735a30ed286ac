import { isHarmless, isObject } from './json.ts';
import { parsePointer } from './pointer.ts';
import { invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { published } from './texts.ts';

/** One operation of a JSON Patch, its path taken apart. */
export type Operation = {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly tokens: readonly string[];
  /** Undefined for `remove` only. */
  readonly value: unknown;
};

/** No value of a Patient is nested this deep. */
const deepest = 24;

/**
 * The operations of a request body's `patches`. Refused in this order: no patches (INVALID_UPDATE), an unknown `op`
 * anywhere (INVALID_VALUE, field `{n}/op`), then per patch a bad `path` or a missing or unusable `value`.
 */
export function readPatches(patches: unknown): Operation[] {
  if (!Array.isArray(patches) || patches.length === 0) throw invalidUpdate(published.noPatches());
  for (const [at, patch] of patches.entries()) {
    if (!isObject(patch)) throw invalidValue(showable(patch), String(at));
    if (!Object.hasOwn(patch, 'op')) throw missingValue(`${at}/op`);
    if (!isOp(patch.op)) throw invalidValue(showable(patch.op), `${at}/op`);
  }
  return patches.map(readPatch);
}

function readPatch(patch: { op: Operation['op']; path?: unknown; value?: unknown }, at: number): Operation {
  if (!Object.hasOwn(patch, 'path')) throw missingValue(`${at}/path`);
  const tokens = parsePointer(patch.path);
  if (!tokens) throw invalidValue(showable(patch.path), `${at}/path`);
  const path = patch.path as string;
  if (patch.op === 'remove') return { op: patch.op, path, tokens, value: undefined };
  if (!Object.hasOwn(patch, 'value')) throw missingValue(`${at}/value`);
  if (!isHarmless(patch.value, deepest)) throw invalidValue(tooLong, `${at}/value`);
  return { op: patch.op, path, tokens, value: patch.value };
}

function isOp(op: unknown): op is Operation['op'] {
  return op === 'add' || op === 'replace' || op === 'remove' || op === 'test';
}

const tooLong = '<json too long to display>';

function showable(value: unknown): unknown {
  return isHarmless(value, deepest) ? value : tooLong;
}
