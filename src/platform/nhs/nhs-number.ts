/** An NHS number: ten digits whose last is a valid modulus-11 check digit. */
export type NhsNumber = string & { readonly __brand: 'NhsNumber' };

/**
 * The check digit of the first nine digits of an NHS number, or undefined where there is none (remainder 10).
 * Weights 10 down to 2, 11 minus the sum modulo 11, 11 counted as 0 (NHS Data Dictionary, NHS NUMBER).
 */
export function checkDigit(nineDigits: string): number | undefined {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += (nineDigits.charCodeAt(i) - 48) * (10 - i);
  const digit = 11 - (sum % 11);
  if (digit === 10) return undefined;
  return digit === 11 ? 0 : digit;
}

/** True for ten digits that end in the right check digit. */
export function isNhsNumber(value: unknown): value is NhsNumber {
  return typeof value === 'string' && /^[0-9]{10}$/.test(value) && checkDigit(value) === value.charCodeAt(9) - 48;
}
