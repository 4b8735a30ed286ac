import { test } from 'vitest';
import { hasChromium, openChromium } from '../../../../test/support/chromium.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { Database } from '../../../platform/db/database.ts';
import { OwnAddress } from '../../../platform/http/own-address.ts';
import { Tokens } from '../../../platform/identity/tokens.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import { openCardDesk } from './card-desk.ts';

const farrier = '656005750104';

if (!hasChromium) test.skip('log-on with a smartcard in Chromium: no Chromium on this machine', () => {});
else {
  const spine = await startSpine({ OPENSPINE_CARD_PORT: '0' });
  const base = spine.url.replace('127.0.0.1', 'localhost');
  const browser = await openChromium();

  test('a card logs on in a browser, from the page and back to the application; cancelled, it ends the session too; without one the page says what is missing', async () => {
    const db = new Database({ url: spine.databaseUrl });
    const clock = new Clock();
    const vault = openVault(spine.dataDirectory, undefined);
    const parts = { db, clock, vault, tokens: new Tokens(db, clock), address: new OwnAddress(base, 'http') };
    const { cards } = openCardDesk(parts, true);
    const holder = { userId: farrier, displayName: 'Aroha Farrier' };
    const by = { actor: 'test', now: clock.now() };
    const { keys, card: issued } = await db.transaction((tx) => cards.issue(tx, holder, by));
    const origin = `https://localhost:${spine.spine.cardPort()}`;
    const card = { origin, pfx: keys.authentication, passphrase: keys.passcode };

    const context = await browser.newContext({ ignoreHTTPSErrors: true, clientCertificates: [card] });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${base}/cis2/account`);
    await page.getByRole('button', { name: 'Log on with a smartcard' }).click();
    await page.getByRole('button', { name: /^Log on as/ }).click();
    await page.waitForURL(`${base}/cis2/account`);
    await page.getByText(`user ${farrier}`).waitFor();
    await db.transaction((tx) => cards.cancel(tx, issued.cardNumber, 'keyCompromise', by));
    await page.goto(`${base}/cis2/account`);
    await page.getByRole('button', { name: 'Log on with a smartcard' }).click();
    await page.getByText('Your smartcard has been cancelled').waitFor();
    await context.close();
    await db.close();

    const without = await browser.newContext({ ignoreHTTPSErrors: true });
    const bare = await without.newPage();
    await bare.goto(`${base}/cis2/account`);
    await bare.getByRole('button', { name: 'Log on with a smartcard' }).click();
    await bare.getByText('Your browser presented no card').waitFor();
    await bare.getByRole('link', { name: 'Back to the ways to log on' }).click();
    await bare.getByRole('button', { name: 'Log on with a smartcard' }).waitFor();
    await without.close();
  });
}
