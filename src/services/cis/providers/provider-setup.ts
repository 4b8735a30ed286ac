import { randomUUID } from 'node:crypto';
import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';

import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import { isSecret } from '../../../platform/identity/secret.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { Html, html } from '../pages/html.ts';
import { type Page, page } from '../pages/page.ts';
import { type ClientMetadata, responseModes } from './clients.ts';
import type { KeyRing } from './keys/signing-keys.ts';
import type { ProviderKind } from './provider-host.ts';
import type { ProviderStore } from './provider-store.ts';
import { sessionSeconds } from './staff/assurance.ts';

export const interactionSeconds = 600;

export type SetupParts = {
  readonly kind: ProviderKind;
  readonly issuer: string;
  readonly store: ProviderStore;
  readonly audit: AuditLog;
  readonly keys: KeyRing;
  readonly vault: Vault;
  readonly outbound: Outbound;
  readonly findClient: (clientId: string) => Promise<ClientMetadata | undefined>;
};

/** What both identity providers have in common. Features that nothing published asks for are off. */
export function commonConfiguration(parts: SetupParts, alg: 'RS256' | 'RS512'): Configuration {
  const { kind, store, keys, vault, issuer } = parts;
  const jwks = keys.published.map(({ kid, privateKey }) => ({
    ...(privateKey.export({ format: 'jwk' }) as { kty: 'RSA' }),
    kid,
    use: 'sig',
    alg,
  }));
  const off = { enabled: false };
  return {
    adapter: (name: string) => store.adapter(name, parts.findClient),
    jwks: { keys: jwks } as NonNullable<Configuration['jwks']>,
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientDefaults: {
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: alg,
      token_endpoint_auth_method: 'private_key_jwt',
    },
    extraClientMetadata: { properties: ['secret_hash'], validator: () => {} },
    cookies: {
      names: { session: `${kind}_session`, interaction: `${kind}_log_on`, resume: `${kind}_resume` },
      long: { httpOnly: true, sameSite: 'lax', path: `/${kind}`, signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
      keys: [vault.derive(`cookies of ${kind}`).toString('base64url')],
    },
    features: {
      devInteractions: off,
      dPoP: off,
      pushedAuthorizationRequests: off,
      resourceIndicators: off,
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          // the form is the library's own: nothing a caller sent is in it
          const content = html`<p>The other applications of this session are told.</p>${new Html(form)}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Log out</button>
<button type="submit" form="op.logoutForm" class="secondary">Stay logged on</button>`;
          sendPage(ctx, { title: 'Log out?', content });
        },
        postLogoutSuccessSource: (ctx) =>
          sendPage(ctx, { title: 'You are logged out', content: html`<p>You can close this page.</p>` }),
      },
      backchannelLogout: { enabled: true },
    },
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    allowOmittingSingleRegisteredRedirectUri: false,
    interactions: { url: (_ctx, interaction) => `${issuer}/log-on/${interaction.uid}` },
    loadExistingGrant: grantWhatIsAsked,
    ttl: {
      Interaction: interactionSeconds,
      Session: (ctx, session) => {
        const began = session.loginTs ?? Math.floor(store.clock.wall() / 1000);
        const left = began + sessionSeconds - Math.floor(store.clock.wall() / 1000);
        return ctx && left > 0 ? left : 1;
      },
    },
    renderError: (ctx, out) => {
      const words = [out.error, out.error_description].filter(Boolean).join(': ');
      const content = html`<p>The application sent you here in a way that is not right: ${words}.</p>`;
      sendPage(ctx, { title: 'This cannot go on', content });
    },
    clientBasedCORS: (ctx, origin, client) =>
      (ctx.oidc.route === 'userinfo' || client.clientAuthMethod === 'none') &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    fetch: async (url) => {
      const answer = await parts.outbound({ url: String(url), millis: 5_000, bytes: 100_000 });
      return new Response(new Uint8Array(answer.body), { status: answer.status });
    },
    rotateRefreshToken: true,
  };
}

