import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { Database } from '../../src/platform/db/database.ts';
import { type Registration, registerApplication } from '../../src/platform/identity/applications.ts';
import { BrowserJar, formAction } from './browser-jar.ts';
import type { SpineUnderTest } from './spine.ts';

export const callback = 'http://localhost:9/callback';
export const secret = 'a long client secret of the tests';

/** Registers an application behind a running Spine; its API key. */
export async function registered(spine: SpineUnderTest, wanted: Partial<Registration> = {}): Promise<string> {
  const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
  const given = { name: 'Ward round', redirectUris: [callback], secret, appId: `app-${randomUUID()}`, ...wanted };
  const { appId } = await registerApplication(db, given, Date.now());
  await db.close();
  return appId;
}

/** openid-client, as any third party would set it up from discovery. */
export async function discovered(
  spine: SpineUnderTest,
  provider: 'cis2' | 'nhs-login',
  appId: string,
  authentication: client.ClientAuth = client.ClientSecretPost(secret),
  metadata: Partial<client.ClientMetadata> = {},
): Promise<client.Configuration> {
  const issuer = new URL(`${spine.url.replace('127.0.0.1', 'localhost')}/${provider}`);
  return client.discovery(issuer, appId, metadata, authentication, { execute: [client.allowInsecureRequests] });
}

export type LogOnOptions = {
  readonly username: string;
  readonly browser?: BrowserJar;
  readonly parameters?: Record<string, string>;
  /** The role to pick, where one is asked for. */
  readonly role?: string;
  readonly scope?: string;
};

export type LoggedOn = {
  readonly callbackUrl: URL;
  readonly checks: client.AuthorizationCodeGrantChecks;
  readonly browser: BrowserJar;
  readonly wasAsked: boolean;
};

/** Logs a sandbox user on through the pages, as far as the redirect back to the application. */
export async function logOn(config: client.Configuration, options: LogOnOptions): Promise<LoggedOn> {
  const browser = options.browser ?? new BrowserJar();
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: options.scope ?? 'openid profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...options.parameters,
  });
  let landing = await browser.follow(url.href, callback);
  const wasAsked = landing.html.includes('kc-form-login');
  if (wasAsked)
    landing = await browser.follow(formAction(landing.html, 'kc-form-login'), callback, { username: options.username });
  if (options.role !== undefined && landing.html !== '') {
    const action = /<form method="post" action="([^"]*\/role)"/.exec(landing.html)?.[1] as string;
    landing = await browser.follow(action, callback, { role: options.role });
  }
  if (!landing.url.startsWith(callback)) throw new Error(`${landing.status} ${landing.url}\n${landing.html}`);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { callbackUrl: new URL(landing.url), checks, browser, wasAsked };
}

/** The whole of it: logged on, and the code redeemed. */
export async function tokensOf(config: client.Configuration, options: LogOnOptions) {
  const { callbackUrl, checks, browser, wasAsked } = await logOn(config, options);
  const tokens = await client.authorizationCodeGrant(config, callbackUrl, checks);
  return { tokens, claims: tokens.claims() as client.IDToken, browser, wasAsked, callbackUrl };
}
