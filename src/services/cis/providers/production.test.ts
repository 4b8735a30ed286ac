import { createHash, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { BrowserJar } from '../../../../test/support/browser-jar.ts';
import { SoftwarePasskey } from '../../../../test/support/software-passkey.ts';
import { clientKey, registered, tokenService } from '../../../../test/support/token-service.ts';
import { OutboundError } from '../../../platform/http/outbound.ts';
import { hashOfCode, newEnrolmentCode } from '../log-on/account/enrolment-code.ts';
import { insertEnrolmentCode } from '../log-on/queries-authenticators.ts';
import { insertAccount } from '../patient-accounts/queries.ts';

const issuerBase = 'https://spine.example';
const asked: string[] = [];
const patient = '9449306621';
const unknown = { practice: undefined, email: undefined, mobile: undefined };
const { base, db } = await tokenService({
  config: { mode: 'production', issuerBase },
  identityOf: async (nhsNumber) =>
    nhsNumber === patient
      ? { nhsNumber, familyName: 'Penhaligon', givenName: 'Nora', bornOn: '1990-01-01', ...unknown }
      : undefined,
  outbound: async ({ url }) => {
    asked.push(url);
    throw new OutboundError('the address is not public');
  },
});
const callback = 'https://ward.example/callback';
const secret = 'a long secret for the tests';
const key = await clientKey('k');
const { appId } = await registered(db, { redirectUris: [callback], secret, name: '<i>Ward</i>' });
const { appId: keyed } = await registered(db, { redirectUris: [callback], jwks: { keys: [key.publicJwk] } });

/** Asks the program behind its public address. */
const at = (address: string) => address.replace(issuerBase, base);
const parameters = (more: Record<string, string> = {}) =>
  new URLSearchParams({
    client_id: appId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    nonce: 'n',
    code_challenge: createHash('sha256').update('v').digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
const pageOf = async (provider: string, more: Record<string, string> = {}) => {
  const browser = new BrowserJar();
  const begun = await browser.open(`${base}/${provider}/authorize?${parameters(more)}`);
  const location = begun.headers.get('location') as string;
  const page = await browser.open(at(location));
  return { browser, location, status: page.status, html: await page.text() };
};

test('nobody is taken at her word: the form and its address do not exist', async () => {
  const { browser, location, html } = await pageOf('cis2');
  expect(html).not.toContain('kc-form-login');
  const response = await browser.open(`${at(location)}/sandbox`, { username: '656005750104' });
  expect(response.status).toBe(404);
});

test('an application’s name is text', async () => {
  expect((await pageOf('cis2')).html).toContain('&lt;i&gt;Ward&lt;/i&gt;');
});

test('no patient is taken at their word: there are passkeys, and passwords with an app', async () => {
  const { browser, location, status, html } = await pageOf('nhs-login', { client_id: keyed });
  expect([status, html.includes('Log on with a passkey'), html.includes('kc-form-login')]).toEqual([200, true, false]);
  expect((await browser.open(`${at(location)}/sandbox`, { username: '9912003071' })).status).toBe(404);
});

test('a patient enrols with a code of the practice, logs on by passkey, and comes back with a code', async () => {
  const [sub, code] = [randomUUID(), newEnrolmentCode()];
  const account = { sub, nhsNumber: patient, proofing: 'P9', evidence: undefined, by: '1', organisation: 'A81001' };
  await db.transaction((tx) => insertAccount(tx, account, new Date()));
  const kept = { hash: hashOfCode(code) as Buffer, userId: `patient:${sub}`, issuedBy: '1' };
  await insertEnrolmentCode(db, kept, Date.now(), Date.now() + 60_000);
  const passkey = new SoftwarePasskey(issuerBase);
  const enrolling = new BrowserJar();
  const enrolment = `${base}/nhs-login/enrol/${code}`;
  await enrolling.open(enrolment);
  const making = (await enrolling.script(`${enrolment}/passkey/options`, {})).body as { challenge: string };
  expect((await enrolling.script(`${enrolment}/passkey`, passkey.create(making))).status).toBe(200);
  const { browser, location } = await pageOf('nhs-login', { client_id: keyed });
  const options = (await browser.script(`${at(location)}/passkey/options`, {})).body as { challenge: string };
  const { body } = await browser.script(`${at(location)}/passkey/log-on`, passkey.get(options));
  const back = await browser.open(at(new URL(String(body.next), issuerBase).href));
  expect(back.headers.get('location')).toMatch(/^https:\/\/ward\.example\/callback\?code=/);
});

test('a password alone is no level to ask for', async () => {
  const metadata = (await (await fetch(`${base}/cis2/.well-known/openid-configuration`)).json()) as {
    acr_values_supported: string[];
  };
  expect(metadata.acr_values_supported).not.toContain('AAL1_USERPASS');
});

test('an application whose answers would go over plain http to another machine is no client', async () => {
  const { appId: plain } = await registered(db, { redirectUris: ['http://ward.example/callback'], secret });
  const more = { client_id: plain, redirect_uri: 'http://ward.example/callback' };
  const response = await fetch(`${base}/cis2/authorize?${parameters(more)}`, { redirect: 'manual' });
  expect(response.status).toBe(400);
});

test('a key set is asked for through the guarded way out only, and what cannot be fetched proves nothing', async () => {
  const { appId: remote } = await registered(db, { redirectUris: [callback], jwksUrl: 'http://169.254.169.254/jwks' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: remote, sub: remote, aud: `${issuerBase}/cis2/token`, jti: 'one', exp };
  const response = await fetch(`${base}/cis2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: callback,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: `${part({ alg: 'RS512', kid: 'k' })}.${part(claims)}.AAAA`,
    }),
  });
  expect(asked).toEqual(['http://169.254.169.254/jwks']);
  expect([400, 401]).toContain(response.status);
});
