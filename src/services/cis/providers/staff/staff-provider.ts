import { interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { StaffAccount, StaffDirectory } from '../../staff-directory.ts';
import { guardAnswers } from '../guard-answers.ts';
import { claimsOf, signedJwt } from '../keys/signing-keys.ts';
import { takePostedRequests } from '../posted-requests.ts';
import {
  adjustProvider,
  commonConfiguration,
  nameResponseModes,
  type OwnMembers,
  type SetupParts,
} from '../provider-setup.ts';
import type { GivenWhole } from '../sandbox-users.ts';
import { acrValues, answeredAcr, askedValues, levelOfAcr, satisfied } from './assurance.ts';
import { roleStep } from './role-selection.ts';
import { halfHash, releasedByScopes, staffIdTokenClaims, staffScopes } from './staff-claims.ts';

const { Check, Prompt, base: basePolicy } = interactionPolicy;

export type StaffProviderParts = SetupParts & {
  readonly directory: StaffDirectory;
  readonly isSandbox: boolean;
  readonly tellOfLogout: (clientId: string, userId: string, sid: string) => Promise<void>;
};

type StaffOidcAccount = { accountId: string; staff: StaffAccount; claims: () => Promise<{ sub: string }> };
type OwnSession = NonNullable<KoaContextWithOIDC['oidc']['session']> & OwnMembers;
const sessionOf = (ctx: KoaContextWithOIDC) => ctx.oidc.session as OwnSession | undefined;
const staffOf = (ctx: KoaContextWithOIDC) => (ctx.oidc.account as StaffOidcAccount | undefined)?.staff;

/** The identity provider of staff, at `/cis2`. */
export function staffProvider(parts: StaffProviderParts): Provider {
  const asked = (ctx: KoaContextWithOIDC) =>
    askedValues(ctx.oidc.params?.acr_values as string | undefined, parts.isSandbox);
  const common = commonConfiguration(parts, 'RS256');
  const provider = new Provider(parts.issuer, {
    ...common,
    acrValues: acrValues(parts.isSandbox),
    scopes: Object.keys(staffScopes),
    claims: { ...staffScopes, acr: null, amr: null, sid: null, auth_time: null, iss: null },
    clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'RS512'], idTokenSigningAlgValues: ['RS256'] },
    routes: {
      authorization: '/authorize',
      token: '/token',
      userinfo: '/userinfo',
      jwks: '/jwks',
      end_session: '/logout',
      revocation: '/revoke',
    },
    issueRefreshToken: () => false,
    expiresWithSession: () => true,
    ttl: { ...common.ttl, AuthorizationCode: 60, AccessToken: 3600, IdToken: 3600, Grant: 12 * 3600 },
    findAccount: async (_ctx, sub) => {
      const staff = await parts.directory.find(sub);
      if (staff?.status !== 'active') return undefined;
      return { accountId: sub, staff, claims: async () => ({ sub }) } as StaffOidcAccount;
    },
    interactions: { ...common.interactions, policy: staffPolicy(asked) },
  });
  adjustProvider(provider, {
    answeredAcr: (values, acr, amr) =>
      acr === undefined
        ? undefined
        : answeredAcr(askedValues(values, parts.isSandbox), { level: levelOfAcr(acr) ?? 1, amr }),
    stampedOnCode: (ctx) => {
      const session = sessionOf(ctx);
      const state = ctx.oidc.params?.state as string | undefined;
      return {
        ...(session?.selectedRoleId === undefined ? {} : { selectedRoleId: session.selectedRoleId }),
        level: levelOfAcr(session?.acr) ?? 1,
        ...(state === undefined ? {} : { stateHash: halfHash(state, 'sha256') }),
      };
    },
    tellOfLogout: parts.tellOfLogout,
  });
  guardAnswers(provider, parts);
  takePostedRequests(provider);
  provider.use(async (plain, next) => {
    await next();
    const ctx = plain as unknown as KoaContextWithOIDC;
    if (!ctx.oidc) return;
    const { route, client, params } = ctx.oidc;
    if (route === 'token') reissueIdToken(parts, ctx);
    else if (route === 'userinfo') answerUserInfo(ctx);
    else if (route === 'discovery') nameResponseModes(ctx);
    else if (client && typeof params?.redirect_uri === 'string')
      repeatClientId(ctx, params.redirect_uri, client.clientId);
  });
  return provider;
}

