import type { Answer, Call } from '../../../../platform/http/operation.ts';
import type { Application, Applications } from '../../../../platform/identity/applications.ts';
import type { Principal } from '../../../../platform/identity/principal.ts';
import { isSecret } from '../../../../platform/identity/secret.ts';
import { logOnErrors as errors, refuse } from '../errors.ts';
import type { LivesWanted } from '../give-tokens.ts';
import { principalOfClient } from '../grant.ts';
import { redeemCode } from '../redeem-code.ts';
import { refresh } from '../refresh.ts';
import type { Form } from './form.ts';
import type { TokenServiceParts } from './parts.ts';

/** What a form asks of the lives of tokens. */
export const livesWanted = (form: Form): LivesWanted => ({
  access: form.get('_access_token_expiry_ms'),
  refresh: form.get('_refresh_token_expiry_ms'),
  validity: form.get('_refresh_tokens_validity_ms'),
});

/** Steps 80 to 88: the tokens of a combined log-on. */
export async function answerCode(parts: TokenServiceParts, call: Call, form: Form): Promise<Answer> {
  const client = await clientWithSecret(parts.applications, form);
  call.principal = principalOfClient(client);
  const redirectUri = form.get('redirect_uri');
  if (!redirectUri) throw refuse(errors.noRedirectUri);
  if (!client.redirectUris.includes(redirectUri)) throw refuse(errors.redirectUri);
  const code = form.get('code');
  if (!code) throw refuse(errors.noCode);
  // only the refresh of a later day may shorten the validity of the whole log-on
  const { access, refresh: life } = livesWanted(form);
  const asked = { code, redirectUri };
  const { given, principal } = await redeemCode(
    parts,
    client,
    asked,
    { access, refresh: life },
    call.now,
    knownIn(call),
  );
  call.principal = principal;
  return { status: 200, body: given };
}

/** Steps 80 to 84 and 89 to 91: new tokens for a refresh token. */
export async function answerRefresh(parts: TokenServiceParts, call: Call, form: Form): Promise<Answer> {
  const client = await clientWithSecret(parts.applications, form);
  call.principal = principalOfClient(client);
  const token = form.get('refresh_token');
  if (!token) throw refuse(errors.noRefreshToken);
  const { given, principal } = await refresh(parts, client, token, livesWanted(form), call.now, knownIn(call));
  call.principal = principal;
  return { status: 200, body: given };
}

/** Tells the audit whose call it is. */
const knownIn = (call: Call) => (principal: Principal) => {
  call.principal = principal;
};

async function clientWithSecret(applications: Applications, form: Form): Promise<Application> {
  const id = form.get('client_id');
  if (!id) throw refuse(errors.noClientId);
  const client = await applications.find(id);
  if (!client) throw refuse(errors.client);
  const secret = form.get('client_secret');
  if (!secret) throw refuse(errors.noSecret);
  if (!isSecret(secret, client.secretHash)) throw refuse(errors.client);
  return client;
}
