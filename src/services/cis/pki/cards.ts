import { randomInt } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import type { CardAuthority, CardUsage } from './authority.ts';
import {
  afterVerb,
  type CardStanding,
  type CardState,
  type CardVerb,
  isRenewable,
  type RevocationReason,
  renewalWindowDays,
  standingOf,
} from './card-states.ts';
import { makeKeyFile, newPasscode } from './key-file.ts';
import {
  type CardRow,
  type CertificateRow,
  cardRow,
  cardRowsOf,
  certificateRows,
  insertCard,
  insertCertificate,
  lockCardRow,
  releaseCertificates,
  revokeCertificates,
  setCardState,
} from './queries-cards.ts';

/** What cannot be done to a card; the message says why, in one sentence. */
export class CardError extends Error {
  readonly rule: 'unknown-card' | 'state' | 'window' | 'numbers';
  constructor(rule: CardError['rule'], message: string) {
    super(message);
    this.rule = rule;
  }
}

export type CardCertificate = {
  readonly serial: string;
  readonly usage: CardUsage;
  /** Milliseconds since 1970, as are all times here. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly revokedAt: number | undefined;
  readonly revocationReason: string | undefined;
};

/** A card as it stands; `certificates` has every one it ever carried, oldest first. */
export type Card = {
  readonly cardNumber: string;
  readonly userId: string;
  readonly standing: CardStanding;
  /** When the certificates now on it end; undefined before it is issued. */
  readonly notAfter: number | undefined;
  readonly madeAt: number;
  readonly changedAt: number;
  readonly certificates: readonly CardCertificate[];
};

/** What is handed to the holder once, and kept nowhere: a PKCS #12 file for each certificate, and their passcode. */
export type CardKeys = {
  readonly authentication: Buffer;
  readonly contentCommitment: Buffer;
  readonly passcode: string;
};

/** How tokens and sessions of a user end, in the transaction that locks or cancels the card. */
export type Ending = {
  readonly tokens: Pick<Tokens, 'revokeAllIn'>;
  readonly endSessionsIn: (tx: Queryable, userId: string) => Promise<unknown>;
};

/** Who does it (a user id, or what stands for one) and when. */
export type By = { readonly actor: string; readonly now: number };

export type Holder = { readonly userId: string; readonly displayName: string };

/**
 * The cards of an installation, for the Registration Authority. Each change runs in the caller's transaction and writes
 * its event there; who may make it is for the caller to decide, and the audit entry for the caller to write. All but
 * `issue` and `list` throw CardError `unknown-card`, and `state` where the verb may not follow.
 */
export class Cards {
  readonly #authority: () => Promise<CardAuthority>;
  readonly #ending: Ending | undefined;

  /** `ending`: what ends when a card is locked or cancelled. */
  constructor(authority: () => Promise<CardAuthority>, ending: Ending | undefined) {
    this.#authority = authority;
    this.#ending = ending;
  }

  /** Prints a card for the holder: a number, nothing on it yet. */
  async print(tx: Queryable, holder: Pick<Holder, 'userId'>, by: By): Promise<Card> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const cardNumber = newCardNumber();
      if (!(await insertCard(tx, { cardNumber, userId: holder.userId, state: 'printed', at: by.now }))) continue;
      await tell(tx, 'card-printed', { cardNumber, userId: holder.userId }, by);
      return await this.#card(tx, cardNumber, by.now);
    }
    throw new CardError('numbers', 'No free card number was found.');
  }

  /** Issues a printed card, or a new one where no number is given, with two certificates; `isLocked`: to be unlocked first. */
  async issue(
    tx: Queryable,
    holder: Holder,
    by: By,
    options: { readonly cardNumber?: string | undefined; readonly isLocked?: boolean | undefined } = {},
  ): Promise<{ card: Card; keys: CardKeys }> {
    const cardNumber = options.cardNumber ?? (await this.print(tx, holder, by)).cardNumber;
    const { row } = await this.#follow(tx, cardNumber, options.isLocked ? 'issue-locked' : 'issue', by.now);
    if (row.user_id !== holder.userId)
      throw new CardError('unknown-card', `Card ${cardNumber} was printed for somebody else.`);
    const keys = await this.#certify(tx, row, holder.displayName, by);
    if (options.isLocked) await revokeCertificates(tx, cardNumber, 'certificateHold', by.now);
    await tell(tx, 'card-issued', { cardNumber, userId: row.user_id, isLocked: options.isLocked === true }, by);
    return { card: await this.#card(tx, cardNumber, by.now), keys };
  }

  /** Unlocks a card that was issued locked or was locked since; its passcode stays. */
  async unlock(tx: Queryable, cardNumber: string, by: By): Promise<Card> {
    const { row } = await this.#follow(tx, cardNumber, 'unlock', by.now);
    await releaseCertificates(tx, cardNumber);
    await tell(tx, 'card-unlocked', { cardNumber, userId: row.user_id }, by);
    return await this.#card(tx, cardNumber, by.now);
  }

  /** Locks an active card: its certificates are put on hold, its holder's tokens revoked and sessions ended. */
  async lock(tx: Queryable, cardNumber: string, by: By): Promise<Card> {
    const { row } = await this.#follow(tx, cardNumber, 'lock', by.now);
    await revokeCertificates(tx, cardNumber, 'certificateHold', by.now);
    await this.#end(tx, row.user_id);
    await tell(tx, 'card-locked', { cardNumber, userId: row.user_id }, by);
    return await this.#card(tx, cardNumber, by.now);
  }

  /**
   * Gives an active or expired card new certificates and a new passcode; the former ones are superseded. Throws CardError
   * `window` earlier than 90 days before they end.
   */
  async renew(tx: Queryable, cardNumber: string, displayName: string, by: By): Promise<{ card: Card; keys: CardKeys }> {
    const { row, notAfter } = await this.#follow(tx, cardNumber, 'renew', by.now);
    if (notAfter !== undefined && !isRenewable(notAfter, by.now))
      throw new CardError(
        'window',
        `The certificates of card ${cardNumber} can be renewed from ${renewalWindowDays} days before they end.`,
      );
    return await this.#recertify(tx, row, displayName, 'card-renewed', by);
  }

  /**
   * Sets a new passcode on an active or locked card, which is active after. In software that is a new key pair: the one
   * that was is not kept here, and whoever knows the old passcode may have a copy of its file.
   */
  async resetPasscode(
    tx: Queryable,
    cardNumber: string,
    displayName: string,
    by: By,
  ): Promise<{ card: Card; keys: CardKeys }> {
    const { row, standing } = await this.#held(tx, cardNumber, by.now);
    if (standing !== 'active' && afterVerb(standing, 'unlock') === undefined) throw mayNot('reset', row, standing);
    await setCardState(tx, cardNumber, 'active', by.now);
    return await this.#recertify(tx, row, displayName, 'card-passcode-reset', by);
  }

  /** Cancels a card for good: its certificates are revoked for `reason`, its holder's tokens too, and sessions ended. */
  async cancel(tx: Queryable, cardNumber: string, reason: RevocationReason, by: By): Promise<Card> {
    const { row } = await this.#follow(tx, cardNumber, 'cancel', by.now);
    await revokeCertificates(tx, cardNumber, reason === 'certificateHold' ? 'unspecified' : reason, by.now);
    await this.#end(tx, row.user_id);
    await tell(tx, 'card-cancelled', { cardNumber, userId: row.user_id, reason }, by);
    return await this.#card(tx, cardNumber, by.now);
  }

  /** The user's cards, oldest first. */
  async list(db: Queryable, userId: string, now: number): Promise<Card[]> {
    const rows = await cardRowsOf(db, userId);
    const certificates =
      rows.length === 0
        ? []
        : await certificateRows(
            db,
            rows.map((row) => row.card_number),
          );
    return rows.map((row) => cardOf(row, certificates, now));
  }

  /** The card of this number; undefined where there is none. */
  async find(db: Queryable, cardNumber: string, now: number): Promise<Card | undefined> {
    const row = await cardRow(db, cardNumber);
    return row && cardOf(row, await certificateRows(db, [cardNumber]), now);
  }

  /** Ends whatever was begun with the card; which that was is not told apart from what was begun otherwise. */
  async #end(tx: Queryable, userId: string): Promise<void> {
    await this.#ending?.tokens.revokeAllIn(tx, { userId });
    await this.#ending?.endSessionsIn(tx, userId);
  }

  async #card(tx: Queryable, cardNumber: string, now: number): Promise<Card> {
    return (await this.find(tx, cardNumber, now)) as Card;
  }

  async #held(tx: Queryable, cardNumber: string, now: number) {
    const row = await lockCardRow(tx, cardNumber);
    if (!row) throw new CardError('unknown-card', `There is no card ${cardNumber}.`);
    const { standing, notAfter } = cardOf(row, await certificateRows(tx, [cardNumber]), now);
    return { row, standing, notAfter };
  }

  async #follow(tx: Queryable, cardNumber: string, verb: CardVerb, now: number) {
    const { row, standing, notAfter } = await this.#held(tx, cardNumber, now);
    const next = afterVerb(standing, verb);
    if (next === undefined) throw mayNot(verb, row, standing);
    await setCardState(tx, cardNumber, next, now);
    return { row, notAfter };
  }

  async #recertify(tx: Queryable, row: CardRow, displayName: string, kind: string, by: By) {
    await revokeCertificates(tx, row.card_number, 'superseded', by.now);
    const keys = await this.#certify(tx, row, displayName, by);
    await tell(tx, kind, { cardNumber: row.card_number, userId: row.user_id }, by);
    return { card: await this.#card(tx, row.card_number, by.now), keys };
  }

  async #certify(tx: Queryable, row: CardRow, displayName: string, by: By): Promise<CardKeys> {
    const authority = await this.#authority();
    const { card_number: cardNumber, user_id: userId } = row;
    const made = await authority.certificatesFor({ userId, cardNumber, displayName }, by.now);
    const passcode = newPasscode();
    const chain = [authority.issuing, authority.root];
    const files: Partial<Record<CardUsage, Buffer>> = {};
    for (const one of made) {
      await insertCertificate(tx, { ...one, cardNumber, userId });
      const name = `${displayName}, card ${cardNumber}, ${one.usage}`;
      files[one.usage] = await makeKeyFile({ ...one, chain, name }, passcode);
    }
    return {
      authentication: files.authentication as Buffer,
      contentCommitment: files['content-commitment'] as Buffer,
      passcode,
    };
  }
}

