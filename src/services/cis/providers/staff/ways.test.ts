import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { BrowserJar } from '../../../../../test/support/browser-jar.ts';
import { cisParts, staffOf } from '../../../../../test/support/log-on-attempts.ts';
import { registered } from '../../../../../test/support/token-service.ts';
import { LoadGate } from '../../../../platform/http/load-gate.ts';
import type { Service } from '../../../../platform/http/operation.ts';
import { outbound } from '../../../../platform/http/outbound.ts';
import { buildServer } from '../../../../platform/http/server.ts';
import { Log } from '../../../../platform/telemetry/log.ts';
import { Metrics } from '../../../../platform/telemetry/metrics.ts';
import type { LogOnAttempt, LogOnWay, Proof } from '../../log-on/way.ts';
import { html } from '../../pages/html.ts';
import { openProviders } from '../open-providers.ts';

const [ward, theatre] = ['555000000101', '555000000102'];
const callback = 'http://localhost:9/callback';
const parts = await cisParts();
const directory = staffOf([ward, theatre]);
const seen: LogOnAttempt[] = [];

/** A way of logging on that proves whatever its form says, and shows what an attempt tells a way. */
const anything: LogOnWay = {
  name: 'password',
  isOffered: ({ only }) => only === undefined || only.includes('FIDO2'),
  panel: ({ address }) => html`<form id="anything" method="post" action="${address}/anything"></form>`,
  routes: [
    {
      name: 'test.anything',
      method: 'POST',
      path: '/anything',
      summary: 'Prove anything',
      async handle(call, attempt) {
        seen.push(attempt);
        const { userId, level, amr } = JSON.parse(call.body.toString('utf8')) as Proof;
        return { status: 200, body: { next: await attempt.finish(call, { userId, level, amr }) } };
      },
    },
  ],
};
const providers = openProviders(parts, {
  directory,
  ways: [anything],
  patientWays: [],
  scripts: [],
  ask: outbound({ isGuarded: false }),
});
const gate = new LoadGate(1000);
const app = buildServer({
  clock: parts.clock,
  audit: parts.audit,
  log: new Log({ level: 'silent', access: false }),
  metrics: new Metrics(),
  gate,
  limits: { bodyBytes: 200_000, headerBytes: 32_768 },
  tls: undefined,
  services: [...providers.services],
  fallback: (providers.services[0] as Service).dialect,
});
parts.own.servedBy(app);
await app.listen({ port: 0, host: '127.0.0.1' });
const port = Number(new URL(app.listeningOrigin).port);
parts.address.listensOn(port);
afterAll(async () => {
  providers.close();
  await app.close();
  gate.close();
});
const base = `http://localhost:${port}`;
const { appId } = await registered(parts.db, {
  name: 'Ward round',
  redirectUris: [callback],
  secret: 'a secret of the tests',
});

const begin = async (acr: string, browser = new BrowserJar()) => {
  const asked = {
    client_id: appId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    acr_values: acr,
  };
  return { browser, page: await browser.follow(`${base}/cis2/authorize?${new URLSearchParams(asked)}`, callback) };
};
const prove = async (browser: BrowserJar, address: string, proof: Proof) => {
  const response = await browser.openJson(`${address}/anything`, proof);
  return { status: response.status, body: (await response.json()) as { next?: string; error?: string } };
};

test('a way is told who asks, at what level, by what, and in which browser', async () => {
  const { browser, page } = await begin('AAL3_FIDO2 AAL3_SMARTCARD');
  expect(page.html).toContain('id="anything"');
  await prove(browser, page.url, { userId: ward, level: 3, amr: ['FIDO2'] });
  const attempt = seen.at(-1) as LogOnAttempt;
  expect(attempt).toMatchObject({
    clientName: 'Ward round',
    levels: [3],
    only: ['FIDO2', 'N3_SMARTCARD', 'CIS2_SMARTCARD'],
    userId: undefined,
    address: page.url,
  });
  expect(attempt.browser).not.toBe(createHash('sha256').update(attempt.id).digest('base64url'));
});

test('a way that does not suit what is asked for is not on the page', async () => {
  expect((await begin('AAL2_ANY')).page.html).toContain('id="anything"');
  expect((await begin('AAL2_TOTP')).page.html).not.toContain('id="anything"');
});

test.each([
  ['AAL3_ANY', { userId: ward, level: 2, amr: ['TOTP'] }],
  ['AAL3_ANY', { userId: ward, level: 1, amr: ['FIDO2'] }],
  ['AAL3_FIDO2', { userId: ward, level: 3, amr: ['N3_SMARTCARD'] }],
  ['AAL2_ANY', { userId: ward, level: 1, amr: [] }],
] as [string, Proof][])(
  'asked for %s, a proof that does not suffice is refused, and a better one taken',
  async (acr, proof) => {
    const { browser, page } = await begin(acr);
    expect(await prove(browser, page.url, proof)).toMatchObject({ status: 403, body: { error: 'LEVEL_TOO_LOW' } });
    const good = await prove(browser, page.url, { userId: ward, level: 3, amr: ['FIDO2'] });
    expect(good.status).toBe(200);
    expect((await browser.follow(good.body.next as string, callback)).url).toContain('code=');
  },
);

test('who is suspended does not log on, and whoever is logged on already is nobody from that moment', async () => {
  const { browser, page } = await begin('AAL3_ANY');
  const proof: Proof = { userId: theatre, level: 3, amr: ['FIDO2'] };
  const { body } = await prove(browser, page.url, proof);
  await browser.follow(body.next as string, callback);
  directory.status.set(theatre, 'suspended');
  const again = await begin('AAL3_ANY', browser);
  expect(again.page.html).toContain('id="anything"');
  expect(await prove(browser, again.page.url, proof)).toMatchObject({
    status: 403,
    body: { error: 'ACCOUNT_NOT_ACTIVE' },
  });
  directory.status.set(theatre, 'active');
});

test('every session of a user is ended at once, and whoever is logged on is known to the account pages', async () => {
  const browsers = await Promise.all(
    [1, 2, 3].map(async () => {
      const { browser, page } = await begin('AAL3_ANY');
      const { body } = await prove(browser, page.url, { userId: theatre, level: 3, amr: ['FIDO2'] });
      await browser.follow(body.next as string, callback);
      return browser;
    }),
  );
  expect(await providers.endSessionsOf(theatre)).toBeGreaterThanOrEqual(3);
  for (const browser of browsers) expect((await begin('AAL3_ANY', browser)).page.html).toContain('id="anything"');
  expect(await providers.endSessionsOf(theatre)).toBe(0);
});