/** Who must log on (again), and who must choose a role. */
function staffPolicy(asked: (ctx: KoaContextWithOIDC) => readonly string[]) {
  const policy = basePolicy();
  policy.remove('consent');
  const logOn = policy.get('login');
  logOn?.checks.add(
    new Check('account_gone', 'the account may not log on', 'login_required', (ctx) => {
      return sessionOf(ctx)?.accountId !== undefined && !ctx.oidc.account;
    }),
  );
  logOn?.checks.add(
    new Check('acr', 'a stronger log-on is required', 'login_required', (ctx) => {
      const session = sessionOf(ctx);
      if (session?.accountId === undefined || ctx.oidc.result?.login) return false;
      const reached = { level: levelOfAcr(session.acr) ?? 1, amr: session.amr ?? [] };
      return satisfied(asked(ctx), reached) === undefined;
    }),
  );
  policy.add(
    new Prompt(
      { name: 'role', requestable: false },
      new Check('role_not_chosen', 'a role must be chosen', 'interaction_required', (ctx) => {
        const [session, staff] = [sessionOf(ctx), staffOf(ctx)];
        if (!session || !staff) return false;
        const picked = (ctx.oidc.result?.role as { id?: string } | undefined)?.id;
        const step = roleStep({
          scopes: ctx.oidc.requestParamScopes,
          roles: staff.roles,
          picked,
          chosen: session.selectedRoleId,
          isLogOnForced: ctx.oidc.prompts.has('login'),
        });
        if (step.is === 'ask') return true;
        if (step.roleId !== session.selectedRoleId && step.roleId !== undefined) session.selectedRoleId = step.roleId;
        return false;
      }),
    ),
  );
  return policy;
}

type CodeHeld = {
  readonly jti: string;
  readonly scopes: Set<string>;
  readonly clientId?: string;
  readonly acr?: string;
  readonly amr?: string[];
  readonly authTime?: number;
};

/** Gives the ID token its published members and this Spine's time, and signs it anew. */
function reissueIdToken(parts: StaffProviderParts, ctx: KoaContextWithOIDC): void {
  const body = ctx.body as { id_token?: string; access_token: string } | undefined;
  const staff = staffOf(ctx);
  const code = ctx.oidc.entities.AuthorizationCode as (OwnMembers & CodeHeld) | undefined;
  if (ctx.status !== 200 || !body?.id_token || !staff || !code) return;
  const claims = claimsOf(body.id_token);
  const offset = Math.round(parts.store.clock.offset / 1000);
  for (const name of ['iat', 'exp']) claims[name] = (claims[name] as number) + offset;
  const own = staffIdTokenClaims({
    account: staff,
    clientId: code.clientId ?? '',
    level: (code.level ?? 1) as 1 | 2 | 3,
    scopes: code.scopes,
    selectedRoleId: code.selectedRoleId,
    accessToken: body.access_token,
    code: code.jti,
    stateHash: code.stateHash,
    acr: code.acr,
    amr: code.amr ?? [],
    authTime: (code.authTime ?? 0) + offset,
  });
  ctx.body = { ...body, id_token: signedJwt(parts.keys.signing, 'RS256', { ...claims, ...own }) };
}

/** The user information as published: what the scopes release, each claim in its published form. */
function answerUserInfo(ctx: KoaContextWithOIDC): void {
  const staff = staffOf(ctx);
  const token = ctx.oidc.accessToken;
  if (ctx.status !== 200 || !staff || !token) return;
  const isGivenWhole = (staff as GivenWhole).isUserInfoWhole === true;
  ctx.body = {
    sub: staff.userId,
    ...(isGivenWhole ? staff.userInfo : releasedByScopes(staffScopes, token.scopes, staff.userInfo)),
  };
}

/** Redirects back to a client repeat its id, as the published provider's do. */
function repeatClientId(ctx: KoaContextWithOIDC, redirectUri: string, clientId: string): void {
  const location = ctx.response.get('location') as string | undefined;
  if (!location?.startsWith(redirectUri)) return;
  const url = new URL(location);
  if (!url.searchParams.has('code') && !url.searchParams.has('error')) return;
  url.searchParams.set('client_id', clientId);
  ctx.set('location', url.href);
}
