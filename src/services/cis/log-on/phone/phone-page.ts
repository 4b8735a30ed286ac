import { agentInWords } from '../../pages/agent-in-words.ts';
import { type Html, html } from '../../pages/html.ts';
import type { StaffAccount } from '../../staff-directory.ts';
import type { Nearness } from './phone-rules.ts';
import type { PhoneRow } from './queries-phone.ts';

const warnings: Readonly<Record<Nearness, string | undefined>> = {
  same: undefined,
  different: 'The computer is on another network than this phone. Go on only if you are sitting in front of it.',
  unknown: 'Whether the computer is near you cannot be told. Go on only if you are sitting in front of it.',
};

const timeOf = (at: Date): string => at.toISOString().slice(11, 19);

/**
 * What the phone shows: who asks, from where, and the numbers. On the same network one of three is picked; otherwise the
 * number is typed, which cannot be guessed and takes a look at the computer.
 */
export function approvalContent(shown: {
  readonly row: PhoneRow;
  readonly account: StaffAccount;
  readonly nearness: Nearness;
  readonly token: string;
  readonly address: string;
}): Html {
  const { row, account, nearness, token, address } = shown;
  const warning = warnings[nearness];
  return html`<p>Somebody is logging on as <strong>${account.displayName}</strong> (${account.userId}) on a computer.</p>
<dl><dt>To use</dt><dd><strong>${row.client_name}</strong></dd>
<dt>From</dt><dd>${agentInWords(row.origin_agent)}, network address ${row.origin_address}</dd>
<dt>Begun</dt><dd>${timeOf(row.opened_at)} (UTC)</dd></dl>
${warning && html`<p class="problem" role="alert">${warning}</p>`}
<p>Did you get here by a link, a message or a call? Then refuse: somebody is trying to log on as you.</p>
<form method="post" action="${address}"><input type="hidden" name="token" value="${token}">
${nearness === 'same' ? picked(row.choices.split(' ')) : typed()}
<button type="submit" name="decision" value="approve">It is me: log me on there</button></form>
<form method="post" action="${address}"><input type="hidden" name="token" value="${token}">
<button type="submit" name="decision" value="refuse" class="danger">It is not me: refuse</button></form>`;
}

const picked = (
  choices: readonly string[],
): Html => html`<fieldset><legend>Which number does your computer show?</legend>
${choices.map((choice) => html`<label><input type="radio" name="number" value="${choice}" required>${choice}</label>`)}</fieldset>`;

const typed = (): Html => html`<label for="number">The number your computer shows</label>
<input id="number" name="number" inputmode="numeric" pattern="[0-9]{2}" maxlength="2" autocomplete="off" required>`;
