/** The first character of each part of a stored record, by its character code. */
export const tag = {
  name: 78, // N
  person: 68, // D
  practice: 71, // G
  managing: 82, // R
  pharmacy: 80, // P
  dispenser: 83, // S
  appliances: 77, // M
  death: 88, // X
  communication: 76, // L
  preference: 75, // K
  birthPlace: 66, // B
  removal: 90, // Z
  telecom: 84, // T
  contact: 67, // C
  address: 65, // A
  rawName: 110, // n
  rawPractice: 103, // g
  rawExtension: 101, // e
  rawTelecom: 116, // t
  rawContact: 99, // c
  rawAddress: 97, // a
  members: 42, // *
  absent: 33, // !
} as const;

/** One-letter codes of the published values; what has none is kept as it came. */
const letters = {
  use: {
    usual: 'u',
    nickname: 'n',
    temp: 't',
    old: 'o',
    maiden: 'm',
    official: 'f',
    anonymous: 'a',
    home: 'h',
    work: 'w',
    mobile: 'b',
    billing: 'i',
  },
  system: { phone: 'p', email: 'e', fax: 'f', other: 'o', sms: 's', url: 'u', pager: 'g' },
  gender: { male: 'm', female: 'f', other: 'o', unknown: 'u' },
} as const satisfies Record<string, Record<string, string>>;

/** What stands where a value is absent. */
export const absent = '-';

type Kind = keyof typeof letters;

const lettersOf: Record<Kind, Map<unknown, string>> = {
  use: new Map(Object.entries(letters.use)),
  system: new Map(Object.entries(letters.system)),
  gender: new Map(Object.entries(letters.gender)),
};

const wordsOf: Record<Kind, (string | undefined)[]> = { use: [], system: [], gender: [] };
for (const kind of ['use', 'system', 'gender'] as const) {
  const words: (string | undefined)[] = new Array(128).fill(undefined);
  for (const [word, letter] of lettersOf[kind]) words[letter.charCodeAt(0)] = word as string;
  wordsOf[kind] = words;
}

/** The letter of a published value, `-` when it is absent or has none. */
export function letterOf(kind: Kind, word: unknown): string {
  return lettersOf[kind].get(word) ?? absent;
}

/** The value a letter (by its character code) stands for; undefined for `-`. */
export function wordOf(kind: Kind, letter: number): string | undefined {
  return wordsOf[kind][letter];
}
