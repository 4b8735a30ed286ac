/** What a position gives to whoever holds it (fields: ra-roles-matrix, position). */
export type PositionContent = {
  readonly name: string;
  /** National job role, e.g. `R8000`. */
  readonly roleCode: string;
  /** Activities beyond the job role's baseline. */
  readonly activities: readonly string[];
  readonly areas: readonly string[];
  /** Twelve-digit codes. */
  readonly workgroups: readonly string[];
  readonly isAssignableBySponsor: boolean;
  /** First and last day on which it holds, `yyyy-mm-dd`. */
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
};

/** Whether a span of days, either end open, contains the day. */
export function isValidOn(
  span: { readonly validFrom?: string | undefined; readonly validTo?: string | undefined },
  day: string,
): boolean {
  return (span.validFrom ?? day) <= day && day <= (span.validTo ?? day);
}
