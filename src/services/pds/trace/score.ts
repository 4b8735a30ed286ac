/** What a search asks of a record, each with its weight in the score. Phone and e-mail only decide whether it matches. */
export const weights = {
  family: 30,
  given: 20,
  birthDate: 30,
  gender: 10,
  postcode: 20,
  generalPractitioner: 10,
  deathDate: 15,
} as const;

export type Part = keyof typeof weights;

/** One reason of a score: what was asked, how the record answers it, and what that costs. */
export type Reason = {
  readonly part: Part;
  readonly value: string;
  readonly how: string;
  readonly weight: number;
  /** 0 as asked, 1 not at all. */
  readonly loss: number;
};

export type Scored = { readonly score: number; readonly because: readonly Reason[] };

export function reason(part: Part, value: string, how: string, loss: number): Reason {
  return { part, value, how, weight: weights[part], loss: Math.min(1, loss) };
}

/**
 * The score of a match: the weighted share of what was asked that the record answers, to four decimals; 1 only where
 * nothing was lost.
 */
export function scored(because: readonly Reason[]): Scored {
  let asked = 0;
  let lost = 0;
  for (const { weight, loss } of because) {
    asked += weight;
    lost += weight * loss;
  }
  const score = lost === 0 ? 1 : Math.min(0.9999, Math.round((1 - lost / asked) * 10_000) / 10_000);
  return { score, because };
}

/** What a former value costs on top: names and gender half, an address less, as people move more often. */
export const formerLoss = { name: 0.5, gender: 0.5, postcode: 0.3 } as const;
