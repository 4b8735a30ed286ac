import { isStorable } from '../../../../platform/db/is-storable.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { beginLogOn } from '../begin-log-on.ts';
import { logOnErrors as errors, generalErrors, type OauthErrorKind, refuse } from '../errors.ts';
import { admitApplication } from '../grant.ts';
import { backTo } from '../send-back.ts';
import { fieldsOf } from './form.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

/** `GET /oauth2/authorize`: the checks of steps 80 to 95 and 100, and on to the identity provider. */
export function authorizeOperation(parts: TokenServiceParts): Operation {
  return {
    name: operationName(parts.base, 'authorize'),
    method: 'GET',
    path: `${parts.base}/authorize`,
    summary: 'Start a combined log-on',
    access: 'open',
    audit: 'none',
    answers: {
      302: { summary: 'To the identity provider, or back to redirect_uri with error, error_description and state' },
      400: { summary: 'redirect_uri is missing or not the registered one' },
      401: { summary: 'client_id is missing or invalid, or the application has no access' },
      405: { summary: 'Not GET; empty, with Allow' },
    },
    handle: (call) => authorize(parts, call),
  };
}

async function authorize(parts: TokenServiceParts, call: Call): Promise<Answer> {
  const asked = fieldsOf(call.rawQuery);
  const id = asked.get('client_id');
  if (!id) throw refuse(errors.noClientId);
  const client = await parts.applications.find(id);
  if (!client) throw refuse(errors.clientId);
  const redirectUri = asked.get('redirect_uri');
  if (!redirectUri) throw refuse(errors.noRedirectUri);
  if (!client.redirectUris.includes(redirectUri)) throw refuse(errors.redirectUri);
  const state = asked.get('state');
  if (!state) return sendBack(redirectUri, errors.noState, undefined);
  if (!isStorable(state)) return sendBack(redirectUri, errors.badState, state);
  const responseType = asked.get('response_type');
  if (!responseType) return sendBack(redirectUri, errors.noResponseType, state);
  if (responseType !== 'code') return sendBack(redirectUri, errors.responseType, state);
  admitApplication(client);
  // the scope is not looked at but for this one word (token service contract, section 3)
  const provider = await parts.providers.forLogOn(asked.get('scope') === 'nhs-login' ? 'nhs-login' : 'cis2');
  if (!provider) throw refuse(generalErrors.unforeseen);
  const wanted = {
    client,
    redirectUri,
    state,
    acrValues: asked.get('acr_values'),
    prompt: asked.get('prompt'),
    callbackUri: `${parts.address.base}${parts.base}/callback`,
  };
  return { status: 302, headers: { location: await beginLogOn(parts.db, provider, wanted, call.now) } };
}

/** Only ever to an address registered for the client. */
function sendBack(redirectUri: string, error: OauthErrorKind, state: string | undefined): Answer {
  const told = { error: error.error, error_description: error.description, state };
  return { status: 302, headers: { location: backTo(redirectUri, told) } };
}
