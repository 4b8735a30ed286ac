import { z } from 'zod';
import { nhsNumber, reason, words } from '../../access/wire/shapes.ts';

const evidence = z.strictObject({
  method: z.enum(['face-to-face', 'video']),
  documents: z
    .array(z.strictObject({ kind: z.enum(['photo-identity', 'other']), name: words(100).min(1, 'a name is needed') }))
    .max(10),
  note: words(500).optional(),
});
const vouched = { proofing: z.enum(['P0', 'P5', 'P9']), evidence: evidence.optional() };

export const openShape = z.strictObject({ nhsNumber, ...vouched });
export const vouchShape = z.strictObject(vouched);
export const codeShape = z.strictObject({ evidence: evidence.optional() });
export const changeShape = z.strictObject({ reason });
export const listShape = z.strictObject({ nhsNumber });
