import { randomUUID } from 'node:crypto';
import type { Database } from '../../../platform/db/database.ts';
import { isStorable } from '../../../platform/db/is-storable.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import type { Applications } from '../../../platform/identity/applications.ts';
import type { AuthProvider, Principal } from '../../../platform/identity/principal.ts';
import { bearerValue, hashOfBearer } from './bearer-value.ts';
import { assertionErrors, logOnErrors as errors, generalErrors, providerErrors, refuse } from './errors.ts';
import { admitApplication } from './grant.ts';
import { audiencesOf, isSignedByProvider } from './id-token.ts';
import { type CompactJwt, decodeJwt, isOver } from './jwt.ts';
import { personBefore, principalOfPerson } from './person.ts';
import type { IdentityProvider, IdentityProviders, ProviderKeys } from './providers.ts';
import { type AttemptRow, insertCode, insertLogOn, useAttempt } from './queries.ts';
import { backTo } from './send-back.ts';

export type FinishParts = {
  readonly db: Database;
  readonly applications: Applications;
  readonly providers: IdentityProviders;
  readonly keys: ProviderKeys;
  /** What tokens say of where the person logged on. */
  readonly authProvider: (provider: IdentityProvider) => AuthProvider;
};

/** What came back with the browser from the identity provider. */
export type Returned = {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly clientId: string | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  /** The provider's name for itself (RFC 9207), where it gave one. */
  readonly iss: string | undefined;
};

/** How long a person may take at the identity provider; one code of ours lasts five minutes. */
const attemptMillis = 3_600_000;
const codeMillis = 300_000;
const bounds = { millis: 10_000, bytes: 1_000_000 };

/**
 * The way back of a combined log-on (step 96, and 75 and 100): settles who logged on and answers the address to send the
 * browser to, with a code of our own. Throws refusals. `known` hears who it is before anything can be refused for it.
 */
export async function finishLogOn(
  parts: FinishParts,
  returned: Returned,
  now: number,
  known: (principal: Principal) => void,
): Promise<string> {
  const { db } = parts;
  const attempt = returned.state
    ? await useAttempt(db, hashOfBearer(returned.state), now, now - attemptMillis)
    : undefined;
  if (!attempt) throw refuse(errors.state);
  const provider = await parts.providers.byIssuer(attempt.issuer);
  // it was unregistered while the person was there
  if (!provider) throw refuse(errors.state);
  if (provider.kind === 'cis2' && !returned.clientId) throw refuse(errors.noClientId);
  if (provider.kind === 'cis2' && returned.clientId !== provider.clientId) throw refuse(errors.clientId);
  // an answer of another provider than the one asked: a mix-up (RFC 9207, section 2.4)
  if (returned.iss !== undefined && returned.iss !== provider.issuer) throw refuse(errors.externalIss);
  if (returned.error) return sendBack(attempt, { error: returned.error, error_description: returned.errorDescription });
  if (!returned.code) throw refuse(errors.noCode);
  const answer = await redeemAtProvider(provider, attempt, returned.code);
  const jwt = await verifiedIdToken(parts, provider, attempt, answer.idToken, now);
  const client = await parts.applications.find(attempt.app_id);
  if (!client) throw refuse(errors.clientId);
  known(personBefore(client, provider.kind, jwt.claims));
  const userInfo = await userInfoFrom(provider, answer.accessToken, jwt);
  const logOnId = randomUUID();
  const principal = principalOfPerson({
    client,
    kind: provider.kind,
    isOwnProvider: provider.isOwn,
    authProvider: parts.authProvider(provider),
    grant: 'authorization_code',
    claims: jwt.claims,
    userInfo,
    logOnId,
  });
  known(principal);
  admitApplication(client);
  const code = bearerValue();
  await db.transaction(async (tx) => {
    await tx.query(insertLogOn(logOnId, userInfo ?? {}, now));
    await tx.query(
      insertCode({
        code_hash: hashOfBearer(code),
        app_id: client.appId,
        redirect_uri: attempt.redirect_uri,
        principal,
        log_on_id: logOnId,
        family_id: randomUUID(),
        issued_at: new Date(now),
        expires_at: new Date(now + codeMillis),
      }),
    );
  });
  return sendBack(attempt, { code });
}

