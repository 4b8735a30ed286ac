import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { addAuthenticator, hasChromium, openChromium } from '../../../../../test/support/chromium.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds wrong with a page; put in past the policy of the page, which lets in scripts of ours only. */
async function violationsOn(page: Page): Promise<unknown[]> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
  const found = await page.evaluate('axe.run()');
  return (found as { violations: { id: string }[] }).violations.map(({ id }) => id);
}

const farrier = '656005750104';

if (!hasChromium) test.skip('log-on by phone in Chromium: no Chromium on this machine', () => {});
else {
  const spine = await startSpine();
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const browser = await openChromium();

  test('a desktop is logged on from a phone by its passkey and the number', async () => {
    const phone = await browser.newContext({ viewport: { width: 360, height: 740 } });
    await phone.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    const hand = await phone.newPage();
    hand.setDefaultTimeout(15_000);
    await addAuthenticator(phone, hand);
    await hand.goto(`${base}/cis2/account?again`);
    await hand.fill('#kc-form-login input[name=username]', farrier);
    await hand.click('#kc-form-login button');
    await hand.waitForURL(`${base}/cis2/account`);
    await hand.fill('[data-name]', 'phone');
    await hand.click('[data-passkey=enrol] [data-start]');
    await hand.getByText('phone', { exact: true }).waitFor();
    await phone.clearCookies();

    const desktop = await browser.newContext();
    const screen = await desktop.newPage();
    screen.setDefaultTimeout(15_000);
    await screen.goto(`${base}/cis2/account`);
    await screen.getByRole('button', { name: 'Use your phone' }).click();
    const number = (await screen.locator('#number').textContent()) as string;
    expect(number).toMatch(/^\d\d$/);
    expect(await violationsOn(screen)).toEqual([]);
    // the policy of the page lets the code be seen
    expect(await screen.evaluate('document.querySelector(".qr").naturalWidth')).toBeGreaterThan(0);
    const status = await screen.locator('#phone-status').getAttribute('data-status');

    await hand.goto(`${base}${(status as string).replace(/\/status$/, '')}`);
    await hand.getByText('Approve a log-on on another device').waitFor();
    expect(await hand.getByRole('button', { name: 'Use your phone' }).count()).toBe(0);
    await hand.click('[data-passkey=log-on] [data-start]');
    await hand.getByRole('heading', { name: 'Is this you?' }).waitFor();
    expect(await violationsOn(hand)).toEqual([]);
    await screen.getByText('Your phone is asking you').waitFor();
    await hand.getByLabel(number, { exact: true }).check();
    await hand.getByRole('button', { name: 'It is me' }).click();
    await hand.getByText('you are being logged on there').waitFor();
    await screen.waitForURL(`${base}/cis2/account`);
    await screen.getByText(`user ${farrier}`).waitFor();
    await Promise.all([phone.close(), desktop.close()]);
  });
}
