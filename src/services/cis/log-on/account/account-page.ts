import { type Html, html } from '../../pages/html.ts';
import type { AuthenticatorSummary } from '../authenticator.ts';
import { accountPathOf, type Realm, usernameOf } from '../realm.ts';
import { passkeyPanel } from './enrolment-panels.ts';
import type { Own } from './own-session.ts';

const kinds = { passkey: 'Passkey', app: 'Authenticator app' };

const clockTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'Europe/London',
});
const told = (millis: number | undefined): string => (millis === undefined ? 'never' : clockTime.format(millis));

/** The page on which somebody looks after her passkeys, apps and password. */
export function accountContent(
  realm: Realm,
  own: Own,
  authenticators: readonly AuthenticatorSummary[],
  can: { readonly change: boolean; readonly usePassword: boolean; readonly hasPassword: boolean },
): Html {
  const accountPath = accountPathOf(realm);
  return html`<p>You are <strong>${own.account.displayName}</strong>, ${realm.hasLevels ? 'user' : 'NHS number'} ${usernameOf(own.account)}.</p>
${
  realm.hasLevels
    ? html`<section class="way"><h2>Hand over this desktop</h2>
${tokenForm(realm, 'switch', own.token, html``, 'Switch user', 'data-switch')}</section>`
    : html`<section class="way"><h2>Leave this device</h2>
${tokenForm(realm, 'switch', own.token, html``, 'Log out')}</section>`
}
<h2>What you log on with</h2>
${authenticators.length === 0 ? html`<p>No passkey and no authenticator app.</p>` : list(realm, own, authenticators, can.change)}
${
  can.change
    ? html`${passkeyPanel(realm, accountPath, own.token)}
${
  can.usePassword &&
  html`<section class="way"><h2>Authenticator app and password</h2>
<p><a href="${accountPath}/app">Add an authenticator app</a></p>
${can.hasPassword && html`<p><a href="${accountPath}/password">Change your password</a></p>`}</section>`
}`
    : html`<p><a href="${accountPath}?again">Log on once more to add or remove</a> what you log on with.</p>`
}
<p><a href="${accountPath}/sessions">Where you are logged on</a></p>
${
  !realm.hasLevels &&
  html`<p>Who looked at your record: an application of your choice can show you, from the list that the NHS Spine keeps
(<code>/audit</code>).</p>`
}`;
}

function list(realm: Realm, own: Own, authenticators: readonly AuthenticatorSummary[], mayChange: boolean): Html {
  return html`<ul class="sessions">${authenticators.map(
    (
      one,
    ) => html`<li class="card"><strong>${one.name}</strong><br>${kinds[one.kind]}${realm.hasLevels && html`, level ${one.level}`}.
Added ${told(one.addedAt)}, last used ${told(one.lastUsedAt)}.
${one.isSuspected && html`<br><span class="problem">Blocked: there may be a copy of it. Remove it and tell ${realm.helper}.</span>`}
${mayChange && removeForm(realm, own.token, one.authenticatorId, `Remove ${one.name}`, false)}</li>`,
  )}</ul>`;
}

function removeForm(realm: Realm, token: string, authenticatorId: string, label: string, isConfirmed: boolean): Html {
  const fields = html`<input type="hidden" name="authenticator" value="${authenticatorId}">
${isConfirmed && html`<input type="hidden" name="confirmed" value="yes">`}`;
  return tokenForm(realm, 'remove', token, fields, label);
}

/** Asked before the last one goes. */
export function lastOneContent(realm: Realm, own: Own, one: AuthenticatorSummary): Html {
  return html`<p role="alert" class="problem">${one.name} is the last passkey or app you have. Without it you can log on
${realm.hasLevels ? 'with a smartcard only, or must go' : 'no more, and must go'} to ${realm.helper}.</p>
${removeForm(realm, own.token, one.authenticatorId, 'Remove it all the same', true)}
<p><a href="${accountPathOf(realm)}">Keep it</a></p>`;
}

function tokenForm(realm: Realm, verb: string, token: string, fields: Html, label: string, mark?: 'data-switch'): Html {
  return html`<form method="post" action="${accountPathOf(realm)}/${verb}"${mark && html` data-switch`}>
<input type="hidden" name="token" value="${token}">${fields}<button type="submit" class="${verb === 'remove' ? 'danger' : 'secondary'}">${label}</button></form>`;
}

/** The form that changes the password. */
export function passwordContent(realm: Realm, own: Own, fault: string | undefined): Html {
  return html`${fault && html`<p role="alert" class="problem">${fault}</p>`}
<form method="post" action="${accountPathOf(realm)}/password"><input type="hidden" name="token" value="${own.token}">
<input type="hidden" name="username" value="${usernameOf(own.account)}" autocomplete="username">
<p><label for="new-password">New password, at least 12 characters</label>
<input id="new-password" name="password" type="password" autocomplete="new-password" maxlength="400" required></p>
<p><button type="submit">Change the password</button></p></form>`;
}
