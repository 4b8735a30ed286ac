import { constants, type KeyObject, verify } from 'node:crypto';
import type { Application, Applications } from '../../../platform/identity/applications.ts';
import type { Assertions } from '../../../platform/identity/assertions.ts';
import { type ClientAssertion, readClientAssertion, refuseFarExpiry } from './client-assertion-rules.ts';
import type { ClientKeys } from './client-keys.ts';
import { assertionErrors as errors, refuse } from './errors.ts';

export type AuthenticationParts = {
  readonly applications: Applications;
  readonly assertions: Assertions;
  readonly keys: ClientKeys;
};

/**
 * Steps 12 to 30: which application is calling, proved by its signed assertion. The `jti` is spent as soon as the form
 * is right, before anything is known of the client, so that no assertion is ever looked at twice.
 * `audience` is the address of the token service asked; `now` in milliseconds. Throws refusals.
 */
export async function authenticateClient(
  parts: AuthenticationParts,
  sent: string | undefined,
  audience: string,
  now: number,
): Promise<Application> {
  const assertion = readClientAssertion(sent, now);
  if (!(await parts.assertions.spend(assertion.appId, assertion.jti, now))) throw refuse(errors.jtiSpent);
  refuseFarExpiry(assertion.exp, now);
  const client = await parts.applications.find(assertion.appId);
  if (!client) throw refuse(errors.unknownClient);
  const keys = await parts.keys.of(client);
  const key = typeof assertion.kid === 'string' ? keys.get(assertion.kid) : undefined;
  if (!key) throw refuse(errors.unknownKid);
  if (!isSignedBy(assertion, key)) throw refuse(errors.signature);
  if (assertion.jwt.claims.aud !== audience) throw refuse(errors.audience);
  return client;
}

/**
 * RSASSA-PKCS1-v1_5 with SHA-512, whatever the header says. Extensions the writer calls critical are none we know, so
 * the signature does not stand (RFC 7515, section 4.1.11).
 */
function isSignedBy({ jwt }: ClientAssertion, key: KeyObject): boolean {
  if ('crit' in jwt.header) return false;
  return verify('sha512', Buffer.from(jwt.signed), { key, padding: constants.RSA_PKCS1_PADDING }, jwt.signature);
}
