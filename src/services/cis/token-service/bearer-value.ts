import { createHash, randomBytes } from 'node:crypto';

/** A random value whose holder is believed (`state`, codes, refresh tokens): 216 bits, as published for `state`. */
export const bearerValue = (): string => randomBytes(27).toString('base64url');

/** How such a value is kept: as SHA-256, so that the database tells nobody's. */
export const hashOfBearer = (value: string): Buffer => createHash('sha256').update(value).digest();
