import type { Answer } from '../../../../platform/http/operation.ts';
import type { Application, Applications } from '../../../../platform/identity/applications.ts';
import { isSecret } from '../../../../platform/identity/secret.ts';
import { logOnErrors as errors, refuse } from '../errors.ts';
import type { Form } from './form.ts';

/** Steps 80 to 88. No combined log-on has ever been finished here, so there is no code that could be right. */
export async function redeemCode(applications: Applications, form: Form): Promise<Answer> {
  const client = await clientWithSecret(applications, form);
  const redirectUri = form.get('redirect_uri');
  if (!redirectUri) throw refuse(errors.noRedirectUri);
  if (!client.redirectUris.includes(redirectUri)) throw refuse(errors.redirectUri);
  throw refuse(form.get('code') ? errors.code : errors.noCode);
}

/** Steps 80 to 84, 89 and 90. No refresh token was ever given out here, so none is known. */
export async function redeemRefreshToken(applications: Applications, form: Form): Promise<Answer> {
  await clientWithSecret(applications, form);
  throw refuse(form.get('refresh_token') ? errors.refreshToken : errors.noRefreshToken);
}

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
