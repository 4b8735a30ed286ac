import { createHash } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Application } from '../../../platform/identity/applications.ts';
import { bearerValue, hashOfBearer } from './bearer-value.ts';
import type { IdentityProvider } from './providers.ts';
import { insertAttempt } from './queries.ts';

/** What an application asks of a combined log-on, checked. */
export type LogOnWanted = {
  readonly client: Application;
  readonly redirectUri: string;
  readonly state: string;
  readonly acrValues: string | undefined;
  readonly prompt: string | undefined;
  /** Our own address for the way back. */
  readonly callbackUri: string;
};

const scopeFor = { cis2: 'openid nationalrbacaccess', 'nhs-login': 'openid profile' } as const;

/**
 * Sends a person to the identity provider; the address to send them to. Our `state` is random, kept as a hash and good
 * once; `nonce` ties the ID token to this very attempt, and PKCE (RFC 7636) the code to us.
 */
export async function beginLogOn(
  db: Queryable,
  provider: IdentityProvider,
  wanted: LogOnWanted,
  now: number,
): Promise<string> {
  const [state, nonce, verifier] = [bearerValue(), bearerValue(), bearerValue() + bearerValue()];
  await db.query(
    insertAttempt({
      state_hash: hashOfBearer(state),
      app_id: wanted.client.appId,
      redirect_uri: wanted.redirectUri,
      client_state: wanted.state,
      issuer: provider.issuer,
      nonce,
      code_verifier: verifier,
      callback_uri: wanted.callbackUri,
      began_at: new Date(now),
    }),
  );
  const url = new URL(provider.authorizationEndpoint as string);
  const parameters: Record<string, string> = {
    client_id: provider.clientId,
    redirect_uri: wanted.callbackUri,
    response_type: 'code',
    scope: scopeFor[provider.kind],
    state,
    nonce,
    max_age: '300',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  if (provider.kind === 'cis2') parameters.acr_values = wanted.acrValues || 'AAL3_ANY';
  else parameters.vtr = vectorsFor(wanted.client);
  if (wanted.prompt) parameters.prompt = wanted.prompt;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Vectors of trust to ask for: from the least proofing level for which the application has a scope. */
function vectorsFor(client: Application): string {
  const scopes = client.products.flatMap((product) => product.scopes);
  const level = ['P0', 'P5'].find((one) => scopes.some((scope) => scope.includes(`:${one}:`))) ?? 'P9';
  return JSON.stringify([`${level}.Cp.Cd`, `${level}.Cp.Ck`, `${level}.Cm`]);
}
