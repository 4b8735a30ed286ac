/**
 * Dates in three characters: nine bits of year since 1700, four of month, five of day, six bits a character. Months
 * and days are kept as the two digits they were written with, so that anything in the shape of a date comes back as
 * it went in.
 */
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const firstYear = 1700;
const lastYear = firstYear + 511;

const sixBits = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) sixBits[digits.charCodeAt(i)] = i;

/** Every date once read, by its 18 bits: the births of a nation are some forty thousand days. */
const dates: (string | undefined)[] = new Array(1 << 18).fill(undefined);
const packed: (string | undefined)[] = new Array(1 << 18).fill(undefined);

/** The bits of a year (1700 to 2211), month (0-15) and day (0-31): later days are greater numbers. */
export function dayBits(year: number, month: number, day: number): number {
  return ((year - firstYear) << 9) | (month << 5) | day;
}

/** The three characters of a day's bits. */
export function packBits(bits: number): string {
  packed[bits] ??= digits[bits >> 12]! + digits[(bits >> 6) & 63]! + digits[bits & 63]!;
  return packed[bits];
}

/** `yyyy-mm-dd` in three characters, or undefined for anything else. */
export function packDate(date: unknown): string | undefined {
  if (typeof date !== 'string' || !/^[0-9]{4}-[01][0-9]-[0-3][0-9]$/.test(date)) return undefined;
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
  return year < firstYear || year > lastYear || month > 15 || day > 31
    ? undefined
    : packBits(dayBits(year, month, day));
}

/** The date packed in the three characters of `text` from `at` on; undefined when they are none. */
export function unpackDate(text: string, at: number): string | undefined {
  const high = sixBits[text.charCodeAt(at)] ?? -1;
  const middle = sixBits[text.charCodeAt(at + 1)] ?? -1;
  const low = sixBits[text.charCodeAt(at + 2)] ?? -1;
  if ((high | middle | low) < 0) return undefined;
  const bits = (high << 12) | (middle << 6) | low;
  dates[bits] ??= `${(bits >> 9) + firstYear}-${two((bits >> 5) & 15)}-${two(bits & 31)}`;
  return dates[bits];
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

const midnight = 'T00:00:00+00:00';

/** A UTC date and time to the second as three characters at midnight, otherwise nine; undefined for anything else. */
export function packDateTime(time: unknown): string | undefined {
  if (typeof time !== 'string') return undefined;
  const day = packDate(time.slice(0, 10));
  if (day === undefined) return undefined;
  if (time.slice(10) === midnight) return day;
  const clock = /^T([0-9]{2}):([0-9]{2}):([0-9]{2})\+00:00$/.exec(time.slice(10));
  return clock ? day + clock[1] + clock[2] + clock[3] : undefined;
}

/** What packDateTime made, unpacked; undefined when it is none. */
export function unpackDateTime(text: string): string | undefined {
  const day = unpackDate(text, 0);
  if (day === undefined) return undefined;
  if (text.length === 3) return day + midnight;
  return `${day}T${text.slice(3, 5)}:${text.slice(5, 7)}:${text.slice(7, 9)}+00:00`;
}
