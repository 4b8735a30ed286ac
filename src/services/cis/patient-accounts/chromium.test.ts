import axe from 'axe-core';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { addAuthenticator, hasChromium, openChromium } from '../../../../test/support/chromium.ts';
import { patientAccounts } from '../../../../test/support/patient-accounts.ts';

if (!hasChromium) test.skip('patients log on in Chromium: no Chromium on this machine', () => {});
else {
  const at = await patientAccounts();
  const { base, patients, opened } = at;
  const browser = await openChromium();

  const open = async (width = 390) => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    await context.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return { context, page };
  };
  const isFit = async (page: Page) => {
    // by the debugger's way, since the pages let no foreign script in
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Runtime.evaluate', { expression: axe.source });
    const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  };

  test('on a phone a patient enrols a passkey with the code, logs on with it, and looks after it', async () => {
    const { context, page } = await open();
    await addAuthenticator(context, page, { isSynced: true });
    const { code } = await opened(patients[0], { proofing: 'P9' });
    await page.goto(`${base}/nhs-login/enrol`);
    await isFit(page);
    await page.fill('#code', code.toLowerCase());
    await page.click('button[type=submit]');
    await isFit(page);
    await page.fill('[data-name]', 'My phone');
    await page.click('[data-start]');
    await page.getByText('You can log on now').waitFor();

    await page.goto(`${base}/nhs-login/account`);
    await isFit(page);
    await page.click('#passkey [data-start]');
    await page.getByText(`NHS number ${patients[0]}`).waitFor();
    await page.locator('li', { hasText: 'My phone' }).waitFor();
    await isFit(page);
    await page.getByText('Where you are logged on').click();
    await page.getByText('This browser').waitFor();
    await isFit(page);
    await page.goBack();
    await page.getByText('Log out', { exact: true }).click();
    await page.getByText('You are logged out').waitFor();
    await isFit(page);
    await context.close();
  });

  test('on a phone a patient sets up a password and an app, and logs on with them', async () => {
    const { context, page } = await open();
    const { code } = await opened(patients[1], { proofing: 'P9' });
    await page.goto(`${base}/nhs-login/enrol/${code}/app`);
    await isFit(page);
    const seed = ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '');
    const epoch = () => Math.floor(Date.now() / 1000);
    await page.fill('#app-password', 'kettle moss violin quay');
    await page.fill('#app-code', await generate({ secret: seed, epoch: epoch() }));
    await page.click('button[type=submit]');
    await page.getByText('You can log on now').waitFor();
    await page.goto(`${base}/nhs-login/account`);
    await page.fill('#password-user', patients[1]);
    await page.fill('#password-password', 'kettle moss violin quay');
    await page.fill('#password-code', await generate({ secret: seed, epoch: epoch() + 30 }));
    await page.click('form[action$="/password"] button');
    await page.locator('li', { hasText: 'Authenticator app' }).waitFor();
    await context.close();
  });

  test('who has a passkey but too little proof is taken back to the application', async () => {
    const { context, page } = await open();
    await addAuthenticator(context, page);
    const { code } = await opened(patients[2], { proofing: 'P0' });
    await page.goto(`${base}/nhs-login/enrol/${code}`);
    await page.click('[data-start]');
    await page.getByText('You can log on now').waitFor();
    await page.goto(at.authorizationUrl({ vtr: '["P9.Cm"]' }).href);
    const back = page.waitForResponse((one) => /error=access_denied/.test(one.headers().location ?? ''));
    await page.click('#passkey [data-start]');
    expect((await back).headers().location).toContain(at.callback);
    await context.close();
  });
}
