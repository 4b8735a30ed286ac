import { renderSVG } from 'uqr';
import { Html, html } from '../../pages/html.ts';
import { addressOfSeed } from '../password/authenticator-app.ts';
import type { Realm } from '../realm.ts';

/** Makes a passkey by script. `address` is that of the page's routes; `token` is sent along as `x-openspine-token`. */
export function passkeyPanel({ hasLevels }: Realm, address: string, token: string): Html {
  return html`<section class="way" id="passkey" data-passkey="enrol" data-options="${address}/passkey/options" data-answer="${address}/passkey" data-token="${token}">
<h2>Add a passkey or security key</h2>
${
  hasLevels
    ? html`<p>A key that cannot leave its device, such as a security key, opens everything. A passkey kept in an account of yours opens
what asks for two factors.</p>`
    : html`<p>A passkey is kept on your phone or computer and opened with your fingerprint, your face or a PIN.</p>`
}
<p><label for="passkey-name">A name to know it by</label>
<input id="passkey-name" data-name maxlength="50" autocomplete="off"></p>
<p><button type="button" data-start hidden>Add a passkey</button></p>
<p role="alert" class="problem" data-error hidden></p>
<noscript><p>Passkeys need JavaScript, which is switched off in this browser.</p></noscript></section>`;
}

export type AppForm = {
  readonly action: string;
  readonly token: string;
  readonly userId: string;
  readonly seed: string;
  readonly sealed: string;
  /** Whether a password is to be chosen with it. */
  readonly withPassword: boolean;
  readonly fault?: string | undefined;
};

/** The form that sets up an authenticator app; the seed stands in it to be scanned or typed. */
export function appForm({ action, token, userId, seed, sealed, withPassword, fault }: AppForm): Html {
  const image = Buffer.from(renderSVG(addressOfSeed(seed, userId))).toString('base64');
  const password =
    withPassword &&
    html`<p><label for="app-password">New password, at least 12 characters</label>
<input id="app-password" name="password" type="password" autocomplete="new-password" maxlength="400" required></p>`;
  return html`${fault && html`<p role="alert" class="problem">${fault}</p>`}
<form method="post" action="${action}">
<input type="hidden" name="token" value="${token}"><input type="hidden" name="pending" value="${sealed}">
<input type="hidden" name="username" value="${userId}" autocomplete="username">
<p>Scan this with your authenticator app:</p>
<p><img src="data:image/svg+xml;base64,${new Html(image)}" width="200" height="200" alt="QR code for your authenticator app"></p>
<p>If the app is on this device, <a href="${addressOfSeed(seed, userId)}">open it in the app</a>.</p>
<p>Or type this into it: <code>${(seed.match(/.{1,4}/g) ?? []).join(' ')}</code></p>
<p><label for="app-code">The six digits your app shows now</label>
<input id="app-code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required></p>
${password}
<p><label for="app-name">A name to know it by</label>
<input id="app-name" name="name" maxlength="50" autocomplete="off"></p>
<p><button type="submit">Add the app</button></p></form>`;
}
