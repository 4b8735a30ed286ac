import { nameKey } from './keys.ts';

const digits: Readonly<Record<string, string>> = Object.fromEntries(
  ['bfpv', 'cgjkqsxz', 'dt', 'l', 'mn', 'r'].flatMap((letters, i) => [...letters].map((one) => [one, String(i + 1)])),
);

/**
 * The Soundex of a name (National Archives rules: h and w don't part equal codes, vowels do): a letter and three
 * digits. Accents and anything but letters are ignored; empty for a name without Latin letters.
 */
export function soundex(name: string): string {
  const code = unpadded(name);
  return code === '' ? '' : code.padEnd(4, '0');
}

function unpadded(name: string): string {
  const letters = nameKey(name).replace(/[^a-z]/g, '');
  const first = letters[0];
  if (first === undefined) return '';
  let code = first.toUpperCase();
  let previous = digits[first];
  for (let i = 1; i < letters.length && code.length < 4; i++) {
    const letter = letters[i] as string;
    if (letter === 'h' || letter === 'w') continue;
    const digit = digits[letter];
    if (digit !== undefined && digit !== previous) code += digit;
    previous = digit;
  }
  return code;
}

/** The Soundex of a name as a small number, as the trace index holds it; 0 for a name without Latin letters. */
export function soundCode(name: string): number {
  const code = soundex(name);
  return code === '' ? 0 : numberOf(code);
}

/** Least and greatest sound code of all names with this beginning; undefined where it has no Latin letter yet. */
export function soundCodesOfBeginning(beginning: string): readonly [least: number, greatest: number] | undefined {
  const code = unpadded(beginning);
  return code === '' ? undefined : [numberOf(code.padEnd(4, '0')), numberOf(code.padEnd(4, '6'))];
}

const numberOf = (code: string): number => (code.charCodeAt(0) - 64) * 343 + Number.parseInt(code.slice(1), 7);
