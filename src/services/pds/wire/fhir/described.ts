import { z } from 'zod';

/*
 * What callers send, for the OpenAPI page only: what is accepted is decided by the rules, in the published order and with
 * the published words, which no schema could give.
 */

const text = (description: string) => z.string().describe(description);

/** The headers of every PDS call. */
export const requestHeaders = z.object({
  'X-Request-ID': text('UUID of this request; echoed. A repeated update with the same one is not applied twice'),
  'X-Correlation-ID': text('Free text, echoed').optional(),
  'NHSD-Session-URID': text('Staff: the role profile id the user acts in').optional(),
  'NHSD-End-User-Organisation-ODS': text('ODS code of the user’s organisation').optional(),
});

/** The headers of a write. */
export const writeHeaders = requestHeaders.extend({
  'If-Match': text('The version that is changed, `W/"2"`'),
  'X-Sync-Wait': text('Seconds to wait for the write, 0.25 to 29 (10)').optional(),
});

const day = 'yyyy-mm-dd, with eq, ge or le before it; twice for a range';

/** The published search parameters. */
export const searchQuery = z.object({
  family: text('Family name; `*` stands for any letters, not in the first two places').optional(),
  given: text('Given name, repeatable; a compound name is one value').optional(),
  gender: z.enum(['male', 'female', 'other', 'unknown']).optional(),
  birthdate: text(day),
  'death-date': text(day).optional(),
  'address-postalcode': text('Postcode, `*` allowed; `address-postcode` is the older name').optional(),
  'general-practitioner': text('ODS code of the practice').optional(),
  email: text('E-mail address').optional(),
  phone: text('Phone number, digit for digit').optional(),
  '_fuzzy-match': z.boolean().optional(),
  '_exact-match': z.boolean().optional(),
  _history: z.boolean().optional(),
  '_max-results': z.int().min(1).max(50).optional(),
});

/** The body of an update: RFC 6902 operations. */
export const patchBody = z.object({
  patches: z.array(
    z.object({
      op: z.enum(['add', 'replace', 'remove', 'test']),
      path: text('JSON Pointer'),
      value: z.unknown().optional(),
    }),
  ),
});

export const patientBody = z.object({
  resourceType: z.literal('Patient').optional(),
  name: z.array(z.looseObject({})).min(1).max(1),
  address: z.array(z.looseObject({})).min(1),
  gender: z.enum(['male', 'female', 'unknown']),
  birthDate: text('yyyy-mm-dd'),
  telecom: z.array(z.looseObject({})).optional(),
  extension: z.array(z.looseObject({})),
});

export const birthBody = z.object({
  resourceType: z.literal('Bundle'),
  type: z.literal('transaction'),
  entry: z.array(z.looseObject({ resource: z.looseObject({}) })).length(12),
});

export const coverageBody = z.looseObject({
  resourceType: z.literal('Coverage').optional(),
  status: z.literal('active'),
  identifier: z.array(z.looseObject({})).length(1),
  subscriber: z.looseObject({}),
  beneficiary: z.looseObject({}),
  payor: z.array(z.looseObject({})).length(1),
  period: z.looseObject({ end: text('yyyy-mm-dd') }),
});

export const coverageQuery = z.object({ 'subscriber:identifier': text('NHS number') });

export const birthQuery = z.object({ ignore_potential_matches: z.boolean().optional() });
