import type { Call } from '../../../../platform/http/operation.ts';
import { pdsErrors, refuse } from '../../errors.ts';

/**
 * The body as JSON; an absent one is undefined. What is no JSON, or nested beyond any resource, is refused as a value
 * that cannot be read.
 */
export function bodyOf(call: Call): unknown {
  if (call.body.length === 0) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(call.body));
  } catch {
    throw refuse(pdsErrors.invalidValue, 'Invalid value - the request body is not valid JSON');
  }
  if (depthOf(parsed, 0) > 40)
    throw refuse(pdsErrors.invalidValue, 'Invalid value - the request body is nested too deeply');
  return parsed;
}

function depthOf(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null || depth > 41) return depth;
  let deepest = depth;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depthOf(member, depth + 1));
  return deepest;
}
