import { isStorable } from '../../../platform/db/is-storable.ts';
import { actorErrors, type OauthErrorKind, refuse, subjectErrors } from './errors.ts';
import { type CompactJwt, decodeJwt, isAbsent, isJwtType, isOver } from './jwt.ts';

/** Steps 40 to 62: the form of a subject token and of the proxy's token in it, in the published order. Throws refusals. */
export function readSubjectToken(token: string | undefined, now: number): CompactJwt {
  if (!token) throw refuse(subjectErrors.missing);
  const jwt = decodeJwt(token);
  if (!jwt || !isStorable(jwt.claims)) throw refuse(subjectErrors.malformed);
  readHeader(jwt, subjectErrors);
  readExpiry(jwt, subjectErrors);
  if (isOver(jwt.claims.exp, now)) throw refuse(subjectErrors.expired);
  readParties(jwt, subjectErrors);
  if (jwt.claims.act !== undefined) readActor(jwt.claims.act);
  return jwt;
}

/** A proxy acts for the patient: `act.sub` is a JWT of the proxy's own. What cannot be decoded lacks everything. */
function readActor(act: unknown): void {
  const sub = typeof act === 'object' && act !== null ? (act as { sub?: unknown }).sub : undefined;
  const jwt = typeof sub === 'string' ? decodeJwt(sub) : undefined;
  if (!jwt) throw refuse(actorErrors.noKid);
  readHeader(jwt, actorErrors);
  readExpiry(jwt, actorErrors);
  readParties(jwt, actorErrors);
  if (isAbsent(jwt.claims.nhs_number)) throw refuse(actorErrors.noNhsNumber);
}

type HeaderErrors = Record<'noKid' | 'typ' | 'noAlg', OauthErrorKind>;
type ExpiryErrors = Record<'noExp' | 'expType', OauthErrorKind>;
type PartyErrors = Record<'noIss' | 'noAud', OauthErrorKind>;

function readHeader({ header }: CompactJwt, errors: HeaderErrors): void {
  if (isAbsent(header.kid)) throw refuse(errors.noKid);
  if (!isJwtType(header.typ)) throw refuse(errors.typ);
  if (isAbsent(header.alg)) throw refuse(errors.noAlg);
}

function readExpiry({ claims }: CompactJwt, errors: ExpiryErrors): void {
  if (isAbsent(claims.exp)) throw refuse(errors.noExp);
  if (!Number.isInteger(claims.exp)) throw refuse(errors.expType);
}

function readParties({ claims }: CompactJwt, errors: PartyErrors): void {
  if (isAbsent(claims.iss)) throw refuse(errors.noIss);
  if (isAbsent(claims.aud) || (Array.isArray(claims.aud) && claims.aud.length === 0)) throw refuse(errors.noAud);
}
