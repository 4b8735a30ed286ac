import type { Database } from '../../../platform/db/database.ts';
import type { Answer, Call } from '../../../platform/http/operation.ts';
import type { OwnAddress } from '../../../platform/http/own-address.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import type { Cards } from '../pki/cards.ts';
import { giveTicket, seeProof, takeProof } from '../pki/hand-over.ts';
import { type CardFault, faultWords } from '../pki/judge-certificate.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import { nameCaller } from './caller.ts';
import type { LogOnAttempt, LogOnWay, Proof } from './way.ts';

/** The two generations of cards in `amr` (contract: cis2-acr-amr); a card of ours serves as either. */
const cardAmr = ['N3_SMARTCARD', 'CIS2_SMARTCARD'] as const;

/** What a card's log-on is called for this application: the first generation, unless only the second is accepted. */
export function amrFor(only: readonly string[] | undefined): (typeof cardAmr)[number] | undefined {
  return only === undefined ? 'N3_SMARTCARD' : cardAmr.find((name) => only.includes(name));
}

/** Where the browser goes on the card port, below its address. */
export const cardPath = '/cis2/card';

export type SmartcardWayParts = {
  readonly db: Database;
  readonly cards: Cards;
  readonly directory: Pick<StaffDirectory, 'find'>;
  readonly address: OwnAddress;
  /** The port that asks for card certificates; undefined while none is open. */
  readonly port: () => number | undefined;
};

/**
 * Logging on with a smartcard: AAL3. The browser takes a ticket of this attempt to the card port, which looks at the card
 * and sends it back with a proof; both are good once, for a minute, and the proof for this attempt in this browser only.
 */
export function smartcardWay(parts: SmartcardWayParts): LogOnWay {
  return {
    name: 'smartcard',
    isOffered: (attempt) =>
      parts.port() !== undefined && attempt.levels.includes(3) && amrFor(attempt.only) !== undefined,
    panel: (attempt) => html`
<section class="way" id="smartcard"><h2>Smartcard</h2>
<form method="post" action="${attempt.address}/card"><button type="submit">Log on with a smartcard</button></form>
</section>`,
    routes: [
      {
        name: 'cis.begin-smartcard-log-on',
        method: 'POST',
        path: '/card',
        summary: 'Go to the card port with a ticket of this attempt',
        handle: (call, attempt) => begin(parts, call, attempt),
      },
      {
        name: 'cis.confirm-smartcard-log-on',
        method: 'GET',
        path: '/card/done',
        summary: 'Whose card was shown; is that who is to be logged on?',
        handle: (call, attempt) => confirm(parts, call, attempt),
      },
      {
        name: 'cis.log-on-with-smartcard',
        method: 'POST',
        path: '/card/done',
        summary: 'Log on with the proof that a card was shown',
        handle: (call, attempt) =>
          finish(parts, call, attempt, new URLSearchParams(call.body.toString('utf8')).get('proof') ?? ''),
      },
      {
        name: 'cis.smartcard-refused',
        method: 'GET',
        path: '/card/refused',
        summary: 'What was wrong with the card that was shown',
        handle: async (call, attempt) => refused(call, attempt),
      },
    ],
  };
}

async function begin(parts: SmartcardWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const port = parts.port();
  if (port === undefined) throw refuse(attempt, 503, 'CARD_PORT', 'Smartcards cannot be used here at the moment.');
  const returnTo = new URL(attempt.address, parts.address.base).href;
  const ticket = await giveTicket(parts.db, { attemptId: attempt.id, browser: attempt.browser, returnTo }, call.now);
  const { hostname } = new URL(parts.address.base);
  return { status: 303, headers: { location: `https://${hostname}:${port}${cardPath}/${ticket}`, ...unkept } };
}

/**
 * Asks whether that is who is meant to be logged on: browsers remember the certificate that was chosen, so that on a shared
 * desktop it may be the former person's. Who is known already, and logs on again, is not asked.
 */
async function confirm(parts: SmartcardWayParts, call: Call, attempt: LogOnAttempt): Promise<Answer> {
  const secret = new URLSearchParams(call.rawQuery).get('proof') ?? '';
  const shown = await seeProof(parts.db, secret, attempt, call.now);
  if (shown && shown.userId === attempt.userId) return finish(parts, call, attempt, secret);
  const account = shown && (await parts.directory.find(shown.userId));
  if (!shown || !account) throw refuse(attempt, 403, 'CARD_PROOF', spent);
  nameCaller(call, shown);
  return page({
    title: 'Is this you?',
    content: html`<p>The card in use is that of <strong>${account.displayName}</strong>, user ${shown.userId}.</p>
<form method="post" action="${attempt.address}/card/done"><input type="hidden" name="proof" value="${secret}">
<button type="submit" autofocus>Log on as ${account.displayName}</button></form>
<p>Not you? Take the card out or close the browser, and <a href="${attempt.address}">log on with your own</a>.</p>`,
  });
}

const spent = 'This took too long, was used before, or belongs to another log-on.';

async function finish(parts: SmartcardWayParts, call: Call, attempt: LogOnAttempt, secret: string): Promise<Answer> {
  const shown = await takeProof(parts.db, secret, attempt, call.now);
  if (!shown) throw refuse(attempt, 403, 'CARD_PROOF', spent);
  nameCaller(call, shown);
  if (attempt.userId !== undefined && attempt.userId !== shown.userId)
    throw refuse(attempt, 403, 'CARD_OF_ANOTHER', 'This smartcard belongs to another person. Use your own.');
  const amr = amrFor(attempt.only);
  if (amr === undefined)
    throw refuse(attempt, 403, 'CARD_NOT_ACCEPTED', 'The application you came from does not take smartcards.');
  // the card may have been locked in the minute since it was shown
  const card = await parts.cards.find(parts.db, shown.cardNumber, call.now);
  if (card?.standing !== 'active') throw refuse(attempt, 403, 'CARD_LOCKED', faultWords.locked);
  const proof: Proof = { userId: shown.userId, level: 3, amr: [amr], authenticatorId: shown.cardNumber };
  return { status: 303, headers: { location: await attempt.finish(call, proof), ...unkept } };
}

function refused(call: Call, attempt: LogOnAttempt): never {
  const why = new URLSearchParams(call.rawQuery).get('why') ?? '';
  const words = Object.hasOwn(faultWords, why) ? faultWords[why as CardFault] : 'The smartcard was refused.';
  throw refuse(attempt, 403, 'CARD_REFUSED', words);
}

/** An address with a secret in it is told to nobody and kept nowhere. */
const unkept = { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' } as const;

function refuse(attempt: LogOnAttempt, status: number, code: string, words: string): Refusal {
  const answer = page({
    title: 'The smartcard did not log you on',
    status,
    content: html`<p class="problem" role="alert">${words}</p><p><a href="${attempt.address}">Back to the ways to log on</a></p>`,
  });
  const body = Buffer.from(answer.body as string);
  return new Refusal(status, code, body, answer.headers as Record<string, string>, answer.contentType);
}
