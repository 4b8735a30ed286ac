import { z } from 'zod';

const words = z.string().trim().max(300);
const odsCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9]{1,12}$/, 'an ODS code is 1 to 12 letters and digits');
/** Paths of the published interface beside those of mailboxes, and the address of patients. */
const reserved = /^(ADMIN|ENDPOINTLOOKUP|WORKFLOWSEARCH|_PING|DEEPPING)$|^GPPROVIDER/;

export const mailboxId = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9_-]{1,50}$/, 'a mailbox id is 1 to 50 letters, digits, _ or -')
  .refine((id) => !reserved.test(id), 'the id is reserved');

/** A workflow id as it can stand in a header and a path. */
export const workflowId = z.string().regex(/^[\x21-\x7e]{1,300}$/, 'a workflow id is 1 to 300 printable characters');

export const newMailbox = z.strictObject({
  mailboxId,
  name: words.default(''),
  odsCode,
  orgCode: odsCode.optional(),
  orgName: words.default(''),
  billingEntity: words.default(''),
});

/** A week at most: an old password that holds for ever is none that was changed. */
export const passwordChange = z.strictObject({
  overlapMinutes: z.int().min(0).max(10_080).default(0).describe('how long the one before holds, 0 to 10080'),
});

export const because = z.strictObject({ reason: z.string().trim().min(3).max(500) });

const bound = z
  .int()
  .min(0)
  .max(2 ** 50)
  .nullable()
  .default(null)
  .transform((value) => value ?? undefined);
export const quotaShape = z.strictObject({ messagesADay: bound, bytesADay: bound, waitingBytes: bound });

export const registrationShape = z.strictObject({ sends: z.boolean(), receives: z.boolean() });

export const requestShape = z.strictObject({ csr: z.string().max(20_000) });
export const certificateShape = z.strictObject({ pem: z.string().max(20_000) });

export const count = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
