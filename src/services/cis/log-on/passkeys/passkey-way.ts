import type { Answer, Call } from '../../../../platform/http/operation.ts';
import { html } from '../../pages/html.ts';
import { readPasskeys } from '../authenticators.ts';
import type { KnownBrowsers } from '../throttle/known-browsers.ts';
import type { LogOnAttempt, LogOnWay } from '../way.ts';
import { relyingPartyOf, requestOptions } from './ceremony.ts';
import { issueChallenge } from './challenges.ts';
import { logOnUse, logOnWithPasskey, type PasskeyLogOnParts, passkeyAmr } from './log-on-with-passkey.ts';
import { isAccepted, reaches } from './passkey-rules.ts';

export type PasskeyWayParts = PasskeyLogOnParts & { readonly browsers: KnownBrowsers };

/** Logging on with a passkey, security key or the device itself: AAL3 where the key cannot leave the device, else AAL2. */
export function passkeyWay(parts: PasskeyWayParts): LogOnWay {
  return {
    name: 'passkey',
    isOffered: (attempt) => isAccepted(attempt, passkeyAmr) && reaches(attempt, 3),
    panel: (attempt) => html`
<section class="way" id="passkey" data-passkey="log-on" data-options="${attempt.address}/passkey/options" data-answer="${attempt.address}/passkey/log-on">
<h2>Passkey or security key</h2>
<p><button type="button" data-start hidden>Log on with a passkey</button></p>
<p role="alert" class="problem" data-error hidden></p>
<noscript><p>Passkeys need JavaScript, which is switched off in this browser.</p></noscript>
</section>`,
    routes: [
      {
        name: 'cis.passkey-options',
        method: 'POST',
        path: '/passkey/options',
        summary: 'A challenge for a passkey, good once within two minutes',
        handle: (call, attempt) => options(parts, call, attempt),
      },
      {
        name: 'cis.log-on-with-passkey',
        method: 'POST',
        path: '/passkey/log-on',
        summary: 'Log on with the answer of a passkey',
        handle: (call, attempt) => logOn(parts, call, attempt),
      },
    ],
  };
}

async function options(parts: PasskeyWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const challenge = await issueChallenge(parts.db, logOnUse(attempt), call.now);
  const allowed = attempt.userId === undefined ? undefined : await readPasskeys(parts.db, attempt.userId);
  return { status: 200, body: await requestOptions(relyingPartyOf(parts.address.base), challenge, allowed) };
}

async function logOn(parts: PasskeyWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const proof = await logOnWithPasskey(parts, call, attempt);
  const next = await attempt.finish(call, proof);
  return {
    status: 200,
    body: { next },
    headers: { 'set-cookie': [await parts.browsers.remember(call, proof.userId)] },
  };
}
