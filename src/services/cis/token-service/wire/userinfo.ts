import { type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Principal } from '../../../../platform/identity/principal.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { faults, logOnErrors, refuse, refuseToken } from '../errors.ts';
import { base } from './dialect.ts';

/** `GET /oauth2/userinfo`: for tokens of a combined log-on only; there are none yet, so a good token meets step 130. */
export function userinfoOperation(tokens: Tokens): Operation {
  return {
    name: 'cis.userinfo',
    method: 'GET',
    path: `${base}/userinfo`,
    summary: 'Staff user information, combined log-on only',
    access: 'open',
    audit: 'read',
    answers: {
      400: { summary: 'The token is not from a combined log-on' },
      401: { summary: 'The token is missing, unknown or expired: fault' },
    },
    async handle(call) {
      call.principal = await principalOf(tokens, call);
      throw refuse(logOnErrors.notCombined);
    },
  };
}

/** Whom the bearer token stands for. Throws the published faults. */
async function principalOf(tokens: Tokens, call: Call): Promise<Principal> {
  const [scheme = '', token = '', more] = (header(call, 'authorization') ?? '').trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer' || token === '') throw refuseToken(faults.missing);
  const resolution = more === undefined ? await tokens.resolve(token) : ({ is: 'unknown' } as const);
  if (resolution.is === 'valid') return resolution.principal;
  throw refuseToken(faults[resolution.is]);
}
