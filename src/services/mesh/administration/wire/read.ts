import type { z } from 'zod';
import { isStorable } from '../../../../platform/db/is-storable.ts';
import { type Call, queryPairs } from '../../../../platform/http/operation.ts';
import { refuse } from './refusals.ts';

/** The body of a request in this shape; refuses others with 400 and the field. No body is an empty object. */
export function bodyAs<Shape extends z.ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  let sent: unknown = {};
  try {
    if (call.body.length > 0) sent = JSON.parse(call.body.toString());
  } catch {
    throw refuse(400, 'field', 'body: it is not JSON', 'body');
  }
  if (!isStorable(sent)) throw refuse(400, 'field', 'body: characters that cannot be kept', 'body');
  return parsed(shape, sent, 'body');
}

/** The query of a request in this shape; refuses others with 400 and the parameter. */
export function queryAs<Shape extends z.ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  const sent = Object.fromEntries(queryPairs(call.rawQuery));
  if (!isStorable(sent)) throw refuse(400, 'field', 'query: characters that cannot be kept', 'query');
  return parsed(shape, sent, 'query');
}

function parsed<Shape extends z.ZodType>(shape: Shape, sent: unknown, at: string): z.infer<Shape> {
  const given = shape.safeParse(sent);
  if (given.success) return given.data;
  const [issue] = given.error.issues;
  const field = issue?.path.join('.') || at;
  throw refuse(400, 'field', `${field}: ${issue?.message}`, field);
}
