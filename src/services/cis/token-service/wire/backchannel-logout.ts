import { type BlockList, isIP } from 'node:net';
import type { Operation } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import { logOut } from '../log-out.ts';
import { fieldsOf } from './form.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

/** `POST /oauth2/backchannel_logout`: the staff identity provider says that a session has ended. */
export function backchannelLogoutOperation(parts: TokenServiceParts, allowed: BlockList): Operation {
  return {
    name: operationName(parts.base, 'backchannel-logout'),
    method: 'POST',
    path: `${parts.base}/backchannel_logout`,
    summary: 'End a session, called by the staff identity provider',
    access: 'open',
    audit: 'write',
    answers: {
      200: { summary: 'The access and refresh tokens of the session are revoked' },
      400: { summary: 'The logout token is not what it must be' },
      403: { summary: 'The caller is not on the list of allowed addresses; empty' },
      501: { summary: 'The session is not known, or its tokens could not be revoked' },
    },
    async handle(call) {
      const kind = isIP(call.remote) === 6 ? 'ipv6' : 'ipv4';
      if (!allowed.check(call.remote, kind)) throw new Refusal(403, 'address not allowed', undefined);
      const logoutToken = fieldsOf(call.body.toString('utf8')).get('logout_token');
      await logOut(parts, logoutToken, call.now, (userId) => {
        call.principal = { mode: 'healthcare-worker', appId: '', userId, scopes: [], attributes: {} };
      });
      return { status: 200, body: { success: true } };
    },
  };
}
