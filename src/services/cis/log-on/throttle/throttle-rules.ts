/** How many tries failed lately, as last counted. */
export type Tries = { readonly tries: number; readonly countedAt: number };

/** How many tries are allowed at once, and after how many milliseconds one of them is forgotten. */
export type Allowance = { readonly most: number; readonly forgetMillis: number };

/** Ours; nothing is published. */
export const allowances = {
  /** A user's try in a browser in which that user has logged on before. */
  knownBrowser: { most: 10, forgetMillis: 5 * 60_000 },
  /** All tries for one user from all other browsers together. */
  otherBrowsers: { most: 10, forgetMillis: 10 * 60_000 },
  /** All tries from one network address in browsers that are not known to the user they try. */
  address: { most: 60, forgetMillis: 30_000 },
} as const satisfies Record<string, Allowance>;

/**
 * How many of the failed tries still count at `now`. A clock that goes back a little forgets nothing; tries counted further
 * ahead than they can last are those of a sandbox whose clock was put back, and count no more.
 */
export function remaining(tries: Tries, allowance: Allowance, now: number): number {
  if (isOfAnotherTime(tries, allowance, now)) return 0;
  return Math.max(0, tries.tries - Math.max(0, now - tries.countedAt) / allowance.forgetMillis);
}

function isOfAnotherTime({ countedAt }: Tries, { most, forgetMillis }: Allowance, now: number): boolean {
  return countedAt - now > most * forgetMillis;
}

const laterOf = (before: Tries, allowance: Allowance, now: number): number =>
  isOfAnotherTime(before, allowance, now) ? now : Math.max(now, before.countedAt);

export type Ruling =
  | { readonly isAllowed: true; readonly tries: Tries }
  | { readonly isAllowed: false; readonly waitMillis: number };

/** Whether one more try is allowed; it counts as failed until it is known to be right. */
export function rule(before: Tries | undefined, allowance: Allowance, now: number): Ruling {
  const left = before ? remaining(before, allowance, now) : 0;
  if (left + 1 > allowance.most) {
    return { isAllowed: false, waitMillis: Math.ceil((left + 1 - allowance.most) * allowance.forgetMillis) };
  }
  return { isAllowed: true, tries: { tries: left + 1, countedAt: before ? laterOf(before, allowance, now) : now } };
}

/** The count after a try turned out right: it takes itself back, and nobody else's. */
export function forgive(before: Tries, allowance: Allowance, now: number): Tries {
  return {
    tries: Math.max(0, remaining(before, allowance, now) - 1),
    countedAt: laterOf(before, allowance, now),
  };
}

/** One try to log on with a password, as far as throttling looks at it. */
export type Try = {
  readonly user: string;
  /** The browser's lasting cookie, where that user has logged on in it before. */
  readonly knownBrowser: string | undefined;
  readonly address: string;
};

/** What a try counts against. A known browser stands by itself, so that nobody elsewhere can use up its allowance. */
export function countedAgainst(one: Try): { readonly key: string; readonly allowance: Allowance }[] {
  if (one.knownBrowser !== undefined)
    return [{ key: JSON.stringify(['known', one.user, one.knownBrowser]), allowance: allowances.knownBrowser }];
  return [
    { key: JSON.stringify(['other', one.user]), allowance: allowances.otherBrowsers },
    { key: JSON.stringify(['address', networkOf(one.address)]), allowance: allowances.address },
  ];
}

/** The network an address is counted as: an IPv6 subscriber has a whole /64 to try from. */
export function networkOf(address: string): string {
  const plain = address
    .replace(/^::ffff:(?=[0-9]+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return [...first, ...gap, ...last]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
