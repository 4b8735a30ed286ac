/**
 * The id of an object in a list of a record (a name, an address …): eight hexadecimal digits that only look random.
 * They follow from the patient's number, the list and the place in it, so a record that keeps them need not store
 * them. An object that later changes its place keeps the id it was given, and the record then stores it.
 */
const hex = Array.from({ length: 256 }, (_, n) => n.toString(16).toUpperCase().padStart(2, '0'));

/** What the ids of one patient's objects start from; any text will do. */
export function idSeed(nhsNumber: string): number {
  const high = Number(nhsNumber.slice(0, 5)) | 0;
  const low = Number(nhsNumber.slice(5)) | 0;
  return Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
}

/** The id given to the object at `index` of the list whose code is `list`. */
export function objectId(seed: number, list: number, index: number): string {
  let h = seed ^ Math.imul(list * 64 + index + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return hex[h >>> 24]! + hex[(h >>> 16) & 255]! + hex[(h >>> 8) & 255]! + hex[h & 255]!;
}