const mayNot = (verb: string, row: CardRow, standing: CardStanding): CardError =>
  new CardError('state', `Card ${row.card_number} is ${standing}: "${verb}" may not follow.`);

/** Twelve digits, the first not a zero, with no meaning in their order. */
const newCardNumber = (): string => String(randomInt(1, 10)) + String(randomInt(10 ** 11)).padStart(11, '0');

type Told = { readonly userId: string } & Readonly<Record<string, unknown>>;

function tell(tx: Queryable, kind: string, body: Told, by: By): Promise<unknown> {
  const event = { subject: body.userId, kind: `cis.${kind}`, happenedAt: by.now, body: { ...body, actor: by.actor } };
  return tx.query(insertEvents([event]));
}

/** The latest authentication certificate decides how long a card is good. */
function cardOf(row: CardRow, certificates: readonly CertificateRow[], now: number): Card {
  const own = certificates.filter((one) => one.card_number === row.card_number);
  const ends = own.filter((one) => one.usage === 'authentication').map((one) => one.not_after_at.getTime());
  const notAfter = ends.length === 0 ? undefined : Math.max(...ends);
  return {
    cardNumber: row.card_number,
    userId: row.user_id,
    standing: standingOf(row.state as CardState, notAfter, now),
    notAfter,
    madeAt: row.made_at.getTime(),
    changedAt: row.changed_at.getTime(),
    certificates: own.map((one) => ({
      serial: one.serial,
      usage: one.usage as CardUsage,
      notBefore: one.not_before_at.getTime(),
      notAfter: one.not_after_at.getTime(),
      revokedAt: one.revoked_at?.getTime(),
      revocationReason: one.revocation_reason ?? undefined,
    })),
  };
}
