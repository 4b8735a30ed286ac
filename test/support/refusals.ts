import fc from 'fast-check';
import { expect } from 'vitest';
import { Refusal } from '../../src/platform/http/refusal.ts';

/** What a call was refused with: code and diagnostics; fails when it was not refused. */
export function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return told(error);
  }
  return expect.fail('nothing was refused');
}

export function told(refusal: Refusal): string {
  const issue = (refusal.body as { issue: { details: { coding: { code: string }[] }; diagnostics?: string }[] })
    .issue[0];
  const code = issue?.details.coding[0]?.code as string;
  return issue?.diagnostics === undefined ? code : `${code} ${issue.diagnostics}`;
}

const hostileTexts = [
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  '\udfff',
  '\u0000',
  "'",
  '"',
  '\\',
  '|',
  '^~',
  '\u202e',
];

const hostileJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1.5, 1e308, ''),
    fc.constantFrom(...hostileTexts),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...hostileTexts, 'url', 'extension', 'coding'), fc.string()), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

/** Any JSON value as a parser gives it, nasty texts and members included. */
export const anyJson: fc.Arbitrary<unknown> = hostileJson.map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** A body that is right but for one place, where any JSON stands instead. */
export function bodyWithOneBadPlace(body: () => unknown): fc.Arbitrary<unknown> {
  const paths = pathsIn(body());
  return fc.tuple(fc.constantFrom(...paths), anyJson).map(([path, value]) => {
    const changed = { whole: body() };
    const last = path.at(-1) as string;
    let at = changed as Record<string, unknown>;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
    at[last] = value;
    return changed.whole;
  });
}

function pathsIn(value: unknown, path: string[] = ['whole']): string[][] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([step, member]) => pathsIn(member, [...path, step]))
      : [];
  return [path, ...below];
}

/** Fails unless the call succeeds or is refused. */
export function succeedsOrIsRefused(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.status).toBe(400);
    expect(() => JSON.stringify(error.body)).not.toThrow();
  }
}
