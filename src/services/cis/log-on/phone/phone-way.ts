import { createHash, randomBytes, randomInt } from 'node:crypto';
import { renderSVG } from 'uqr';
import { storable } from '../../../../platform/audit/entry.ts';
import type { Database } from '../../../../platform/db/database.ts';
import { type Answer, type Call, header } from '../../../../platform/http/operation.ts';
import type { OwnAddress } from '../../../../platform/http/own-address.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { nameCaller } from '../caller.ts';
import { passkeyAmr } from '../passkeys/log-on-with-passkey.ts';
import type { LogOnAttempt, LogOnWay, Proof } from '../way.ts';
import { phoneClientName, phonePath } from './phone-client.ts';
import { drawNumbers, mostFromAddress, requestMillis } from './phone-rules.ts';
import { openRequest, useRequest } from './queries-phone.ts';

export type PhoneWayParts = {
  readonly db: Database;
  readonly address: OwnAddress;
  /** Whether policy lets people log on so at all. */
  readonly isOn: boolean;
};

export const hashOf = (id: string): Buffer => createHash('sha256').update(id).digest();

/**
 * Logging on with the phone: the desktop shows a number and a QR code, the phone's owner logs on there with a passkey and
 * says yes to the number. The level is that of the phone's passkey.
 */
export function phoneWay(parts: PhoneWayParts): LogOnWay {
  return {
    name: 'phone',
    isOffered: (attempt) =>
      parts.isOn &&
      attempt.clientName !== phoneClientName &&
      (attempt.only === undefined || attempt.only.includes(passkeyAmr)) &&
      attempt.levels.some((level) => level >= 2),
    panel: (attempt) => html`
<section class="way" id="phone"><h2>Your phone</h2>
<p class="hint">For a phone on which you have a passkey.</p>
<form method="post" action="${attempt.address}/phone"><button type="submit">Use your phone</button></form>
</section>`,
    routes: [
      {
        name: 'cis.begin-phone-log-on',
        method: 'POST',
        path: '/phone',
        summary: 'Show a number and a QR code for the phone',
        handle: (call, attempt) => begin(parts, call, attempt),
      },
      {
        name: 'cis.log-on-with-phone',
        method: 'POST',
        path: '/phone/done',
        summary: 'Log on with what was approved on the phone',
        handle: (call, attempt) => finish(parts, call, attempt),
      },
    ],
  };
}

async function begin(parts: PhoneWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  if (!parts.isOn)
    throw refuseInWords(call, {
      status: 403,
      code: 'PHONE_OFF',
      title: 'Not by phone',
      message: 'Logging on by phone is switched off here. Log on in another way.',
    });
  const id = randomBytes(24).toString('base64url');
  const { number, choices } = drawNumbers(randomInt);
  const row = {
    request_hash: hashOf(id),
    attempt_id: attempt.id,
    browser: attempt.browser,
    client_name: storable(attempt.clientName, 200),
    number,
    choices: choices.join(' '),
    origin_address: storable(call.remote, 60),
    origin_agent: storable(header(call, 'user-agent') ?? '', 300),
    levels: attempt.levels.join(' '),
  };
  const limits = { now: call.now, expiresAt: call.now + requestMillis, most: mostFromAddress };
  if (!(await openRequest(parts.db, row, limits)))
    throw refuseInWords(call, {
      status: 429,
      code: 'PHONE_TOO_MANY',
      title: 'Too many log-ons by phone',
      message: 'Too many log-ons from your network wait for a phone. Try again in a minute, or log on in another way.',
    });
  return page({ title: 'Use your phone', scripts: ['phone.js'], content: shown(parts, attempt, id, number) });
}

function shown({ address }: PhoneWayParts, attempt: LogOnAttempt, id: string, number: string) {
  const target = `${address.base}${phonePath}/${id}`;
  const svg = renderSVG(target, { border: 2 });
  return html`<p>Scan this with your phone within a minute, log on there with your passkey, and confirm this number:</p>
<p class="number" id="number">${number}</p>
<p><img class="qr" alt="QR code of the address to open on your phone" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"></p>
<p class="problem" role="note">Never send this code or number to anybody, and never confirm one that somebody sent you.</p>
<p role="status" id="phone-status" data-status="${phonePath}/${id}/status">Waiting for your phone.</p>
<form method="post" action="${attempt.address}/phone/done" id="phone-done"><input type="hidden" name="request" value="${id}">
<noscript><button type="submit">I have confirmed it on my phone</button></noscript></form>
<form method="post" action="${attempt.address}/phone" id="phone-again" hidden><button type="submit">Show a new code</button></form>
<p><a href="${attempt.address}">Log on in another way</a></p>`;
}

async function finish(parts: PhoneWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const id = new URLSearchParams(call.body.toString('utf8')).get('request') ?? '';
  const of = { attemptId: attempt.id, browser: attempt.browser };
  const row = await useRequest(parts.db, hashOf(id), of, call.now);
  if (!row?.user_id)
    throw refuseInWords(call, {
      status: 403,
      code: 'PHONE_NOT_APPROVED',
      title: 'Your phone did not confirm it',
      message: 'It was not confirmed in time, was refused, was used already, or belongs to another log-on.',
    });
  nameCaller(call, { userId: row.user_id });
  if (attempt.userId !== undefined && attempt.userId !== row.user_id)
    throw refuseInWords(call, {
      status: 403,
      code: 'PHONE_OF_ANOTHER',
      title: 'This phone belongs to another person',
      message: 'Somebody else is logged on here. Use your own phone, or log out first.',
    });
  const level = row.level === 3 ? 3 : 2;
  const proof: Proof = { userId: row.user_id, level, amr: (row.amr ?? '').split(' ') };
  return { status: 303, headers: { location: await attempt.finish(call, proof) } };
}
