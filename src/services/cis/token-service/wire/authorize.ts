import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import type { Applications } from '../../../../platform/identity/applications.ts';
import { logOnErrors as errors, type OauthErrorKind, refuse, refuseUnbuilt } from '../errors.ts';
import { admitApplication } from '../grant.ts';
import { authorizePath } from './dialect.ts';
import { fieldsOf } from './form.ts';

/** `GET /oauth2/authorize`: the checks of steps 80 to 95 and 100; the way to an identity provider is not there yet. */
export function authorizeOperation(applications: Applications): Operation {
  return {
    name: 'cis.authorize',
    method: 'GET',
    path: authorizePath,
    summary: 'Start a combined log-on',
    access: 'open',
    audit: 'none',
    answers: {
      302: { summary: 'Back to redirect_uri with error, error_description and state' },
      400: { summary: 'redirect_uri is missing or not the registered one' },
      401: { summary: 'client_id is missing or invalid, or the application has no access' },
      501: { summary: 'Combined log-on is not there yet: OperationOutcome' },
    },
    handle: (call) => authorize(applications, call),
  };
}

async function authorize(applications: Applications, call: Call): Promise<Answer> {
  const asked = fieldsOf(call.rawQuery);
  const id = asked.get('client_id');
  if (!id) throw refuse(errors.noClientId);
  const client = await applications.find(id);
  if (!client) throw refuse(errors.clientId);
  const redirectUri = asked.get('redirect_uri');
  if (!redirectUri) throw refuse(errors.noRedirectUri);
  if (!client.redirectUris.includes(redirectUri)) throw refuse(errors.redirectUri);
  const state = asked.get('state');
  if (!state) return sendBack(redirectUri, errors.noState, undefined);
  const responseType = asked.get('response_type');
  if (!responseType) return sendBack(redirectUri, errors.noResponseType, state);
  if (responseType !== 'code') return sendBack(redirectUri, errors.responseType, state);
  admitApplication(client);
  throw refuseUnbuilt('Combined log-on');
}

/** Only ever to an address registered for the client. */
function sendBack(redirectUri: string, error: OauthErrorKind, state: string | undefined): Answer {
  const url = new URL(redirectUri);
  url.searchParams.append('error', error.error);
  url.searchParams.append('error_description', error.description);
  if (state !== undefined) url.searchParams.append('state', state);
  return { status: 302, headers: { location: url.href } };
}
