/** A log-on that waits for a phone: shown on a desktop, seen by a person on a phone, decided there, used on the desktop. */
export type PhoneState = 'open' | 'seen' | 'approved' | 'refused' | 'used';

export type PhoneVerb = 'see' | 'approve' | 'refuse' | 'use';

/** What may follow what. Nothing follows on a refusal or on use; nothing is approved that nobody saw. */
const followers: Readonly<Record<PhoneState, Partial<Record<PhoneVerb, PhoneState>>>> = {
  open: { see: 'seen' },
  seen: { see: 'seen', approve: 'approved', refuse: 'refused' },
  approved: { use: 'used' },
  refused: {},
  used: {},
};

/** The state the verb leads to at `now`; undefined where it may not follow, or the request has ended. */
export function afterVerb(state: PhoneState, verb: PhoneVerb, expiresAt: number, now: number): PhoneState | undefined {
  return now < expiresAt ? followers[state][verb] : undefined;
}

/** How long a request lives, in milliseconds; what was approved in its last seconds can still be collected for a few. */
export const requestMillis = 60_000;
export const collectMillis = 15_000;

/** Requests open at once: from one network address, and seen by one user. Ours. */
export const mostFromAddress = 100;
export const mostOfUser = 3;
/** Refusals and wrong numbers of one user within ten minutes, after which nothing more is shown to them. */
export const mostRefusals = 5;
export const refusalWindowMillis = 600_000;

/** Whether two machines seem to be at the same place; unknown where their addresses do not tell. */
export type Nearness = 'same' | 'different' | 'unknown';

/**
 * Compares network addresses: the same IPv4 /24 or IPv6 /56 counts as the same network. Addresses within a machine or a
 * private network tell nothing where a proxy may stand before us (`isGuarded`).
 */
export function nearnessOf(one: string, other: string, isGuarded: boolean): Nearness {
  const [a, b] = [networkOf(one), networkOf(other)];
  if (a === undefined || b === undefined) return 'unknown';
  if (isGuarded && (isPrivate(one) || isPrivate(other))) return 'unknown';
  return a === b ? 'same' : 'different';
}

const plainV4 = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function isPrivate(address: string): boolean {
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80)/i.test(plainV4(address));
}

function networkOf(address: string): string | undefined {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(plainV4(address));
  if (v4) return v4[1];
  if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(':')) return undefined;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail === undefined ? left.length !== 8 : left.length + right.length > 7) return undefined;
  const groups = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  const bits = groups.slice(0, 4).map((group) => group.padStart(4, '0'));
  return bits.join(':').slice(0, -2);
}

/** Three different numbers of two digits in a random order, one of which is shown on the desktop. */
export function drawNumbers(random: (below: number) => number): { number: string; choices: readonly string[] } {
  const pool = Array.from({ length: 90 }, (_, i) => String(i + 10));
  const choices = Array.from({ length: 3 }, () => pool.splice(random(pool.length), 1)[0] as string);
  return { number: choices[random(3)] as string, choices };
}
