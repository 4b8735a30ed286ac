/** Authentication assurance level (contract: cis2-acr-amr). */
export type Level = 1 | 2 | 3;

/** What proves a log-on: its level and the authenticators really used. */
export type Reached = { readonly level: Level; readonly amr: readonly string[] };

type Rule = { readonly levels: readonly Level[]; readonly only?: readonly string[] };

/** The published authentication context values; a higher level than asked for is good too (ours). */
const rules: Readonly<Record<string, Rule>> = {
  AAL3_ANY: { levels: [3] },
  AAL2_OR_AAL3_ANY: { levels: [2, 3] },
  AAL2_ANY: { levels: [2, 3] },
  AAL1_USERPASS: { levels: [1, 2, 3] },
  AAL3_IOS: { levels: [3], only: ['IOS'] },
  AAL3_FIDO2: { levels: [3], only: ['FIDO2'] },
  AAL3_N3_SMARTCARD: { levels: [3], only: ['N3_SMARTCARD'] },
  AAL3_CIS2_SMARTCARD: { levels: [3], only: ['CIS2_SMARTCARD'] },
  AAL3_SMARTCARD: { levels: [3], only: ['N3_SMARTCARD', 'CIS2_SMARTCARD'] },
  AAL2_TOTP: { levels: [2, 3], only: ['TOTP'] },
  AAL2_NHSMAIL: { levels: [2, 3], only: ['NHSMAIL'] },
};

const defaultValue = 'AAL3_ANY';
const testOnly = 'AAL1_USERPASS';

/** The values this installation takes: that of passwords alone in a sandbox only. */
export function acrValues(isSandbox: boolean): string[] {
  return Object.keys(rules).filter((value) => isSandbox || value !== testOnly);
}

/** The values a client asked for that there are; the platform's default when none is. */
export function askedValues(acr: string | undefined, isSandbox: boolean): readonly string[] {
  const known = new Set(acrValues(isSandbox));
  const asked = (acr ?? '').split(' ').filter((value) => known.has(value));
  return asked.length > 0 ? asked : [defaultValue];
}

/** Levels accepted, least first, and the authenticators by name where only some are. */
export function acceptedBy(values: readonly string[]): {
  readonly levels: readonly Level[];
  readonly only: readonly string[] | undefined;
} {
  const asked = values.map((value) => rules[value] as Rule);
  const levels = [...new Set(asked.flatMap((rule) => rule.levels))].sort();
  const isAny = asked.some((rule) => rule.only === undefined);
  return { levels, only: isAny ? undefined : [...new Set(asked.flatMap((rule) => rule.only ?? []))] };
}

/** The first of the values that what was reached satisfies. */
export function satisfied(values: readonly string[], reached: Reached): string | undefined {
  return values.find((value) => {
    const rule = rules[value];
    return rule?.levels.includes(reached.level) && (!rule.only || rule.only.some((name) => reached.amr.includes(name)));
  });
}

const plain: Readonly<Record<Level, string>> = { 1: testOnly, 2: 'AAL2_ANY', 3: 'AAL3_ANY' };

/** The context value a session carries, of its level alone. */
export function acrOfLevel(level: Level): string {
  return plain[level];
}

/** The level in a context value a session carries; undefined when it is none. */
export function levelOfAcr(acr: string | undefined): Level | undefined {
  const level = Number(/^AAL([123])_/.exec(acr ?? '')?.[1]);
  return level === 1 || level === 2 || level === 3 ? level : undefined;
}

/** The context value of an answer: one that was asked for, or what was really reached. */
export function answeredAcr(values: readonly string[], reached: Reached): string {
  return satisfied(values, reached) ?? acrOfLevel(reached.level);
}

/** Longest time without use before people log on again, in milliseconds (NIST 800-63B); level 1 as level 2 (ours). */
export function idleMillis(level: Level): number {
  return (level === 3 ? 15 : 30) * 60_000;
}

/** Longest session altogether. */
export const sessionSeconds = 12 * 3600;
