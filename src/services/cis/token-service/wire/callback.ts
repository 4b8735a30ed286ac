import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { finishLogOn } from '../finish-log-on.ts';
import { fieldsOf } from './form.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

/** `GET /oauth2/callback`: back from the identity provider, and on to the application with a code of our own. */
export function callbackOperation(parts: TokenServiceParts): Operation {
  return {
    name: operationName(parts.base, 'callback'),
    method: 'GET',
    path: `${parts.base}/callback`,
    summary: 'Return leg from the identity provider',
    access: 'open',
    audit: 'write',
    answers: {
      302: { summary: "To the application's redirect_uri with our code and its state" },
      400: { summary: 'The state is not known, or the ID token is not for us' },
      401: { summary: 'client_id is missing, or the application may not have what the person reached' },
    },
    handle: (call) => callback(parts, call),
  };
}

async function callback(parts: TokenServiceParts, call: Call): Promise<Answer> {
  const query = fieldsOf(call.rawQuery);
  const returned = {
    state: query.get('state'),
    code: query.get('code'),
    clientId: query.get('client_id'),
    error: query.get('error'),
    errorDescription: query.get('error_description'),
    iss: query.get('iss'),
  };
  const location = await finishLogOn({ ...parts, keys: parts.providerKeys }, returned, call.now, (principal) => {
    call.principal = principal;
    call.subject = principal.nhsNumber ?? '';
  });
  return { status: 302, headers: { location } };
}
