import { randomUUID } from 'node:crypto';
import type { Database } from '../../../platform/db/database.ts';
import type { Application } from '../../../platform/identity/applications.ts';
import type { AuthProvider, Principal } from '../../../platform/identity/principal.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import type { Standing } from '../standing.ts';
import { accessErrors, providerErrors as errors, refuse, subjectErrors } from './errors.ts';
import { giveTokens, type LivesWanted, type TokensGiven } from './give-tokens.ts';
import { admitApplication } from './grant.ts';
import { audiencesOf, isSignedByProvider } from './id-token.ts';
import type { CompactJwt } from './jwt.ts';
import { principalOfPerson } from './person.ts';
import type { IdentityProvider, IdentityProviders, ProviderKeys } from './providers.ts';

export type ExchangeParts = {
  readonly db: Database;
  readonly tokens: Tokens;
  readonly providers: IdentityProviders;
  readonly providerKeys: ProviderKeys;
  readonly standing: Standing;
  readonly authProvider: (provider: IdentityProvider) => AuthProvider;
};

/** Steps 65 to 68: the provider whose token it is. Throws refusals. */
export async function verifySubjectToken(
  parts: Pick<ExchangeParts, 'providers' | 'providerKeys'>,
  jwt: CompactJwt,
): Promise<IdentityProvider> {
  const provider = await parts.providers.byIssuer(jwt.claims.iss);
  if (!provider) throw refuse(errors.issuer);
  const found = await parts.providerKeys.find(provider, jwt.header.kid);
  if (found.is === 'unreachable') throw refuse(errors.unreachable);
  if (found.is === 'unknown') throw refuse(errors.unknownKid);
  if (!isSignedByProvider(jwt, found.key)) throw refuse(errors.signature);
  return provider;
}

/** Steps 75 and 100, and the tokens of a separate log-on. `client` has proved itself, `jwt` its form. Throws refusals. */
export async function exchangeToken(
  parts: ExchangeParts,
  client: Application,
  jwt: CompactJwt,
  provider: IdentityProvider,
  wanted: LivesWanted,
  now: number,
): Promise<{ given: TokensGiven; principal: Principal }> {
  // an ID token that our own provider made for one application is worth nothing in the hands of another
  if (provider.isOwn && !audiencesOf(jwt).includes(client.appId)) throw refuse(subjectErrors.noAud);
  const principal = principalOfPerson({
    client,
    kind: provider.kind,
    isOwnProvider: provider.isOwn,
    authProvider: parts.authProvider(provider),
    grant: 'token_exchange',
    claims: jwt.claims,
  });
  admitApplication(client);
  if (!(await parts.standing.mayAct(principal))) throw refuse(accessErrors.identityClosed);
  const descent = { familyId: randomUUID(), firstIssuedAt: now, refreshCount: 0 };
  const given = await parts.db.transaction((tx) => giveTokens(tx, parts.tokens, principal, descent, wanted, now));
  return { given, principal };
}
