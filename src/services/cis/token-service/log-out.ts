import { sessionKeyOf } from '../../../platform/identity/queries.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import { logoutErrors as errors, refuse } from './errors.ts';
import { audiencesOf, isSignedByProvider } from './id-token.ts';
import { decodeJwt, isAbsent, isOver } from './jwt.ts';
import type { IdentityProviders, ProviderKeys } from './providers.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Steps 111 to 119: revokes the tokens of a session that the staff identity provider says has ended (OpenID Connect
 * Back-Channel Logout 1.0, section 2.6). Throws refusals, also when nothing was left to revoke; `known` hears whose session
 * it is, where the provider says so.
 */
export async function logOut(
  parts: { readonly tokens: Tokens; readonly providers: IdentityProviders; readonly providerKeys: ProviderKeys },
  logoutToken: string | undefined,
  now: number,
  known: (userId: string) => void,
): Promise<void> {
  const jwt = logoutToken ? decodeJwt(logoutToken) : undefined;
  if (!jwt) throw refuse(errors.malformed);
  const { iss, sub, sid, events, nonce, exp } = jwt.claims;
  const staffProviders = (await parts.providers.all()).filter((provider) => provider.kind === 'cis2');
  const [audience] = audiencesOf(jwt);
  if (!staffProviders.some((provider) => provider.clientId === audience)) throw refuse(errors.aud);
  const issuer = typeof iss === 'string' ? iss.toLowerCase() : undefined;
  const provider = staffProviders.find((one) => one.issuer.toLowerCase() === issuer && one.clientId === audience);
  if (!provider) throw refuse(errors.iss);
  if (isAbsent(sid) || typeof sid !== 'string') throw refuse(errors.sid);
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, logoutEvent)) throw refuse(errors.events);
  if (nonce !== undefined) throw refuse(errors.nonce);
  const found = await parts.providerKeys.find(provider, jwt.header.kid);
  if (found.is === 'unreachable') throw refuse(errors.failed);
  if (found.is === 'unknown' || !isSignedByProvider(jwt, found.key) || isOver(exp, now))
    throw refuse(errors.unverified);
  if (typeof sub === 'string') known(sub);
  const revoked = await parts.tokens.revokeAll({ sessionId: sessionKeyOf(provider.issuer, sid) });
  if (revoked === 0) throw refuse(errors.unknownSid);
}