function sendPage(ctx: KoaContextWithOIDC, whole: Page): void {
  const answer = page(whole);
  ctx.set(answer.headers as Record<string, string>);
  ctx.type = 'html';
  ctx.body = answer.body as string;
}

/** Nobody is asked for consent: clients are registered by the nation, and what scopes release is published. */
async function grantWhatIsAsked(ctx: KoaContextWithOIDC) {
  const { session, client, provider } = ctx.oidc;
  if (!session?.accountId || !client) return undefined;
  const { clientId } = client;
  if (!session.sidFor(clientId)) session.sidFor(clientId, randomUUID());
  const known = session.grantIdFor(clientId);
  let grant = known === undefined ? undefined : await provider.Grant.find(known);
  if (grant?.accountId !== session.accountId) grant = undefined;
  grant ??= new provider.Grant({ accountId: session.accountId, clientId });
  const held = new Set(grant.getOIDCScope().split(' '));
  const asked = [...ctx.oidc.requestParamOIDCScopes].filter((scope) => !held.has(scope));
  if (asked.length > 0) {
    grant.addOIDCScope(asked);
    await grant.save();
  }
  return grant;
}

/** Members of our own that the library's records carry along. */
export type OwnMembers = { selectedRoleId?: string; level?: number; stateHash?: string };

export type ProviderRules = {
  /** The context value an answer bears, of what was asked and what the session reached. */
  answeredAcr?: (asked: string | undefined, acr: string | undefined, amr: readonly string[]) => string | undefined;
  /** What a code carries along from the session and the request that led to it. */
  stampedOnCode?: (ctx: KoaContextWithOIDC) => OwnMembers;
  /** Tells a client that a session ended. */
  tellOfLogout: (clientId: string, userId: string, sid: string) => Promise<void>;
};

/** What the library has no setting for; through its public classes only. To be called before the first request. */
export function adjustProvider(provider: Provider, rules: ProviderRules): void {
  // the scheme is that of our own address, which the mount says; nothing a caller forwards gets that far
  provider.proxy = true;
  const client = provider.Client.prototype as unknown as Record<string, unknown>;
  // secrets are kept as hashes, which the library's own comparison cannot do
  client.compareClientSecret = function (this: { secret_hash?: string }, given: string) {
    return isSecret(given, this.secret_hash);
  };
  // an application that has both keys and a secret may use either
  Object.defineProperty(client, 'clientAuthMethod', {
    get(this: { tokenEndpointAuthMethod: string; secret_hash?: string }) {
      const sent = Provider.ctx;
      const usesSecret =
        sent?.oidc?.params?.client_secret !== undefined || /^basic /i.test(sent?.get('authorization') ?? '');
      return usesSecret && this.secret_hash !== undefined ? 'client_secret_post' : this.tokenEndpointAuthMethod;
    },
  });
  client.includeSid = () => true;
  client.backchannelLogout = function (this: { clientId: string }, userId: string, sid: string) {
    return rules.tellOfLogout(this.clientId, userId, sid);
  };
  carryAlong(provider.Session, ['selectedRoleId']);
  carryAlong(provider.AuthorizationCode, ['selectedRoleId', 'level', 'stateHash']);
  const { stampedOnCode, answeredAcr } = rules;
  if (stampedOnCode) {
    const code = provider.AuthorizationCode.prototype;
    const save = code.save;
    code.save = function (this: typeof code) {
      if (Provider.ctx) Object.assign(this, stampedOnCode(Provider.ctx));
      return save.call(this);
    };
  }
  if (answeredAcr) {
    Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
      get(this: KoaContextWithOIDC['oidc']) {
        const { session, params } = this;
        return answeredAcr(params?.acr_values as string | undefined, session?.acr, session?.amr ?? []);
      },
    });
  }
}

function carryAlong(model: { IN_PAYLOAD: string[] }, members: readonly string[]): void {
  Object.defineProperty(model, 'IN_PAYLOAD', { value: [...model.IN_PAYLOAD, ...members] });
}

/** Discovery names the response modes that clients are registered with. */
export function nameResponseModes(ctx: KoaContextWithOIDC): void {
  ctx.body = { ...(ctx.body as object), response_modes_supported: responseModes };
}
