import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';

const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
  existsSync(one),
);

/** Whether there is a browser to test with; tests that need one are skipped, visibly, where there is none. */
export const hasChromium = path !== undefined;

const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser, closed with the test file. */
export async function openChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: path as string, args: quiet });
  afterAll(() => browser.close());
  return browser;
}

export type VirtualAuthenticator = {
  readonly id: string;
  readonly cdp: CDPSession;
  /** What the authenticator holds. */
  credentials(): Promise<{ credentialId: string; signCount: number; privateKey: string; userHandle?: string }[]>;
};

/** Gives a page an authenticator that verifies its user and keeps passkeys; synced ones where `isSynced`. */
export async function addAuthenticator(
  context: BrowserContext,
  page: Page,
  { transport = 'internal', isSynced = false }: { transport?: 'internal' | 'usb'; isSynced?: boolean } = {},
): Promise<VirtualAuthenticator> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: isSynced,
      defaultBackupState: isSynced,
    },
  });
  const credentials = async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials;
  return { id, cdp, credentials };
}
