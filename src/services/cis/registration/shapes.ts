import { z } from 'zod';
import { isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';

/** Text a person wrote: kept as it is but for blanks around it; no control characters, nothing PostgreSQL cannot hold. */
const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), 'must not hold control characters');
const name = text(100);
const date = z.string().refine(isDate, 'is not a day (yyyy-mm-dd)');
export const odsCode = z.string().regex(/^[0-9A-Za-z]{3,10}$/, 'is not an ODS code');
const reason = text(500);
const nationalInsurance = z
  .string()
  .transform((value) => value.replace(/\s/g, '').toUpperCase())
  .refine(
    (value) => /^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]$/.test(value),
    'is not a national insurance number',
  );

/** Professional registrations, by their published claims. */
const professionalIds = z.strictObject(
  Object.fromEntries(
    ['gmc_id', 'nmc_id', 'gphc_id', 'gdc_id', 'gdp_id', 'gmp_id', 'rcn_id', 'consultant_id'].map((claim) => [
      claim,
      text(50).optional(),
    ]),
  ),
);

/** Proof of an identity (published: three documents and a photograph; meeting face to face or by video). */
export const evidence = z.strictObject({
  documents: z
    .array(
      z.strictObject({ kind: z.enum(['photo-identity', 'proof-of-address']), name, reference: text(100).optional() }),
    )
    .length(3),
  photo: z.literal(true),
  meeting: z.enum(['face-to-face', 'video']),
});
export type Evidence = z.infer<typeof evidence>;

const details = {
  title: name.nullish(),
  givenName: name,
  middleNames: name.nullish(),
  familyName: name,
  email: z.email().max(200).nullish(),
  professionalIds: professionalIds.default({}),
  bornOn: date,
  postcode: z
    .string()
    .trim()
    .regex(/^[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}$/, 'is not a postcode')
    .nullish(),
  nhsNumber: z.string().refine(isNhsNumber, 'is not an NHS number').nullish(),
  nationalInsuranceNumber: nationalInsurance.nullish(),
};

export const createIdentityBody = z.strictObject({
  ...details,
  evidence,
  /** Why this is not one of the identities found as possible duplicates. */
  notADuplicateBecause: reason.optional(),
  reason: reason.optional(),
});
export type CreateIdentity = z.infer<typeof createIdentityBody>;

/** What shall be different; null takes a value away, what is not named stays. */
export const changeDetailsBody = z.strictObject({
  title: details.title,
  givenName: name.optional(),
  middleNames: details.middleNames,
  familyName: name.optional(),
  email: details.email,
  professionalIds: professionalIds.optional(),
  bornOn: date.optional(),
  postcode: details.postcode,
  nhsNumber: details.nhsNumber,
  nationalInsuranceNumber: details.nationalInsuranceNumber,
  reason,
});
export type ChangeDetails = z.infer<typeof changeDetailsBody>;

export const reasonBody = z.strictObject({ reason });

export const requestBody = z.strictObject({
  positionId: z.string().regex(/^[0-9]{12}$/, 'is not a position id: twelve digits'),
  validFrom: date.optional(),
  validTo: date.optional(),
  reason,
});
export type RequestAssignment = z.infer<typeof requestBody>;

export const moveBody = z.strictObject({
  /** Organisation whose positions end. */
  from: odsCode,
  positionId: requestBody.shape.positionId,
  validFrom: date.optional(),
  validTo: date.optional(),
  reason,
});
export type Move = z.infer<typeof moveBody>;

const codes = (form: RegExp, most: number) => z.array(z.string().regex(form)).max(most).default([]);
const positionContent = {
  name,
  roleCode: z.string().regex(/^R[0-9]{4}$/, 'is not a job role: R and four digits'),
  activities: codes(/^B[0-9]{4}$/, 100),
  areas: codes(/^P[0-9]{4}:Q[0-9]{4}:T[0-9]{4}$/, 50),
  workgroups: codes(/^[0-9]{12}$/, 50),
  isAssignableBySponsor: z.boolean().default(false),
  validFrom: date.optional(),
  validTo: date.optional(),
};
export const createPositionBody = z.strictObject({ odsCode, ...positionContent, reason });
export const changePositionBody = z.strictObject({ ...positionContent, reason });

export const createWorkgroupBody = z.strictObject({ name, reason });

export const issueCardBody = z.strictObject({ isLocked: z.boolean().default(false), reason });
export const cancelCardBody = z.strictObject({
  revocationReason: z.enum([
    'keyCompromise',
    'affiliationChanged',
    'superseded',
    'cessationOfOperation',
    'unspecified',
  ]),
  reason,
});
