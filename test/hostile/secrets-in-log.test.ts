import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BrowserJar, formAction } from '../support/browser-jar.ts';
import { runOpenspine } from '../support/program.ts';
import { assertionOf, clientKey, credentialsForm } from '../support/token-service.ts';

const data = mkdtempSync(join(tmpdir(), 'openspine-log-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

test('whatever is logged, no token, code, secret, assertion, cookie or password is in it', {
  timeout: 120_000,
}, async () => {
  const program = runOpenspine(['start'], data, {
    OPENSPINE_ACCESS_LOG: 'on',
    OPENSPINE_LOG_LEVEL: 'trace',
    OPENSPINE_DEMO_PATIENTS: '10',
    OPENSPINE_CARD_PORT: 'off',
  });
  const url = (await program.url).replace('127.0.0.1', 'localhost');
  const key = await clientKey('k-1');
  const secret = 'correct-horse-battery-staple';
  const home = `${url}/_ping`;
  const application = { apiKey: 'app', secret, jwks: { keys: [key.publicJwk] }, redirectUris: [home] };
  await fetch(`${url}/sandbox/load`, {
    method: 'POST',
    body: JSON.stringify({ cis: { applications: [application] } }),
  });
  const told: string[] = [secret];

  const assertion = await assertionOf(key, { appId: 'app', audience: `${url}/oauth2/token`, now: Date.now() });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = async (body: string) =>
    (await (await fetch(`${url}/oauth2/token`, { method: 'POST', headers: form, body })).json()) as Record<
      string,
      string
    >;
  told.push(assertion, (await post(credentialsForm(assertion))).access_token as string);
  await post(credentialsForm(assertion));

  const jar = new BrowserJar();
  const query = { client_id: 'app', redirect_uri: home, response_type: 'code', state: 'the-state-of-the-client' };
  const page = await jar.follow(`${url}/oauth2/authorize?${new URLSearchParams(query)}`, home);
  const cookies = () => ['cis2_session', 'cis2_log_on'].flatMap((name) => jar.cookie(name) ?? []);
  told.push(...cookies());
  expect(cookies()).not.toEqual([]);
  const end = await jar.follow(formAction(page.html, 'kc-form-login'), home, { username: '656005750104' });
  told.push(...cookies());
  const code = new URL(end.url).searchParams.get('code') as string;
  const grant = { grant_type: 'authorization_code', client_id: 'app', client_secret: secret, redirect_uri: home, code };
  const given = await post(new URLSearchParams(grant).toString());
  await post(new URLSearchParams(grant).toString());
  told.push(code, given.access_token as string, given.refresh_token as string, 'the-state-of-the-client');
  for (const path of ['/oauth2/userinfo', '/personal-demographics/FHIR/R4/Patient/9000000009'])
    await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${given.access_token}` } });

  await program.stop();
  const log = program.output();
  expect(log).toContain('"operation":"cis.token"');
  expect(told.every((one) => typeof one === 'string' && one.length >= 8)).toBe(true);
  expect(told.filter((one) => log.includes(one))).toEqual([]);
});
