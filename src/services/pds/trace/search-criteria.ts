/** Days from and to, both included; an end not given is open. */
export type DateRange = { readonly from: string | undefined; readonly to: string | undefined };

export const genders = ['male', 'female', 'other', 'unknown'] as const;
export type Gender = (typeof genders)[number];

/** A search as understood: what is asked, in the form in which it is compared. */
export type SearchCriteria = {
  /** As sent, blanks single; may hold `*` when not fuzzy. */
  readonly family: string | undefined;
  readonly given: readonly string[];
  readonly gender: Gender | undefined;
  readonly birth: DateRange;
  readonly death: DateRange | undefined;
  /** Lower case without blanks; may hold `*` when not fuzzy. */
  readonly postcode: string | undefined;
  /** ODS code in upper case. */
  readonly generalPractitioner: string | undefined;
  /** Lower case. */
  readonly email: string | undefined;
  /** Without blanks. */
  readonly phone: string | undefined;
  readonly isFuzzy: boolean;
  /** Only results with score 1. */
  readonly isExactOnly: boolean;
  /** Former values count too; always so in a fuzzy search. */
  readonly withHistory: boolean;
  readonly maxResults: number;
};

/** True when the day lies in the range; ISO dates compare as text. */
export const isWithin = (day: string, { from, to }: DateRange): boolean =>
  (from === undefined || day >= from) && (to === undefined || day <= to);
