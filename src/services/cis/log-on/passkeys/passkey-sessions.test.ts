import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { BrowserJar } from '../../../../../test/support/browser-jar.ts';
import { registrationAuthority, staff } from '../../../../../test/support/registration.ts';
import { callback, discovered, registered } from '../../../../../test/support/relying-party.ts';
import { SoftwarePasskey } from '../../../../../test/support/software-passkey.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Database } from '../../../../platform/db/database.ts';
import { hashOfCode, newEnrolmentCode } from '../account/enrolment-code.ts';
import { insertEnrolmentCode } from '../queries-authenticators.ts';

const farrier = '656005750104';
const spine = await startSpine();
const base = spine.url.replace('127.0.0.1', 'localhost');
const { ask } = await registrationAuthority(spine);
const config = await discovered(spine, 'cis2', await registered(spine));

/** A new passkey of the user, enrolled with a code. */
async function enrolled(says: { isBackupEligible?: boolean; isBackedUp?: boolean } = {}) {
  const code = newEnrolmentCode();
  const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
  const kept = { hash: hashOfCode(code) as Buffer, userId: farrier, issuedBy: '100000000001' };
  await insertEnrolmentCode(db, kept, Date.now(), Date.now() + 60_000);
  await db.close();
  const browser = new BrowserJar();
  const page = `${base}/cis2/enrol/${code}`;
  await browser.open(page);
  const passkey = new SoftwarePasskey(base, says);
  const options = (await browser.script(`${page}/passkey/options`, {})).body as { challenge: string };
  expect((await browser.script(`${page}/passkey`, passkey.create(options))).status).toBe(200);
  return passkey;
}

/** Begins a log-on of the application; the page it lands on. */
async function begin(browser: BrowserJar, acr?: string) {
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...(acr === undefined ? {} : { acr_values: acr }),
  });
  const landing = await browser.follow(url.href, callback);
  const checks = { pkceCodeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { landing, checks };
}

async function answer(browser: BrowserJar, page: string, passkey: SoftwarePasskey) {
  const options = (await browser.script(`${page}/passkey/options`, {})).body as { challenge: string };
  return browser.script(`${page}/passkey/log-on`, passkey.get(options));
}

async function claimsOf(passkey: SoftwarePasskey, acr?: string) {
  const browser = new BrowserJar();
  const { landing, checks } = await begin(browser, acr);
  const { status, body } = await answer(browser, landing.url, passkey);
  expect(status).toBe(200);
  const back = await browser.follow(new URL(String(body.next), base).href, callback);
  const tokens = await client.authorizationCodeGrant(config, new URL(back.url), checks);
  return { claims: tokens.claims() as client.IDToken, browser };
}

test('an application learns of a passkey that cannot leave its device as level 3', async () => {
  const { claims } = await claimsOf(await enrolled());
  expect(claims).toMatchObject({ sub: farrier, authentication_assurance_level: 3, acr: 'AAL3_ANY' });
  expect(claims.amr).toContain('FIDO2');
});

test('an application that takes level 2 gets a copied passkey as level 2; one that does not is told in words', async () => {
  const copied = await enrolled({ isBackupEligible: true, isBackedUp: true });
  const { claims } = await claimsOf(copied, 'AAL2_OR_AAL3_ANY');
  expect(claims).toMatchObject({ sub: farrier, authentication_assurance_level: 2 });
  const browser = new BrowserJar();
  const { landing } = await begin(browser);
  const refused = await answer(browser, landing.url, copied);
  expect(refused).toMatchObject({ status: 403, body: { error: 'PASSKEY_LEVEL', message: expect.any(String) } });
});

test('who is logged on at level 2 steps up with the passkey of the same person only', async () => {
  const [copied, own] = [await enrolled({ isBackupEligible: true, isBackedUp: true }), await enrolled()];
  const { browser } = await claimsOf(copied, 'AAL2_OR_AAL3_ANY');
  const { landing, checks } = await begin(browser, 'AAL3_ANY');
  const { body } = await answer(browser, landing.url, own);
  const back = await browser.follow(new URL(String(body.next), base).href, callback);
  const tokens = await client.authorizationCodeGrant(config, new URL(back.url), checks);
  expect(tokens.claims()).toMatchObject({ sub: farrier, authentication_assurance_level: 3 });
});

