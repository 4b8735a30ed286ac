import { errors, interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { tokenServiceClientId } from '../clients.ts';
import { guardAnswers } from '../guard-answers.ts';
import { claimsOf, signedJwt } from '../keys/signing-keys.ts';
import { takePostedRequests } from '../posted-requests.ts';
import { adjustProvider, commonConfiguration, nameResponseModes, type SetupParts } from '../provider-setup.ts';
import { changeMetadata } from './change-metadata.ts';
import type { PatientAccount, PatientAccounts } from './patient-accounts.ts';
import { patientIdToken, patientScopes, patientUserInfo } from './patient-claims.ts';
import { metadataOf } from './queries-metadata.ts';
import { isEnough, vectorsOf } from './vectors.ts';

const { Check, base: basePolicy } = interactionPolicy;

export type PatientProviderParts = SetupParts & {
  readonly accounts: PatientAccounts;
  readonly tellOfLogout: (clientId: string, userId: string, sid: string) => Promise<void>;
};

type PatientOidcAccount = { accountId: string; patient: PatientAccount; claims: () => Promise<{ sub: string }> };
const patientOf = (ctx: KoaContextWithOIDC) => (ctx.oidc.account as PatientOidcAccount | undefined)?.patient;

const unsupported = ['max_age', 'ui_locales', 'id_token_hint', 'login_hint', 'acr_values'];

/** The identity provider of patients, at `/nhs-login` (contract: nhs-login). */
export function patientProvider(parts: PatientProviderParts): Provider {
  const common = commonConfiguration(parts, 'RS512');
  const provider = new Provider(parts.issuer, {
    ...common,
    scopes: Object.keys(patientScopes),
    claims: { ...patientScopes, sid: null, auth_time: null, iss: null },
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS512'], idTokenSigningAlgValues: ['RS512'] },
    extraParams: {
      vtr: checkRequest,
      display: null,
      asserted_login_identity: null,
      allow_registration: null,
      fidoAuthResponse: null,
    },
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks' },
    features: { ...common.features, rpInitiatedLogout: { enabled: false }, revocation: { enabled: false } },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // published lifetimes: a refresh token outlives the session it came from
    expiresWithSession: () => false,
    ttl: {
      ...common.ttl,
      AuthorizationCode: 600,
      AccessToken: 300,
      IdToken: 3600,
      RefreshToken: 30 * 86_400,
      Grant: 30 * 86_400,
    },
    findAccount: async (_ctx, sub) => {
      const patient = await parts.accounts.find(sub);
      return patient && ({ accountId: sub, patient, claims: async () => ({ sub }) } as PatientOidcAccount);
    },
    interactions: { ...common.interactions, policy: patientPolicy() },
  });
  adjustProvider(provider, { tellOfLogout: parts.tellOfLogout });
  guardAnswers(provider, parts);
  takePostedRequests(provider);
  provider.use(async (plain, next) => {
    if (plain.method === 'PATCH' && plain.path === '/userinfo')
      return changeMetadata(parts, provider, plain as unknown as KoaContextWithOIDC);
    await next();
    const ctx = plain as unknown as KoaContextWithOIDC;
    const { route } = ctx.oidc ?? {};
    if (route === 'token') reissueIdToken(parts, ctx);
    else if (route === 'userinfo') await answerUserInfo(parts, ctx);
    else if (route === 'discovery') nameResponseModes(ctx);
  });
  return provider;
}

/** What is mandatory, what is not supported, and which scopes exclude each other; refused back to the client. */
function checkRequest(ctx: KoaContextWithOIDC, vtr: string | undefined): void {
  const { params } = ctx.oidc;
  for (const name of ['state', 'nonce'])
    if (params?.[name] === undefined) throw new errors.InvalidRequest(`missing required parameter '${name}'`);
  // our own token service asks both providers alike
  if (ctx.oidc.client?.clientId !== tokenServiceClientId)
    for (const name of unsupported)
      if (params?.[name] !== undefined) throw new errors.InvalidRequest(`parameter '${name}' is not supported`);
  const prompt = params?.prompt;
  if (prompt !== undefined && prompt !== 'none' && prompt !== 'login')
    throw new errors.InvalidRequest("'prompt' is none or login");
  const scopes = String(params?.scope ?? '').split(' ');
  if (scopes.includes('profile') && scopes.includes('basic_demographics'))
    throw new errors.InvalidScope(
      "'profile' and 'basic_demographics' exclude each other",
      'profile basic_demographics',
    );
  if (vectorsOf(vtr) === undefined) throw new errors.InvalidRequest("'vtr' is not a list of vectors of trust");
}

/** The vectors a request asks for. */
export function askedVectors(params: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return vectorsOf(params?.vtr as string | undefined) ?? [];
}

function patientPolicy() {
  const policy = basePolicy();
  policy.remove('consent');
  const logOn = policy.get('login');
  logOn?.checks.add(
    new Check('account_gone', 'the account may not log on', 'login_required', (ctx) => {
      return ctx.oidc.session?.accountId !== undefined && !ctx.oidc.account;
    }),
  );
  logOn?.checks.add(
    new Check('vtr', 'a higher level of trust is required', 'login_required', (ctx) => {
      const { session, params, result } = ctx.oidc;
      if (session?.accountId === undefined || result?.login) return false;
      // the level is what it is now: a record that PDS lost since takes it along
      const vector = `${patientOf(ctx)?.proofing ?? 'P0'}${(session.acr ?? 'P0.Cp').slice(2)}`;
      return !isEnough(askedVectors(params), vector);
    }),
  );
  return policy;
}

type TokenSource = { readonly acr?: string; readonly authTime?: number; readonly scopes: Set<string> };

/** Gives the ID token its published members, header and this Spine's time, and signs it anew. */
function reissueIdToken(parts: PatientProviderParts, ctx: KoaContextWithOIDC): void {
  const body = ctx.body as { id_token?: string } | undefined;
  const account = patientOf(ctx);
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
  const source = (AuthorizationCode ?? RefreshToken) as TokenSource | undefined;
  if (ctx.status !== 200 || !body?.id_token || !account || !source) return;
  const offset = Math.round(parts.store.clock.offset / 1000);
  const protocol = claimsOf(body.id_token);
  for (const name of ['iat', 'exp']) protocol[name] = (protocol[name] as number) + offset;
  const credentials = (source.acr ?? 'P0.Cp').slice(3);
  const { header, claims } = patientIdToken({
    account,
    protocol,
    scopes: source.scopes,
    // a record that PDS lost since takes the level with it
    vot: `${account.proofing}.${credentials}`,
    authTime: (source.authTime ?? 0) + offset,
    issuer: parts.issuer,
  });
  ctx.body = { ...body, id_token: signedJwt(parts.keys.signing, 'RS512', claims, header) };
}

async function answerUserInfo(parts: PatientProviderParts, ctx: KoaContextWithOIDC): Promise<void> {
  const account = patientOf(ctx);
  const { accessToken, client } = ctx.oidc;
  if (ctx.status !== 200 || !account || !accessToken || !client) return;
  const { clientId } = client;
  const scopes = [...accessToken.scopes];
  const kept = scopes.includes('client_metadata') ? await metadataOf(parts.store.db, account.sub, clientId) : undefined;
  const claims = kept === undefined ? account.claims : { ...account.claims, client_user_metadata: kept };
  ctx.body = patientUserInfo({ ...account, claims }, scopes, { issuer: parts.issuer, clientId });
}
