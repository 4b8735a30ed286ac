import type { Application, Applications } from '../../../platform/identity/applications.ts';
import { phoneClientId, phoneClientName } from '../log-on/phone/phone-client.ts';
import type { PublicJwk } from './keys/signing-keys.ts';
import type { ProviderKind } from './provider-host.ts';

export const tokenServiceClientId = 'openspine-token-service';
/** The client for which people log on to look after their own account; its codes are never redeemed. */
export const accountClientId = 'openspine-account';

/** How answers come back: posting a form would need a script in a page. */
export const responseModes: readonly string[] = ['query', 'fragment'];

/** A client as the library takes it. */
export type ClientMetadata = Record<string, unknown>;

/** Address to which an application wants to be told of log-outs, among its attributes. */
const logoutAttribute = 'backchannel-logout-uri';
const afterLogoutAttribute = 'post-logout-redirect-uris';

const isWeb = (uri: string) => /^https?:/.test(uri);
const isUsable = (uri: string) => URL.canParse(uri) && !uri.includes('#') && !/^(javascript|data|vbscript):/i.test(uri);

/**
 * A registered application as a client of an identity provider, or undefined when it may not be one. It authenticates
 * with its keys where it has any, else with its secret, else (a public client) by PKCE alone.
 */
export function clientOfApplication(
  application: Application,
  { provider, isGuarded }: { readonly provider: ProviderKind; readonly isGuarded: boolean },
): ClientMetadata | undefined {
  if (application.status !== 'approved') return undefined;
  const { appId, name, jwks, jwksUrl, attributes } = application;
  // patients' provider knows clients by their keys only (contract: nhs-login, clientAuthentication)
  const secretHash = provider === 'nhs-login' ? undefined : application.secretHash;
  const redirectUris = application.redirectUris.filter(isUsable);
  const hasKeys = jwks !== undefined || jwksUrl !== undefined;
  if (provider === 'nhs-login' && !hasKeys) return undefined;
  const logoutUri = attributes[logoutAttribute];
  const isToldOfLogout = logoutUri !== undefined && URL.canParse(logoutUri) && /^https?:/.test(logoutUri);
  const isNative = redirectUris.some((uri) => !isWeb(uri));
  if (isGuarded && redirectUris.some((uri) => /^http:/.test(uri) && !isLoopback(uri))) return undefined;
  return {
    client_id: appId,
    client_name: name,
    redirect_uris: redirectUris,
    application_type: isNative ? 'native' : 'web',
    response_modes: responseModes,
    ...(jwks ? { jwks: { keys: jwks.keys } } : {}),
    ...(jwksUrl !== undefined ? { jwks_uri: jwksUrl } : {}),
    ...(secretHash !== undefined ? { client_secret: secretHash, secret_hash: secretHash } : {}),
    token_endpoint_auth_method: hasKeys ? 'private_key_jwt' : secretHash !== undefined ? 'client_secret_post' : 'none',
    ...(isToldOfLogout ? { backchannel_logout_uri: logoutUri, backchannel_logout_session_required: true } : {}),
    post_logout_redirect_uris: (attributes[afterLogoutAttribute] ?? '').split(' ').filter((uri) => isUsable(uri)),
  };
}

const isLoopback = (uri: string) => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(uri).hostname);

/** The clients of our own: the token service, and the pages on which people look after themselves. */
function ownClients(base: string, keys: readonly PublicJwk[], provider: ProviderKind): readonly ClientMetadata[] {
  const jwks = { keys: keys.map((key) => ({ ...key, use: 'sig' })) };
  const own = {
    jwks,
    application_type: 'web',
    response_modes: responseModes,
    token_endpoint_auth_method: 'private_key_jwt',
  };
  return [
    {
      ...own,
      client_id: tokenServiceClientId,
      client_name: 'OpenSpine token service',
      redirect_uris: [`${base}/oauth2/callback`, `${base}/oauth2-mock/callback`],
      backchannel_logout_uri: `${base}/oauth2/backchannel_logout`,
      backchannel_logout_session_required: true,
    },
    {
      ...own,
      client_id: accountClientId,
      client_name: 'Your account',
      redirect_uris: [`${base}/${provider}/account/return`],
    },
    {
      ...own,
      client_id: phoneClientId,
      client_name: phoneClientName,
      redirect_uris: [`${base}/cis2/phone/return`],
    },
  ];
}

/** Finds clients: our own, or registered applications, as they are now. */
export async function findClient(
  clientId: string,
  from: {
    readonly applications: Applications;
    readonly base: string;
    readonly ownKeys: readonly PublicJwk[];
    readonly provider: ProviderKind;
    readonly isGuarded: boolean;
  },
): Promise<ClientMetadata | undefined> {
  const own = ownClients(from.base, from.ownKeys, from.provider).find((client) => client.client_id === clientId);
  if (own) return own;
  const application = await from.applications.find(clientId);
  return application && clientOfApplication(application, from);
}
