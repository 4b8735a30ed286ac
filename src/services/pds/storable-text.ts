/**
 * True for text a record can hold and a screen can show: whole characters only (no lone surrogate), none of them a
 * control character.
 */
export function isStorableText(value: string): boolean {
  return value.isWellFormed() && !/\p{Cc}/u.test(value);
}
