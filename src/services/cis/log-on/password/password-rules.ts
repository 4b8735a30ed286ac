/** Whose password it is to be, as far as it must not be in it. */
export type PasswordOwner = {
  readonly userId: string;
  readonly displayName: string;
  /** Names and codes of the organisations in which the user works. */
  readonly organisations: readonly string[];
};

/** What is wrong with a new password, in words for its owner; undefined when it can be taken. Ours, after NIST SP 800-63B. */
export function faultOf(password: string, owner: PasswordOwner, commonest: ReadonlySet<string>): string | undefined {
  const length = [...password].length;
  if (length < 12)
    return 'Use at least 12 characters. Three or four words that have nothing to do with each other are good.';
  if (length > 200) return 'Use at most 200 characters.';
  const plain = fold(password);
  const spread = new Set(plain).size;
  if (spread < 5 || isRepeated(plain)) return 'Do not repeat the same few characters.';
  if (isSequence(plain)) return 'Do not use rows of the alphabet, of digits or of the keyboard.';
  if (isPersonal(plain, owner)) return 'Do not use your user id, your name or your organisation.';
  if (isCommon(plain, commonest))
    return 'This is one of the passwords that are tried first. Use words that nobody would guess.';
  return undefined;
}

/** As it is hashed and compared: one form of each character, whatever keyboard it was typed on. */
export const normalised = (password: string): string => password.normalize('NFKC');

const fold = (text: string): string => normalised(text).toLowerCase();

/** The whole is one piece of up to a third of its length over and over, as `abcdabcdabcd`. */
function isRepeated(text: string): boolean {
  for (let size = 1; size <= Math.floor(text.length / 2); size++) {
    const piece = text.slice(0, size);
    if (piece.repeat(Math.ceil(text.length / size)).slice(0, text.length) === text) return true;
  }
  return false;
}

const rows = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azertyuiop',
  'qwertzuiop',
  'abcdefghijklmnopqrstuvwxyz',
];
const neighbours = new Set(rows.flatMap((row) => [...row].slice(1).map((char, i) => `${row[i]}${char}`)));

/** Two thirds or more of the steps from one character to the next go along a row, either way. */
function isSequence(text: string): boolean {
  let steps = 0;
  for (let i = 1; i < text.length; i++) {
    const [a, b] = [text[i - 1] as string, text[i] as string];
    if (a === b || neighbours.has(a + b) || neighbours.has(b + a)) steps++;
  }
  return steps * 3 >= (text.length - 1) * 2;
}

/** Less than eight characters are left when what everybody knows of the owner is taken out. */
function isPersonal(plain: string, owner: PasswordOwner): boolean {
  const words = [owner.userId, ...`${owner.displayName} ${owner.organisations.join(' ')}`.split(/[^\p{L}\p{N}]+/u)]
    .map(fold)
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length);
  if (plain.includes(fold(owner.userId))) return true;
  let left = plain;
  for (const word of words) left = left.replaceAll(word, '');
  return left !== plain && left.replace(/[^\p{L}]/gu, '').length < 8;
}

const leet: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
};

/** One or two of the commonest, with digits and signs around them or letters written as digits, is what guessers try. */
function isCommon(plain: string, commonest: ReadonlySet<string>): boolean {
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const read = (text: string) => text.replace(/./gu, (char) => leet[char] ?? char).replace(/[^\p{L}]/gu, '');
  return [plain, core, read(plain), read(core), core.replace(/[^\p{L}]/gu, '')].some((form) =>
    isOneOrTwo(form, commonest),
  );
}

function isOneOrTwo(text: string, commonest: ReadonlySet<string>): boolean {
  if (commonest.has(text)) return true;
  for (let cut = 3; cut <= text.length - 3; cut++)
    if (commonest.has(text.slice(0, cut)) && commonest.has(text.slice(cut))) return true;
  return false;
}
