import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { addAuthenticator, hasChromium, openChromium } from '../../../../../test/support/chromium.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const farrier = '656005750104';
const thatcher = '656005750109';

/** Logs a sandbox user on by name, for the account page. */
async function byName(page: Page, base: string, user: string) {
  await page.goto(`${base}/cis2/account?again`);
  await page.fill('#kc-form-login input[name=username]', user);
  await page.click('#kc-form-login button');
  await page.waitForURL(`${base}/cis2/account`);
}

async function addPasskey(page: Page, name: string) {
  await page.fill('[data-name]', name);
  const added = page.waitForResponse((answer) => answer.url().endsWith('/cis2/account/passkey'));
  await page.click('[data-passkey=enrol] [data-start]');
  const answer = await added;
  if (answer.ok()) await page.locator('li', { hasText: name }).waitFor();
  await page.waitForLoadState();
  return answer;
}

if (!hasChromium) test.skip('passkeys in Chromium: no Chromium on this machine', () => {});
else {
  const spine = await startSpine();
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const browser = await openChromium();
  // a virtual authenticator takes an offer in the field for the user name at once, where a person would choose: it is
  // tested by itself
  const fresh = async ({ isOffered = false } = {}) => {
    const context = await browser.newContext();
    if (!isOffered)
      await context.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    return { context, page };
  };

  test.each([
    ['a security key that keeps the key to itself', 'usb', false, 3],
    ['a device that keeps the key to itself', 'internal', false, 3],
    ['a device that copies the key', 'internal', true, 2],
  ] as const)('%s is added, and logs on at its level', async (_what, transport, isSynced, level) => {
    const { context, page } = await fresh();
    await addAuthenticator(context, page, { transport, isSynced });
    await byName(page, base, farrier);
    const added = await addPasskey(page, `${transport} ${isSynced}`);
    expect(added.status()).toBe(200);
    await page.getByText(`${transport} ${isSynced}`, { exact: true }).waitFor();
    expect(await page.getByText(`Passkey, level ${level}`).count()).toBeGreaterThan(0);
    await context.clearCookies();
    await page.goto(`${base}/cis2/account`);
    await page.click('[data-passkey=log-on] [data-start]');
    await page.waitForURL(`${base}/cis2/account`);
    await page.getByText(farrier).waitFor();
    await context.close();
  });

  test('where the browser can, a passkey is offered in the field for the user name, without a press of a button', async () => {
    const { context, page } = await fresh();
    const authenticator = await addAuthenticator(context, page);
    await byName(page, base, farrier);
    await addPasskey(page, 'offered');
    const [made] = await authenticator.credentials();
    const other = await fresh({ isOffered: true });
    const { id, cdp } = await addAuthenticator(other.context, other.page);
    const credential = { ...made, isResidentCredential: true, rpId: 'localhost' } as never;
    await cdp.send('WebAuthn.addCredential', { authenticatorId: id, credential });
    await other.page.goto(`${base}/cis2/account`);
    await other.page.waitForURL(`${base}/cis2/account`);
    await other.page.getByText(`user ${farrier}`).waitFor();
    await Promise.all([context.close(), other.context.close()]);
  });

  test('the next person takes over a shared desktop with one press of a button and her passkey', async () => {
    const { context, page } = await fresh();
    const authenticator = await addAuthenticator(context, page);
    await byName(page, base, thatcher);
    // her log-on is of two factors: it does not make a key of level 3
    const refused = await addPasskey(page, 'stronger');
    expect(refused.status()).toBe(403);
    await page.getByText('You are logged on with less than this passkey would give').waitFor();
    await authenticator.cdp.send('WebAuthn.clearCredentials', { authenticatorId: authenticator.id });
    await context.clearCookies();
    await byName(page, base, farrier);
    await addPasskey(page, 'her own');
    await context.clearCookies();
    await byName(page, base, thatcher);
    await page.getByText(`user ${thatcher}`).waitFor();
    const began = performance.now();
    await page.click('form[data-switch] button');
    await page.getByText(`user ${farrier}`).waitFor();
    if (process.env.OPENSPINE_MEASURE)
      process.stdout.write(`switched in ${Math.round(performance.now() - began)} ms\n`);
    await context.close();
  });

  test('a passkey whose counter went back is blocked, and the page says so in words', async () => {
    const { context, page } = await fresh();
    const authenticator = await addAuthenticator(context, page);
    await byName(page, base, farrier);
    await addPasskey(page, 'to be copied');
    const [made] = await authenticator.credentials();
    await context.clearCookies();
    await page.goto(`${base}/cis2/account`);
    await page.click('[data-passkey=log-on] [data-start]');
    await page.waitForURL(`${base}/cis2/account`);
    // the copy: the same key with the counter of before
    await authenticator.cdp.send('WebAuthn.clearCredentials', { authenticatorId: authenticator.id });
    await authenticator.cdp.send('WebAuthn.addCredential', {
      authenticatorId: authenticator.id,
      credential: { ...made, isResidentCredential: true, rpId: 'localhost', signCount: 0 } as never,
    });
    await context.clearCookies();
    await page.goto(`${base}/cis2/account`);
    await page.click('[data-passkey=log-on] [data-start]');
    await page.getByText('There may be a copy of this passkey').waitFor();
    await context.close();
  });

  test('who has no passkey is told in words, and can try again', async () => {
    const { context, page } = await fresh();
    await addAuthenticator(context, page);
    await page.goto(`${base}/cis2/account`);
    await page.click('[data-passkey=log-on] [data-start]');
    await page.getByText('No passkey was used').waitFor();
    expect(await page.locator('[data-start]').isEnabled()).toBe(true);
    await context.close();
  });

  test('without script the page says that passkeys need it', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${base}/cis2/account`);
    expect(await page.locator('[data-passkey] noscript').textContent()).toContain('Passkeys need JavaScript');
    expect(await page.locator('[data-passkey] [data-start]').isVisible()).toBe(false);
    await context.close();
  });

  test('the last passkey goes only after a warning', async () => {
    const { context, page } = await fresh();
    await byName(page, base, farrier);
    const remove = page.getByRole('button', { name: /^Remove/ });
    let warnings = 0;
    while ((await remove.count()) > 0) {
      const answered = page.waitForResponse((answer) => answer.url().endsWith('/remove'));
      await remove.first().click();
      const isWarning = (await answered).status() === 200;
      if (isWarning) {
        warnings++;
        await page.getByText('is the last passkey or app you have').waitFor();
        await page.getByRole('button', { name: 'Remove it all the same' }).click();
      }
      await page.getByText(`user ${farrier}`).waitFor();
      await page.waitForLoadState();
    }
    expect(await page.getByText('No passkey and no authenticator app').isVisible()).toBe(true);
    expect(warnings).toBe(1);
    await context.close();
  });
}
