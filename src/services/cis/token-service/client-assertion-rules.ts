import { assertionErrors as errors, refuse } from './errors.ts';
import { type CompactJwt, decodeJwt, isAbsent, isJwtType, isOver } from './jwt.ts';

/** A client assertion whose form is right; who wrote it is not known yet. */
export type ClientAssertion = {
  readonly jwt: CompactJwt;
  readonly kid: unknown;
  /** `iss` and `sub`: the API key the caller says it has. */
  readonly appId: string;
  readonly jti: string;
  /** Seconds since 1970. */
  readonly exp: number;
};

export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Steps 12 to 22: the form of the assertion, in the published order. `now` in milliseconds. Throws refusals. */
export function readClientAssertion(assertion: string | undefined, now: number): ClientAssertion {
  if (!assertion) throw refuse(errors.missing);
  const jwt = decodeJwt(assertion);
  if (!jwt) throw refuse(errors.malformed);
  const { alg, kid, typ } = jwt.header;
  const { iss, sub, jti, exp } = jwt.claims;
  if (alg !== 'RS512') throw refuse(errors.alg);
  if (isOver(exp, now)) throw refuse(errors.expired);
  if (isAbsent(kid)) throw refuse(errors.noKid);
  if (!isJwtType(typ)) throw refuse(errors.typ);
  if (isAbsent(exp)) throw refuse(errors.noExp);
  if (!Number.isInteger(exp)) throw refuse(errors.expType);
  if (typeof iss !== 'string' || iss === '' || iss !== sub) throw refuse(errors.issSub);
  if (isAbsent(jti)) throw refuse(errors.noJti);
  if (typeof jti !== 'string') throw refuse(errors.jtiType);
  return { jwt, kid, appId: iss, jti, exp: exp as number };
}

/** Five minutes, and ten seconds for clocks that differ. */
const mostSecondsAhead = 310;

/** Step 24, which is looked at only after the `jti` is spent. */
export function refuseFarExpiry(exp: number, now: number): void {
  if (exp - Math.floor(now / 1000) > mostSecondsAhead) throw refuse(errors.expTooFar);
}
