import axe from 'axe-core';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { addAuthenticator, hasChromium, openChromium } from '../../../../../test/support/chromium.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Database } from '../../../../platform/db/database.ts';
import { insertEnrolmentCode } from '../queries-authenticators.ts';
import { hashOfCode, newEnrolmentCode } from './enrolment-code.ts';

const farrier = '656005750104';
const thatcher = '656005750109';

if (!hasChromium) test.skip('enrolment and account pages in Chromium: no Chromium on this machine', () => {});
else {
  const spine = await startSpine();
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const browser = await openChromium();

  const codeFor = async (userId: string) => {
    const code = newEnrolmentCode();
    const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
    const kept = { hash: hashOfCode(code) as Buffer, userId, issuedBy: '100000000001' };
    await insertEnrolmentCode(db, kept, Date.now(), Date.now() + 60_000);
    await db.close();
    return code;
  };
  const open = async (width: number) => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    await context.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return { context, page };
  };
  const byName = async (page: Page, user: string) => {
    await page.goto(`${base}/cis2/account?again`);
    await page.fill('#kc-form-login input[name=username]', user);
    await page.click('#kc-form-login button');
    await page.waitForURL(`${base}/cis2/account`);
  };
  const shownSeed = async (page: Page) => ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '');
  const codeOfApp = (seed: string) => generate({ secret: seed, epoch: Math.floor(Date.now() / 1000) });

  const violations = async (page: Page) => {
    // by the debugger's way, since the pages let no foreign script in
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Runtime.evaluate', { expression: axe.source });
    const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  };

  const pages: Record<string, (page: Page) => Promise<unknown>> = {
    'typing a code': (page) => page.goto(`${base}/cis2/enrol`),
    'a code that is none': (page) => page.goto(`${base}/cis2/enrol?code=abc`),
    'a code that is not good': (page) => page.goto(`${base}/cis2/enrol/${newEnrolmentCode()}`),
    enrolment: async (page) => page.goto(`${base}/cis2/enrol/${await codeFor(farrier)}`),
    'setting up an app': async (page) => page.goto(`${base}/cis2/enrol/${await codeFor(farrier)}/app`),
    'after an enrolment': (page) => page.goto(`${base}/cis2/enrol/done`),
    'the own account': async (page) => {
      await addAuthenticator(page.context(), page);
      await byName(page, farrier);
      const name = `Key ${newEnrolmentCode()}`;
      await page.fill('[data-name]', name);
      await page.click('[data-passkey=enrol] [data-start]');
      await page.locator('li', { hasText: name }).waitFor();
    },
    'adding an app': async (page) => {
      await byName(page, farrier);
      await page.goto(`${base}/cis2/account/app`);
    },
    'changing the password': async (page) => {
      await byName(page, farrier);
      await page.goto(`${base}/cis2/account/password`);
    },
  };

  test.each(Object.keys(pages))(
    '%s: accessible, and as wide as the screen at most, at desk and on a phone',
    async (name) => {
      for (const width of [1280, 390]) {
        const { context, page } = await open(width);
        await pages[name]?.(page);
        if (process.env.OPENSPINE_SCREENSHOTS)
          await page.screenshot({ path: `${process.env.OPENSPINE_SCREENSHOTS}/${name}-${width}.png`, fullPage: true });
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        await context.close();
      }
    },
  );

  test('on a phone, a password and an app are enrolled with a code, and log on', async () => {
    const { context, page } = await open(390);
    await page.goto(`${base}/cis2/enrol`);
    await page.fill('#code', (await codeFor(thatcher)).toLowerCase());
    await page.click('button[type=submit]');
    await page.getByText('Set up a password and an authenticator app').click();
    await page.fill('#app-password', 'Password12345');
    await page.fill('#app-code', await codeOfApp(await shownSeed(page)));
    await page.click('button[type=submit]');
    await page.getByText('one of the passwords that are tried first').waitFor();
    const seed = await shownSeed(page);
    await page.fill('#app-password', 'kettle moss violin quay');
    await page.fill('#app-code', await codeOfApp(seed));
    await page.click('button[type=submit]');
    await page.getByText('You can log on now').waitFor();

    await page.goto(`${base}/cis2/account`);
    const logOn = async (password: string, code: string) => {
      await page.fill('#password-user', thatcher);
      await page.fill('#password-password', password);
      await page.fill('#password-code', code);
      await page.click('form[action$="/password"] button');
    };
    await logOn('not the password', '000000');
    await page.getByText('The user name, the password or the code is wrong').waitFor();
    // the code of the enrolment is spent: the next one is good, and a step ahead is taken
    await logOn('kettle moss violin quay', await generate({ secret: seed, epoch: Math.floor(Date.now() / 1000) + 30 }));
    await page.getByText(`user ${thatcher}`).waitFor();
    await page.getByText('Authenticator app, level 2').waitFor();
    await context.close();
  });
}
