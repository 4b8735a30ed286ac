import { storable } from '../../../../platform/audit/entry.ts';
import type { Answer, Call } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import { type Html, html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { isAccepted, reaches } from '../passkeys/passkey-rules.ts';
import type { LogOnAttempt, LogOnWay } from '../way.ts';
import { appAmr, logOnWithPassword, type PasswordLogOnParts } from './log-on-with-password.ts';

/** Logging on with a password and the code of an authenticator app, asked together: AAL2. */
export function passwordWay(parts: PasswordLogOnParts): LogOnWay {
  return {
    name: 'password',
    isOffered: (attempt) => isAccepted(attempt, appAmr) && reaches(attempt, 2),
    panel: (attempt) =>
      html`<section class="way" id="password"><h2>Password and authenticator app</h2>${form(parts, attempt)}</section>`,
    routes: [
      {
        name: 'cis.log-on-with-password',
        method: 'POST',
        path: '/password',
        summary: 'Log on with a password and the code of an authenticator app',
        handle: (call, attempt) => logOn(parts, call, attempt),
      },
    ],
  };
}

function form({ realm }: PasswordLogOnParts, attempt: LogOnAttempt): Html {
  const user =
    attempt.userId === undefined &&
    html`<p><label for="password-user">${realm.usernameLabel}</label>
<input id="password-user" name="username" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" maxlength="200" required></p>`;
  return html`<form method="post" action="${attempt.address}/password">${user}
<p><label for="password-password">Password</label>
<input id="password-password" name="password" type="password" autocomplete="current-password" maxlength="400" required></p>
<p><label for="password-code">Six-digit code of your app</label>
<input id="password-code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required></p>
<p><button type="submit">Log on</button></p></form>`;
}

async function logOn(parts: PasswordLogOnParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const sent = new URLSearchParams(call.body.toString('utf8'));
  const typed = {
    username: storable(sent.get('username') ?? '').trim(),
    password: sent.get('password') ?? '',
    code: sent.get('code') ?? '',
  };
  const result = await logOnWithPassword(parts, call, attempt, typed);
  if (result.is === 'wrong')
    throw again(
      parts,
      attempt,
      401,
      'LOG_ON_WRONG',
      `The ${parts.realm.hasLevels ? 'user name' : 'NHS number'}, the password or the code is wrong. A code is good once.`,
    );
  if (result.is === 'throttled') {
    const minutes = Math.ceil(result.waitMillis / 60_000);
    const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
    const words = `There were too many tries. Wait ${wait}, or use another way to log on, such as a passkey.`;
    throw again(parts, attempt, 429, 'LOG_ON_THROTTLED', words, {
      'retry-after': String(Math.ceil(result.waitMillis / 1000)),
    });
  }
  const next = await attempt.finish(call, result.proof);
  const cookie = await parts.browsers.remember(call, result.proof.userId);
  return { status: 303, headers: { location: next, 'set-cookie': [cookie] } };
}

/** The form once more, with what went wrong. */
function again(
  parts: PasswordLogOnParts,
  attempt: LogOnAttempt,
  status: number,
  code: string,
  words: string,
  headers: Record<string, string> = {},
): Refusal {
  const answer = page({
    title: 'Log on',
    content: html`<p role="alert" class="problem">${words}</p>${form(parts, attempt)}
<p><a href="${attempt.address}">All ways to log on</a></p>`,
  });
  const all = { ...(answer.headers as Record<string, string>), ...headers };
  return new Refusal(status, code, Buffer.from(answer.body as string), all, answer.contentType);
}
