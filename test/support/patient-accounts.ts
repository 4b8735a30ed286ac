import * as client from 'openid-client';
import { generate } from 'otplib';
import { expect } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import type { Statement } from '../../src/platform/db/sql.ts';
import { hashOfCode, newEnrolmentCode } from '../../src/services/cis/log-on/account/enrolment-code.ts';
import { insertEnrolmentCode } from '../../src/services/cis/log-on/queries-authenticators.ts';
import { registered as registeredPatient, staffToken } from './access.ts';
import { BrowserJar } from './browser-jar.ts';
import { callback, discovered, registered } from './relying-party.ts';
import { SoftwarePasskey } from './software-passkey.ts';
import { startSpine } from './spine.ts';
import { assertionOf, clientKey, jwtBearer } from './token-service.ts';

type Options = { readonly challenge: string; readonly user?: { readonly id: string } };
export type PatientBrowser = Awaited<ReturnType<Awaited<ReturnType<typeof patientAccounts>>['landOn']>>;

/** A Spine with patients of one practice, an application for them, and browsers in which they log on. */
export async function patientAccounts() {
  const spine = await startSpine();
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const patients = ['9449306621', '9449306648', '9449306613'] as const;
  await spine.control('load', { pds: { patients: patients.map((number) => registeredPatient(number)) } });
  const key = await clientKey('k1');
  const appId = await registered(spine, {
    jwks: { keys: [key.publicJwk] },
    secret: undefined,
    mode: 'patient-access',
  });
  const config = await discovered(spine, 'nhs-login', appId, client.PrivateKeyJwt({ key: key.privateKey, kid: 'k1' }), {
    id_token_signed_response_alg: 'RS512',
  });
  const clerk = await staffToken(spine, '555000000001', { activities: ['B0560'] });

  async function withDatabase<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
    const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
    try {
      return await work(db);
    } finally {
      await db.close();
    }
  }

  async function ask(token: string | undefined, path: string, body?: unknown) {
    const response = await fetch(`${spine.url}/patient-accounts${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
    const answered = (await response.json()) as any;
    const rule: string | undefined = answered?.issue?.[0]?.details?.coding?.[0]?.code;
    return { status: response.status, body: answered, rule };
  }

  const evidence = {
    method: 'video',
    documents: [
      { kind: 'photo-identity', name: 'driving licence' },
      { kind: 'other', name: 'bank statement' },
    ],
  };

  /** Closes what account the patient has, and opens another. */
  async function opened(nhsNumber: string, { proofing }: { proofing: string }) {
    const { body: listed } = await ask(clerk, `?nhsNumber=${nhsNumber}`);
    for (const one of listed.accounts as { id: string; state: string }[])
      if (one.state !== 'closed') await ask(clerk, `/${one.id}/close`, { reason: 'another test' });
    const { status, body } = await ask(clerk, '', { nhsNumber, proofing, evidence });
    expect(status).toBe(201);
    return { account: body.account.id as string, code: body.enrolment.code as string };
  }

  async function enrolPage(code: string, home = '/nhs-login') {
    const browser = new BrowserJar();
    const address = `${base}${home}/enrol/${code}`;
    const page = await browser.open(address);
    expect(page.status).toBe(200);
    return {
      browser,
      address,
      options: async () => (await browser.script(`${address}/passkey/options`, {})).body as unknown as Options,
      post: (made: object) => browser.script(`${address}/passkey`, made),
    };
  }

  /** A passkey enrolled with a code. */
  async function enrolled(code: string, home?: string): Promise<SoftwarePasskey> {
    const page = await enrolPage(code, home);
    const passkey = new SoftwarePasskey(base);
    expect((await page.post(passkey.create(await page.options()))).status).toBe(200);
    return passkey;
  }

  /** A password and an app enrolled with a code. */
  async function enrolledApp(code: string) {
    const { browser, address } = await enrolPage(code);
    const html = await (await browser.open(`${address}/app`)).text();
    const seed = (/<code>([^<]+)<\/code>/.exec(html)?.[1] ?? '').replaceAll(' ', '');
    const pending = /name="pending" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const password = 'kettle moss violin quay';
    const epoch = Math.floor(Date.now() / 1000);
    const sent = { pending, password, code: await generate({ secret: seed, epoch }) };
    expect((await browser.open(`${address}/app`, sent)).status).toBe(303);
    return { seed, password };
  }

  /** The page an address leads to, and what can be done on it. */
  async function landOn(address: string, browser = new BrowserJar()) {
    const landing = await browser.follow(address, callback);
    const page = landing.url;
    return {
      browser,
      url: page,
      html: landing.html,
      async passkey(passkey: SoftwarePasskey) {
        const options = (await browser.script(`${page}/passkey/options`, {})).body as unknown as Options;
        return browser.script(`${page}/passkey/log-on`, passkey.get(options));
      },
      async submit(path: string, fields: Record<string, string>) {
        const answer = await browser.open(`${page}${path}`, fields);
        return { status: answer.status, location: answer.headers.get('location') ?? '', html: await answer.text() };
      },
    };
  }

  /** Begins a log-on of the application for patients. */
  async function begin(parameters: Record<string, string> = {}, browser?: BrowserJar) {
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid profile client_metadata',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...parameters,
    });
    const page = await landOn(url.href, browser);
    const checks = {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    };
    const tokens = async (next: string) => {
      const back = await page.browser.follow(new URL(next, base).href, callback);
      return client.authorizationCodeGrant(config, new URL(back.url), checks);
    };
    return { ...page, tokens, claims: async (next: string) => (await tokens(next)).claims() as client.IDToken };
  }

  async function logOn({ passkey, ...parameters }: { passkey: SoftwarePasskey; vtr?: string; scope?: string }) {
    const page = await begin(parameters);
    const { status, body } = await page.passkey(passkey);
    expect([status, body]).toMatchObject([200, { next: expect.any(String) }]);
    const tokens = await page.tokens(String(body.next));
    const refresh = (token: string) => client.refreshTokenGrant(config, token);
    return { tokens, claims: tokens.claims() as client.IDToken, browser: page.browser, refresh };
  }

  /** Where a browser is sent to log on for the application. */
  const authorizationUrl = (parameters: Record<string, string>) => {
    const asked = { redirect_uri: callback, scope: 'openid', state: 's', nonce: 'n', ...parameters };
    return client.buildAuthorizationUrl(config, asked);
  };
  const staffApp = await registered(spine);

  return {
    spine,
    base,
    callback,
    patients,
    appId,
    config,
    clerk,
    ask,
    opened,
    enrolPage,
    enrolled,
    enrolledApp,
    landOn,
    begin,
    logOn,
    authorizationUrl,
    query: (statement: Statement) => withDatabase((db) => db.query(statement)),
    /** The log-on page of staff. */
    async beginStaff() {
      const staff = await discovered(spine, 'cis2', staffApp);
      const url = client.buildAuthorizationUrl(staff, {
        redirect_uri: callback,
        scope: 'openid',
        state: 's',
        nonce: 'n',
      });
      return landOn(url.href);
    },
    /** A code by which a member of staff enrols. */
    async staffCode(userId: string) {
      const code = newEnrolmentCode();
      const kept = { hash: hashOfCode(code) as Buffer, userId, issuedBy: '100000000001' };
      await withDatabase((db) => insertEnrolmentCode(db, kept, Date.now(), Date.now() + 60_000));
      return code;
    },
    /** Exchanges an ID token of the application at the token service. */
    async exchange(idToken: string) {
      const audience = `${spine.url}/oauth2/token`;
      const body = new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        subject_token: idToken,
        client_assertion_type: jwtBearer,
        client_assertion: await assertionOf(key, { appId, audience, now: Date.now() }),
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await fetch(audience, { method: 'POST', body: body.toString(), headers });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    /** An access token of the token service for this patient, and whether it is still good. */
    async tokenServiceToken(nhsNumber: string) {
      const token = await spine.token({ mode: 'patient-access', nhsNumber });
      return { isGood: async () => (await spine.pds(`/Patient/${nhsNumber}`, { token })).status === 200 };
    },
  };
}
