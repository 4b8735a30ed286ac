import { z } from 'zod';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';

/** Words of a person, kept as they are: no NUL, no lone surrogate, not endless. */
export const words = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .refine((text) => text.isWellFormed() && !text.includes('\u0000'), 'contains characters that cannot be kept');

export const reason = words(500).min(1, 'a reason is needed');
export const userId = z.string().regex(/^[0-9]{12}$/, 'twelve digits');
export const workgroup = z.string().regex(/^[0-9]{12}$/, 'twelve digits');
export const odsCode = z.string().regex(/^[0-9A-Z]{3,10}$/, 'an ODS code: 3 to 10 letters and digits');
export const nhsNumber = z.string().refine(isNhsNumber, 'not an NHS number');

/** Times go out as ISO 8601; those there are not, not at all. */
export const instant = (millis: number | undefined): string | undefined =>
  millis === undefined ? undefined : new Date(millis).toISOString();
