import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importPKCS8, SignJWT } from 'jose';
import { afterAll } from 'vitest';
import { type ClientKey, clientKey } from './token-service.ts';

/** What the person at somebody else's identity provider is, and how the provider misbehaves; tests change it. */
export type Behaviour = {
  claims: Record<string, unknown>;
  header: Record<string, unknown>;
  userInfo: Record<string, unknown>;
  /** Takes the place of the whole ID token. */
  idToken?: string | undefined;
  /** Status of the token address. */
  tokenStatus: number;
  /** Who signs; must stand in the key set, or not. */
  signer: ClientKey;
  /** The key set that is published. */
  published: ClientKey[];
  isUp: boolean;
};

export type ForeignProvider = Awaited<ReturnType<typeof foreignProvider>>;

/**
 * An identity provider that is not ours: real HTTP, real keys, its own view of the protocol. It lets everybody in, and
 * keeps what it was asked.
 */
export async function foreignProvider(kind: 'cis2' | 'nhs-login', clientId: string) {
  const key = await clientKey(`${kind}-1`);
  const behaviour: Behaviour = {
    claims:
      kind === 'cis2'
        ? { sub: '555000000042', authentication_assurance_level: 3, id_assurance_level: 3, sid: 'sid-1' }
        : { sub: 'ab-1', nhs_number: '9912003071', identity_proofing_level: 'P9', vot: 'P9.Cp.Cd' },
    header: {},
    userInfo: { sub: '555000000042', nhsid_nrbac_roles: [] },
    tokenStatus: 200,
    signer: key,
    published: [key],
    isUp: true,
  };
  const asked: { authorize: URLSearchParams[]; token: URLSearchParams[]; keys: number } = {
    authorize: [],
    token: [],
    keys: 0,
  };
  const nonces = new Map<string, string>();
  const algorithm = kind === 'cis2' ? 'RS256' : 'RS512';

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://provider');
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', async () => {
      const json = (status: number, value: unknown) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      if (!behaviour.isUp) return request.socket.destroy();
      if (url.pathname === '/keys') {
        asked.keys++;
        return json(200, { keys: behaviour.published.map((one) => ({ ...one.publicJwk, alg: algorithm })) });
      }
      if (url.pathname === '/authorize') {
        asked.authorize.push(url.searchParams);
        const code = crypto.randomUUID();
        nonces.set(code, url.searchParams.get('nonce') ?? '');
        const back = new URL(url.searchParams.get('redirect_uri') as string);
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        if (kind === 'cis2') back.searchParams.set('client_id', clientId);
        response.writeHead(302, { location: back.href });
        return response.end();
      }
      if (url.pathname === '/token') {
        const form = new URLSearchParams(body);
        asked.token.push(form);
        const nonce = nonces.get(form.get('code') ?? '');
        if (nonce === undefined) return json(400, { error: 'invalid_grant' });
        if (behaviour.tokenStatus !== 200) return json(behaviour.tokenStatus, { error: 'server_error' });
        nonces.delete(form.get('code') ?? '');
        const id_token = behaviour.idToken ?? (await sign({ nonce }));
        return json(200, { access_token: 'theirs', token_type: 'Bearer', id_token });
      }
      if (url.pathname === '/userinfo')
        return request.headers.authorization === 'Bearer theirs' ? json(200, behaviour.userInfo) : json(401, {});
      return json(404, {});
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** An ID token, or another token of the provider's, as it makes them; members given as undefined are left out. */
  async function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const whole = { iss: base, aud: clientId, iat: now, exp: now + 3600, ...behaviour.claims, ...claims };
    const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
    return new SignJWT(present)
      .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: behaviour.signer.kid, ...behaviour.header, ...header })
      .sign(await importPKCS8(behaviour.signer.pem, algorithm));
  }

  return {
    issuer: base,
    behaviour,
    asked,
    key,
    sign,
    /** As `/sandbox/load` takes it. */
    registration: {
      issuer: base,
      kind,
      jwksUri: `${base}/keys`,
      clientId,
      clientSecret: 'between us',
      authorizationEndpoint: `${base}/authorize`,
      tokenEndpoint: `${base}/token`,
      ...(kind === 'cis2' ? { userinfoEndpoint: `${base}/userinfo` } : {}),
    },
  };
}
