import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as oidc from 'openid-client';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { startSpineWithDemoNation } from '../docs/run-guide.ts';
import { askAccess } from '../support/access.ts';
import { BrowserJar, formAction } from '../support/browser-jar.ts';
import { addAuthenticator, hasChromium, openChromium } from '../support/chromium.ts';
import { newIdentity, registrationAuthority, registrationScopes, staff } from '../support/registration.ts';
import { assertionOf, clientKey, post } from '../support/token-service.ts';

/*
 * A GP is registered, enrols a passkey, logs on, picks a role, retrieves a patient, loses her position; the patient sees
 * who looked, and the privacy officer that she claimed a relationship. Everybody in it proves who they are: nobody is
 * given a token by the sandbox.
 */
if (!hasChromium) test.skip('the journey of a GP: no Chromium on this machine', () => {});
else {
  const spine = await startSpineWithDemoNation();
  const { ask: askRegistration } = await registrationAuthority(spine);
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const back = `${base}/_ping`;
  const key = await clientKey('surgery-1');
  const pds = 'personal-demographics-service';
  const scopes = [
    ...registrationScopes,
    `urn:nhsd:apim:user-nhs-id:aal3:${pds}`,
    `urn:nhsd:apim:user-nhs-login:P9:${pds}`,
  ];
  const common = { redirectUris: [back], products: [{ name: 'surgery', scopes }] };
  await spine.control('load', {
    cis: {
      applications: [
        { apiKey: 'surgery', jwks: { keys: [key.publicJwk] }, ...common },
        { apiKey: 'desk', secret: 'correct horse', ...common },
      ],
    },
  });
  const patient = '9912003071';
  const browser = await openChromium();
  const reason = { reason: 'joins the practice' };

  /** By the combined log-on, as a sandbox user. */
  async function tokenByName(username: string, scope = ''): Promise<string> {
    const jar = new BrowserJar();
    const query = { client_id: 'desk', redirect_uri: back, response_type: 'code', state: 'x', scope };
    const page = await jar.follow(`${base}/oauth2/authorize?${new URLSearchParams(query)}`, back);
    const end = await jar.follow(formAction(page.html, 'kc-form-login'), back, { username });
    const code = new URL(end.url).searchParams.get('code') as string;
    const grant = { grant_type: 'authorization_code', client_id: 'desk', client_secret: 'correct horse' };
    const form = new URLSearchParams({ ...grant, redirect_uri: back, code }).toString();
    return (await post(`${spine.url}/oauth2/token`, form)).body.access_token;
  }
  const registration = async (token: string, path: string, body: object, headers = {}) => {
    const answer = await askRegistration('', path, { token, body, headers });
    expect([path, answer.status < 300 ? 'done' : answer.body]).toEqual([path, 'done']);
    return answer.body;
  };

  let gp = { userId: '', roleProfileId: '' };
  let enrolment = '';
  let page: Page;
  let token = '';
  const retrieve = () =>
    spine.pds(`/Patient/${patient}`, { token, headers: { 'nhsd-session-urid': gp.roleProfileId } });

  beforeAll(async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    await context.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await addAuthenticator(context, page);
  });

  test('the Registration Authority creates her identity; a sponsor asks for her position, another person grants it', async () => {
    const agent = await tokenByName(staff.agent);
    const sponsor = await tokenByName(staff.practiceSponsor);
    const { userId } = await registration(agent, '/identities', newIdentity('Aldercott', { title: 'Dr' }));
    const listed = await askRegistration('', '/positions?organisation=A99000', { token: agent });
    const { positionId } = (listed.body.positions as { name: string; positionId: string }[]).find(
      ({ name }) => name === 'General Practitioner',
    ) as { positionId: string };
    const asked = await registration(sponsor, `/identities/${userId}/assignments`, { positionId, ...reason });
    const grant = `/identities/${userId}/assignments/${asked.roleProfileId}/grant`;
    await registration(agent, grant, reason);
    gp = { userId, roleProfileId: asked.roleProfileId };
    enrolment = (await registration(agent, `/identities/${userId}/enrolment-codes`, reason)).code;
  });

  test('she enrols a passkey on her phone with the code she was given, once', async () => {
    await page.goto(`${base}/cis2/enrol/${enrolment}`);
    await page.fill('[data-name]', 'my phone');
    await page.click('[data-passkey=enrol] [data-start]');
    await page.waitForURL(`${base}/cis2/enrol/done`);
    await page.goto(`${base}/cis2/enrol/${enrolment}`);
    expect(await page.locator('[data-passkey=enrol]').count()).toBe(0);
  });

  test('she logs on from the phone with it, picks her role, and her application gets a token', async () => {
    const config = await oidc.discovery(
      new URL(`${base}/cis2`),
      'surgery',
      {},
      oidc.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }),
      { execute: [oidc.allowInsecureRequests] },
    );
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: back,
      scope: 'openid profile nationalrbacaccess selectedrole',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      acr_values: 'AAL3_FIDO2',
      state,
      nonce,
    });
    await page.goto(url.href);
    await page.click('[data-passkey=log-on] [data-start]');
    await page.waitForURL(`${back}*`);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await oidc.authorizationCodeGrant(config, new URL(page.url()), checks);
    expect(tokens.claims()).toMatchObject({
      sub: gp.userId,
      authentication_assurance_level: 3,
      amr: ['FIDO2'],
      selected_roleid: gp.roleProfileId,
    });
    const audience = `${spine.url}/oauth2/token`;
    const exchange = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: tokens.id_token as string,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertionOf(key, { appId: 'surgery', audience, now: Date.now() }),
    };
    const { body } = await post(audience, new URLSearchParams(exchange).toString());
    token = body.access_token;
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: '599' });
  });

  test('she retrieves the patient in her role, and claims a relationship with a reason', async () => {
    const found = await retrieve();
    expect([found.status, found.body.name[0].family]).toEqual([200, 'MILLAR']);
    const claim = { kind: 'self-claimed', reason: 'called in while passing through' };
    const made = await askAccess(spine, `/patients/${patient}/relationships`, { token, body: claim });
    expect([made.status, made.body.state]).toEqual([201, 'active']);
  });

  test('her position is withdrawn: her next request is refused within a second', async () => {
    const sponsor = await tokenByName(staff.practiceSponsor);
    const end = `/identities/${gp.userId}/assignments/${gp.roleProfileId}/end`;
    await registration(sponsor, end, { reason: 'has left the practice' });
    await pause(1000);
    const refused = await retrieve();
    expect([refused.status, refused.body.issue[0].details.coding[0].code]).toEqual([400, 'INVALID_VALUE']);
    // naming no role at all is no way round
    expect((await spine.pds(`/Patient/${patient}`, { token })).status).toBe(400);
  });

  test('the patient logs on and sees the practice that looked, and no name', async () => {
    const own = await tokenByName(patient, 'nhs-login');
    const answer = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${patient}&_count=200`, {
      headers: { authorization: `Bearer ${own}`, 'x-request-id': randomUUID() },
    });
    const text = await answer.text();
    const bundle = JSON.parse(text) as { entry: { resource: { subtype: { code: string }[]; outcome: string } }[] };
    const seen = bundle.entry.map(({ resource }) => `${resource.subtype[1]?.code} ${resource.outcome}`);
    expect(seen).toEqual(expect.arrayContaining(['pds.retrieve-patient 0', 'access.claim-relationship 0']));
    expect(text).toContain('A99000');
    expect(text).not.toContain(gp.userId);
    expect(text).not.toContain('Aldercott');
  });

  test('the privacy officer of the practice finds the claim in the inbox, and closes the case', async () => {
    const officer = await tokenByName(staff.officer);
    const told = await fetch(`${base}/oauth2/userinfo`, { headers: { authorization: `Bearer ${officer}` } });
    const { nhsid_nrbac_roles: roles } = (await told.json()) as {
      nhsid_nrbac_roles: { person_roleid: string; org_code: string }[];
    };
    const headers = { 'nhsd-session-urid': roles.find((one) => one.org_code === 'A99000')?.person_roleid as string };
    const inbox = await askAccess(spine, '/alerts', { token: officer, headers });
    expect(JSON.stringify(inbox.body)).not.toContain(patient);
    const alerts = inbox.body.alerts as { reference: string; code: string }[];
    const { reference } = alerts.find(({ code }) => code === 'LR_SELF_CLAIMED') as { reference: string };
    const opened = await askAccess(spine, `/alerts/${reference}`, { token: officer, headers });
    expect(JSON.stringify(opened.body)).toContain(gp.userId);
    const body = { reason: 'in the appointment book' };
    const closed = await askAccess(spine, `/alerts/${reference}/close`, { token: officer, headers, body });
    expect([closed.status, closed.body.state]).toEqual([200, 'justified']);
  });
}
