import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
  existsSync(one),
);
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

const user = '555000000901';
const roles = ['Clinical Practitioner', 'Practice Manager', 'Privacy Officer'].map((name, i) => ({
  person_orgid: '555000000902',
  person_roleid: `55500000091${i}`,
  org_code: 'A83002',
  role_code: `S8000:G8000:R800${i}`,
  role_name: `"Clinical":"Clinical":"${name}"`,
}));

/**
 * A member of staff with a passkey and three roles: from asking for the log-on page to standing at the application with a
 * role picked, in Chromium with its virtual authenticator, each time as a new session.
 */
export async function logOnsInBrowser(
  port: number,
  times: number,
): Promise<{ line: string; millis?: number[]; pageBytes?: number }> {
  if (path === undefined) return { line: 'log-on in Chromium: not measured, there is no Chromium' };
  const base = `http://localhost:${port}`;
  const back = `${base}/_ping`;
  await load(base, {
    applications: [{ apiKey: 'bench-rp', secret: 'bench', redirectUris: [back] }],
    users: [
      {
        provider: 'cis2',
        username: user,
        sub: user,
        claims: { authentication_assurance_level: 3, id_assurance_level: 3 },
        userinfo: { sub: user, name: 'Bench Ada', nhsid_nrbac_roles: roles },
      },
    ],
  });
  const browser = await chromium.launch({ executablePath: path, args: quiet });
  try {
    const context = await browser.newContext();
    // the virtual authenticator would take an offer in the field for the user name before the button is pressed
    await context.addInitScript('delete globalThis.PublicKeyCredential?.isConditionalMediationAvailable');
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await addPasskey(context, page, base);
    const millis: number[] = [];
    let pageBytes = 0;
    for (let i = 0; i <= times; i++) {
      await context.clearCookies();
      const began = performance.now();
      await page.goto(authorizeAt(base, back));
      // the first is for warming up, and to weigh the page
      if (i === 0) pageBytes = await weightOf(page);
      await page.click('[data-passkey=log-on] [data-start]');
      await page.click('.roles button');
      await page.waitForURL(`${back}*`);
      if (i > 0) millis.push(Math.round(performance.now() - began));
    }
    const sorted = [...millis].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return {
      line: `log-on page to role picked with a passkey in Chromium: median ${at(0.5)} ms, most ${sorted.at(-1)} ms of ${times}; page with style and scripts ${pageBytes} bytes`,
      millis,
      pageBytes,
    };
  } finally {
    await browser.close();
  }
}

/** Bytes of the page with everything it loaded, as they were received. */
function weightOf(page: Page): Promise<number> {
  return page.evaluate(`performance.getEntries()
    .filter((entry) => entry.entryType === 'navigation' || entry.entryType === 'resource')
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)`);
}

async function load(base: string, cis: object): Promise<void> {
  const answer = await fetch(`${base}/sandbox/load`, { method: 'POST', body: JSON.stringify({ cis }) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function addPasskey(context: BrowserContext, page: Page, base: string): Promise<void> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${base}/cis2/account?again`);
  await page.fill('#kc-form-login input[name=username]', user);
  await page.click('#kc-form-login button');
  await page.waitForURL(`${base}/cis2/account`);
  await page.fill('[data-name]', 'bench');
  const added = page.waitForResponse((answer) => answer.url().endsWith('/cis2/account/passkey'));
  await page.click('[data-passkey=enrol] [data-start]');
  if (!(await added).ok()) throw new Error('the passkey could not be added');
  await page.waitForLoadState();
}

function authorizeAt(base: string, redirect_uri: string): string {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'bench-rp',
    redirect_uri,
    response_type: 'code',
    scope: 'openid profile nationalrbacaccess selectedrole',
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    acr_values: 'AAL3_ANY',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return `${base}/cis2/authorize?${query}`;
}