/** Only ever to an address registered for the client, with the state that the client gave. */
function sendBack(attempt: AttemptRow, parameters: Record<string, string | undefined>): string {
  return backTo(attempt.redirect_uri, { ...parameters, state: attempt.client_state });
}

/** Exchanges the provider's code for its tokens, proving that we are the client that asked. */
async function redeemAtProvider(
  provider: IdentityProvider,
  attempt: AttemptRow,
  code: string,
): Promise<{ idToken: string; accessToken: string | undefined }> {
  const url = provider.tokenEndpoint;
  if (url === undefined) throw refuse(generalErrors.unforeseen);
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: attempt.callback_uri,
    client_id: provider.clientId,
    code_verifier: attempt.code_verifier,
  });
  if (provider.secret !== undefined) form.set('client_secret', provider.secret);
  if (provider.assertion) {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', await provider.assertion(url, provider.clientId));
  }
  const { status, body } = await asked(provider.ask, {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  // the browser brought a code that the provider does not know: that is the browser's fault, not a failure of ours
  if (status >= 400 && status < 500) throw refuse(errors.code);
  if (status !== 200) throw refuse(generalErrors.unforeseen);
  const answer = jsonIn(body) as { id_token?: unknown; access_token?: unknown } | undefined;
  if (typeof answer?.id_token !== 'string') throw refuse(errors.externalMalformed);
  return {
    idToken: answer.id_token,
    accessToken: typeof answer.access_token === 'string' ? answer.access_token : undefined,
  };
}

async function verifiedIdToken(
  parts: FinishParts,
  provider: IdentityProvider,
  attempt: AttemptRow,
  idToken: string,
  now: number,
): Promise<CompactJwt> {
  const jwt = decodeJwt(idToken);
  if (!jwt || !isStorable(jwt.claims)) throw refuse(errors.externalMalformed);
  if (!audiencesOf(jwt).includes(provider.clientId)) throw refuse(errors.externalAud);
  if (jwt.claims.iss !== provider.issuer) throw refuse(errors.externalIss);
  const found = await parts.keys.find(provider, jwt.header.kid);
  if (found.is === 'unreachable') throw refuse(providerErrors.unreachable);
  if (found.is === 'unknown') throw refuse(errors.externalKid);
  if (!isSignedByProvider(jwt, found.key)) throw refuse(assertionErrors.signature);
  if (typeof jwt.claims.exp !== 'number' || isOver(jwt.claims.exp, now)) throw refuse(errors.externalExpired);
  if (jwt.claims.nonce !== attempt.nonce) throw refuse(errors.externalNonce);
  return jwt;
}

/** What the provider says of the user beyond the ID token; it must speak of the same one (OpenID Connect Core, 5.3.2). */
async function userInfoFrom(
  provider: IdentityProvider,
  accessToken: string | undefined,
  { claims }: CompactJwt,
): Promise<Record<string, unknown> | undefined> {
  if (provider.userinfoEndpoint === undefined || accessToken === undefined) return undefined;
  const { status, body } = await asked(provider.ask, {
    url: provider.userinfoEndpoint,
    headers: { authorization: `Bearer ${accessToken}` },
  });
  const userInfo = status === 200 ? (jsonIn(body) as Record<string, unknown> | undefined) : undefined;
  if (!userInfo || !isStorable(userInfo) || userInfo.sub !== claims.sub) throw refuse(generalErrors.unforeseen);
  return userInfo;
}

type Question = { url: string; method?: 'GET' | 'POST'; headers: Record<string, string>; body?: string };

async function asked(ask: Outbound, question: Question): Promise<{ status: number; body: Buffer }> {
  try {
    return await ask({ ...question, ...bounds });
  } catch {
    throw refuse(providerErrors.unreachable);
  }
}

function jsonIn(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
