import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { hasChromium, openChromium } from '../../../../test/support/chromium.ts';
import { callback, registered } from '../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const mostBytes = 50_000;

if (!hasChromium) test.skip('pages of log-on in Chromium: no Chromium on this machine', () => {});
else {
  const spine = await startSpine();
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const appId = await registered(spine);
  const keyed = await registered(spine, { secret: undefined, jwksUrl: `${base}/jwks` });
  const roles = Array.from({ length: 8 }, (_, i) => ({
    person_orgid: `55500000010${i}`,
    person_roleid: `55500000020${i}`,
    org_code: 'A83002',
    role_code: 'S8000:G8000:R8000',
    role_name: `"Clinical":"Clinical Provision":"Clinical Practitioner Access Role ${i}"`,
  }));
  const userinfo = { display_name: 'Dr Rolf Example', nhsid_nrbac_roles: roles };
  const users = [{ provider: 'cis2', username: 'many', sub: '555000000003', claims: {}, userinfo }];
  await spine.control('load', { cis: { users } });

  const browser = await openChromium();
  const authorize = (provider: string, more: Record<string, string> = {}) =>
    `${base}/${provider}/authorize?${new URLSearchParams({ client_id: appId, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's', nonce: 'n', ...more })}`;
  const logOn = async (page: Page, username: string) => {
    await page.fill('#username', username);
    await page.click('#kc-form-login button');
  };

  /** Each page, and how a person comes to it. */
  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    'log-on': (page) => page.goto(authorize('cis2')),
    'log-on of an unknown user': async (page) => {
      await page.goto(authorize('cis2'));
      await logOn(page, 'nobody');
      await page.waitForSelector('#problem');
    },
    'choice of a role': async (page) => {
      await page.goto(authorize('cis2', { scope: 'openid selectedrole' }));
      await logOn(page, 'many');
      await page.waitForSelector('ul.roles');
    },
    'log-on of a patient': (page) => page.goto(authorize('nhs-login', { client_id: keyed })),
    'own sessions': async (page) => {
      await page.goto(`${base}/cis2/account/sessions`);
      await logOn(page, '656005750104');
      await page.waitForURL(`${base}/cis2/account`);
      await page.goto(`${base}/cis2/account/sessions`);
    },
    'log-out': async (page) => {
      await page.goto(`${base}/cis2/account`);
      await logOn(page, '656005750104');
      await page.waitForURL(`${base}/cis2/account`);
      await page.goto(`${base}/cis2/logout`);
    },
    'a request that is wrong': (page) => page.goto(authorize('cis2', { client_id: 'nobody' })),
    'a log-on that has ended': (page) => page.goto(`${base}/cis2/log-on/ended`),
    'a page that is not there': (page) => page.goto(`${base}/cis2/assets/none.css`),
  };

  for (const [name, width, height] of [
    ['desktop', 1280, 900],
    ['phone', 390, 844],
  ] as const) {
    test.each(Object.entries(pages))(
      `%s on a ${name}: nothing in anybody's way, nothing too wide, nothing heavy`,
      async (what, open) => {
        const context = await browser.newContext({ viewport: { width, height } });
        const page = await context.newPage();
        page.setDefaultTimeout(15_000);
        const problems: string[] = [];
        page.on('console', (message) => {
          // a page that says no is a page all the same
          if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
        });
        page.on('pageerror', (error) => problems.push(error.message));
        await open(page);
        await page.waitForLoadState('networkidle');
        const bytes = await page.evaluate(() =>
          performance
            .getEntries()
            .reduce((sum, entry) => sum + ((entry as PerformanceResourceTiming).decodedBodySize ?? 0), 0),
        );
        expect(bytes).toBeGreaterThan(1_000);
        expect(bytes).toBeLessThan(mostBytes);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        const shots = process.env.OPENSPINE_SCREENSHOTS;
        if (shots) await page.screenshot({ path: `${shots}/${what.replaceAll(' ', '-')}-${name}.png`, fullPage: true });
        expect(problems).toEqual([]);
        // by the debugger's way, since the pages let no foreign script in
        const { readFileSync } = await import('node:fs');
        const cdp = await context.newCDPSession(page);
        await cdp.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
        const found = await page.evaluate(() =>
          (
            globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string }[] }> } }
          ).axe.run(),
        );
        expect(found.violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
        await context.close();
      },
    );
  }

  test('the choice of a role works without any script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(authorize('cis2', { scope: 'openid selectedrole' }));
    await logOn(page, 'many');
    await page.fill('#search', 'role 5');
    await page.click('form[role=search] button');
    await page.waitForURL(/search=role/);
    expect(await page.locator('ul.roles button').count()).toBe(1);
    const back = page.waitForRequest((request) => request.url().startsWith(callback));
    await page.click('ul.roles button');
    expect((await back).url()).toContain('code=');
    await context.close();
  });
}