test('a passkey that the Registration Authority removes ends what is logged on with it', async () => {
  const { browser } = await claimsOf(await enrolled());
  expect((await begin(browser)).landing.url).toContain(callback);
  const { body } = await ask(staff.agent, `/identities/${farrier}`);
  const { authenticatorId } = (body.authenticators as { authenticatorId: string }[]).at(-1) ?? {};
  const path = `/identities/${farrier}/authenticators/${authenticatorId}/remove`;
  expect((await ask(staff.agent, path, { body: { reason: 'lost on the ward' } })).status).toBe(200);
  expect((await begin(browser)).landing.url).toContain('/cis2/log-on/');
});

test('nor is a log-on of use afterwards that was proved before and held back', async () => {
  const [browser, passkey] = [new BrowserJar(), await enrolled()];
  const { landing } = await begin(browser);
  const { body } = await answer(browser, landing.url, passkey);
  const listed = (await ask(staff.agent, `/identities/${farrier}`)).body.authenticators;
  const { authenticatorId } = (listed as { authenticatorId: string }[]).at(-1) ?? {};
  const path = `/identities/${farrier}/authenticators/${authenticatorId}/remove`;
  expect((await ask(staff.agent, path, { body: { reason: 'lost on the ward' } })).status).toBe(200);
  const back = await browser.follow(new URL(String(body.next), base).href, callback);
  expect([back.status, back.url.startsWith(callback)]).toEqual([400, false]);
  expect((await begin(browser)).landing.url).toContain('/cis2/log-on/');
});

test('nor is an approval that was given on the phone and not collected', async () => {
  const [desktop, phone, passkey] = [new BrowserJar(), new BrowserJar(), await enrolled()];
  const { landing } = await begin(desktop);
  const html = await (await desktop.open(`${landing.url}/phone`, {})).text();
  const request = /name="request" value="([\w-]+)"/.exec(html)?.[1] as string;
  const number = />(\d\d)<\/p>/.exec(html)?.[1] as string;
  const asked = await phone.follow(`${base}/cis2/phone/${request}`, callback);
  const { body } = await answer(phone, asked.url, passkey);
  const page = await phone.follow(new URL(String(body.next), base).href, callback);
  const token = /name="token" value="([\w-]+)"/.exec(page.html)?.[1] as string;
  const approved = await phone.open(`${base}/cis2/phone/${request}`, { token, decision: 'approve', number });
  expect(approved.status).toBe(200);
  const listed = (await ask(staff.agent, `/identities/${farrier}`)).body.authenticators;
  const { authenticatorId } = (listed as { authenticatorId: string }[]).at(-1) ?? {};
  const path = `/identities/${farrier}/authenticators/${authenticatorId}/remove`;
  expect((await ask(staff.agent, path, { body: { reason: 'lost on the ward' } })).status).toBe(200);
  expect((await desktop.open(`${landing.url}/phone/done`, { request })).status).toBe(403);
});

test('a log-on is as old as its proof, however late the browser goes on', async () => {
  const [browser, passkey] = [new BrowserJar(), await enrolled()];
  const { landing } = await begin(browser);
  const { body } = await answer(browser, landing.url, passkey);
  await spine.control('clock', { advance: 'PT6M' });
  await browser.follow(new URL(String(body.next), base).href, callback);
  const account = await browser.follow(`${base}/cis2/account`, callback);
  expect(account.html).toContain('Log on once more');
  await spine.control('clock', {});
});

test('an answer made for one browser’s log-on is of no use in another’s', async () => {
  const passkey = await enrolled();
  const [victim, attacker] = [new BrowserJar(), new BrowserJar()];
  const [hers, his] = [(await begin(victim)).landing.url, (await begin(attacker)).landing.url];
  const options = (await victim.script(`${hers}/passkey/options`, {})).body as { challenge: string };
  const made = passkey.get(options);
  expect((await attacker.script(`${his}/passkey/log-on`, made)).body).toMatchObject({ error: 'PASSKEY_CHALLENGE' });
  // nor is her address of use without her cookie
  expect((await attacker.script(`${hers}/passkey/log-on`, made)).status).toBe(400);
  expect((await victim.script(`${hers}/passkey/log-on`, made)).status).toBe(200);
});
