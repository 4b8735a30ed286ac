import type { Call } from '../../../platform/http/operation.ts';
import type { Place } from '../messages/queries-lists.ts';
import { type Flaw, refuseFlaws } from './errors.ts';

/** Writes a link as MESH does: blanks as `+`, everything else but letters, digits and `_.-~` in hexadecimal. */
export function linkTo(path: string, query: readonly (readonly [string, string | undefined])[]): string {
  const given = query.filter(([, value]) => value !== undefined) as [string, string][];
  const text = given.map(([name, value]) => `${name}=${escaped(value)}`).join('&');
  return text === '' ? path : `${path}?${text}`;
}

const escaped = (text: string) =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** A place as the opaque text of a link. */
export function placeText({ order, messageId }: Place): string {
  return Buffer.from(`${order}:${messageId}`).toString('base64url');
}

/** Reads what `placeText` wrote; undefined for anything else. */
export function readPlace(text: string): Place | undefined {
  const match = /^(\d{1,16}):([\x21-\x7e]{1,100})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  return match ? { order: Number(match[1]), messageId: match[2] as string } : undefined;
}

/** The query's parameters by name, the last where one is given twice. */
export function queryOf(call: Call): URLSearchParams {
  return new URLSearchParams(call.rawQuery);
}

const flaw = (name: string, type: string, msg: string): Flaw => ({ type, loc: ['query', name], msg });

/** A whole number within bounds; refuses others with 400. */
export function wholeNumber(query: URLSearchParams, name: string, least: number, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d{1,9}$/.test(text.trim())) {
    const words = 'Input should be a valid integer, unable to parse string as an integer';
    throw refuseFlaws([flaw(name, 'int_parsing', words)]);
  }
  const value = Number(text);
  if (value < least)
    throw refuseFlaws([flaw(name, 'greater_than_equal', `Input should be greater than or equal to ${least}`)]);
  if (value > most) throw refuseFlaws([flaw(name, 'less_than_equal', `Input should be less than or equal to ${most}`)]);
  return value;
}

/** A text within bounds of length; refuses others with 400. */
export function boundedText(query: URLSearchParams, name: string, least: number, most: number): string | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (text.includes('\u0000')) throw refuseFlaws([flaw(name, 'value_error', 'String should have no NUL')]);
  if (text.length < least)
    throw refuseFlaws([flaw(name, 'string_too_short', `String should have at least ${least} characters`)]);
  if (text.length > most)
    throw refuseFlaws([flaw(name, 'string_too_long', `String should have at most ${most} characters`)]);
  return text;
}

export function refuseQuery(name: string, msg: string): never {
  throw refuseFlaws([flaw(name, 'value_error', msg)]);
}
