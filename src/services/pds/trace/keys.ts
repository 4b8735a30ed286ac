const ligatures: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ŧ: 't',
  ŋ: 'n',
  ı: 'i',
  ĳ: 'ij',
};

/**
 * A name as the trace index holds it: accents and case gone, blanks single. Candidates are found by these keys; whether
 * a candidate really matches is decided on the record itself.
 */
export function nameKey(name: string): string {
  const plain = plainName(name);
  if (isAscii.test(plain)) return plain;
  return plain
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøłđðþħŧŋıĳ]/g, (letter) => ligatures[letter] ?? letter)
    .normalize('NFC');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const isAscii = /^[\x00-\x7f]*$/;

/** A name without case and with single blanks, accents kept: what a search that isn't fuzzy compares. */
export function plainName(name: string): string {
  const lower = name.toLowerCase().replace(/\s+/g, ' ').trim();
  return isAscii.test(lower) ? lower : lower.normalize('NFC');
}

/** The given names of one name in one key, comma between: a compound first name stays one. */
export function givenKey(given: readonly string[]): string {
  return given
    .map((one) => nameKey(one).replaceAll(',', ' '))
    .filter((key) => key !== '')
    .join(',');
}

/** A postcode without blanks and case: `LS1 6AE` and `ls16ae` are one. */
export function postcodeKey(postcode: string): string {
  return postcode.replace(/\s+/g, '').toLowerCase();
}
