import { type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Principal } from '../../../../platform/identity/principal.ts';
import { faults, logOnErrors, refuse, refuseToken } from '../errors.ts';
import { userInfoOf } from '../queries.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

/**
 * `GET /oauth2/userinfo`: what the staff identity provider says of a user of a combined log-on. Of our own staff that is
 * what holds now; of others what was said at log-on.
 */
export function userinfoOperation(parts: TokenServiceParts): Operation {
  return {
    name: operationName(parts.base, 'userinfo'),
    method: 'GET',
    path: `${parts.base}/userinfo`,
    summary: 'Staff user information, combined log-on only',
    access: 'open',
    audit: 'read',
    answers: {
      200: { summary: 'As the staff identity provider gives it' },
      400: { summary: 'The token is not from a combined log-on' },
      401: { summary: 'The token is missing, unknown or expired: fault' },
    },
    async handle(call) {
      const principal = await principalOf(parts, call);
      call.principal = principal;
      const { grant, provider, logOnId } = principal;
      if (grant !== 'authorization_code' || logOnId === undefined || provider?.endsWith('nhs-cis2') !== true)
        throw refuse(logOnErrors.notCombined);
      const userInfo = await userInfoNow(parts, principal, logOnId);
      if (!userInfo) throw refuseToken(faults.unknown);
      return { status: 200, body: userInfo };
    },
  };
}

/** The claims of the user that the scopes of a combined log-on release (`openid nationalrbacaccess`), as they are now. */
async function userInfoNow(
  parts: TokenServiceParts,
  principal: Principal,
  logOnId: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const kept = await userInfoOf(parts.db, logOnId);
  if (!principal.hasLiveRoles || !kept) return kept;
  const account = await parts.staff.find(principal.userId ?? '');
  if (account?.status !== 'active') return undefined;
  return Object.fromEntries(Object.keys(kept).map((name) => [name, account.userInfo[name] ?? kept[name]]));
}

/** Whom the bearer token stands for. Throws the published faults. */
async function principalOf({ tokens }: TokenServiceParts, call: Call): Promise<Principal> {
  const [scheme = '', token = '', more] = (header(call, 'authorization') ?? '').trim().split(/ +/);
  if (scheme.toLowerCase() !== 'bearer' || token === '') throw refuseToken(faults.missing);
  const resolution = more === undefined ? await tokens.resolve(token) : ({ is: 'unknown' } as const);
  if (resolution.is === 'valid') return resolution.principal;
  throw refuseToken(faults[resolution.is]);
}
