import type { ForeignProvider } from './foreign-provider.ts';
import { startSpine } from './spine.ts';
import { assertionOf, clientKey, jwtBearer, type Wanted } from './token-service.ts';

export const home = 'https://app.example/back?tab=1';
export const everyScope = [
  'urn:nhsd:apim:app:level3:personal-demographics-service',
  'urn:nhsd:apim:user-nhs-id:aal2:personal-demographics-service',
  'urn:nhsd:apim:user-nhs-id:aal3:personal-demographics-service',
  'urn:nhsd:apim:user-nhs-login:P9:personal-demographics-service',
];

export type Told = { status: number; body: Record<string, string> };

/** A whole Spine with an application of ours, and what that application's client does to log people on. */
export async function loggingOn(providers: readonly ForeignProvider[]) {
  const spine = await startSpine();
  const key = await clientKey('k-1');
  const url = `${spine.url}/oauth2`;
  const load = (more: object = {}, apiKey = 'app') =>
    spine.control('load', {
      cis: {
        applications: [
          {
            apiKey,
            secret: 'correct horse',
            jwks: { keys: [key.publicJwk] },
            redirectUris: [home],
            products: [{ name: 'demographics', scopes: everyScope }],
            attributes: { colour: 'teal', asid: '200000009876' },
            ...more,
          },
        ],
      },
    });
  await load();
  await spine.control('load', { cis: { providers: providers.map((provider) => provider.registration) } });

  const told = async (answer: Response): Promise<Told> => ({
    status: answer.status,
    body: (await answer.json()) as Record<string, string>,
  });
  const post = async (fields: Record<string, string>): Promise<Told> =>
    told(await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams(fields).toString(), headers: form }));
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const locationOf = (answer: Response): URL => {
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`no redirect but ${answer.status}`);
    return new URL(location);
  };
  const authorize = (fields: Record<string, string> = {}) =>
    fetch(
      `${url}/authorize?${new URLSearchParams({ client_id: 'app', redirect_uri: home, response_type: 'code', state: 'my state', ...fields })}`,
      { redirect: 'manual' },
    );
  /** Through the provider, so far that the browser stands before our callback. */
  const atCallback = async (fields: Record<string, string> = {}) =>
    locationOf(await fetch(locationOf(await authorize(fields)), { redirect: 'manual' }));
  const callback = (search: string) => fetch(`${url}/callback${search}`, { redirect: 'manual' });
  /** Logs on; our own code as the application gets it. */
  const code = async (fields: Record<string, string> = {}): Promise<string> =>
    locationOf(await callback((await atCallback(fields)).search)).searchParams.get('code') as string;
  const redeem = (given: string, more: Record<string, string> = {}) =>
    post({
      grant_type: 'authorization_code',
      client_id: 'app',
      client_secret: 'correct horse',
      redirect_uri: home,
      code: given,
      ...more,
    });
  const refresh = (token: string, more: Record<string, string> = {}) =>
    post({
      grant_type: 'refresh_token',
      client_id: 'app',
      client_secret: 'correct horse',
      refresh_token: token,
      ...more,
    });
  const exchange = async (subject_token: string, more: Record<string, string> = {}, wanted: Wanted = {}) =>
    post({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token,
      client_assertion_type: jwtBearer,
      client_assertion: await assertionOf(key, { appId: 'app', audience: `${url}/token`, now: Date.now() }, wanted),
      ...more,
    });
  return {
    spine,
    url,
    key,
    load,
    post,
    told,
    locationOf,
    authorize,
    atCallback,
    callback,
    code,
    redeem,
    refresh,
    exchange,
    logOn: async (fields: Record<string, string> = {}, more: Record<string, string> = {}) =>
      (await redeem(await code(fields), more)).body,
    introspect: (token: string | undefined) =>
      spine.control('introspect', { token }) as Promise<{ scopes: string[]; attributes: Record<string, string> }>,
    userInfo: async (token: string | undefined) =>
      told(await fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${token}` } })),
  };
}
