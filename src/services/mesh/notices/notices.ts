import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertEvents, moveCursor, nextEvents } from '../../../platform/events/outbox.ts';
import { type Outbound, OutboundError } from '../../../platform/http/outbound.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { takeLease } from '../../../platform/jobs/lease.ts';
import { mailboxEvent } from '../administration/audited-change.ts';
import { countWaiting } from '../messages/queries-lists.ts';
import {
  claimNotice,
  markDue,
  postponeNotice,
  selectDue,
  selectOthersEnabled,
  settleNotice,
  type WebhookRow,
} from './queries-notices.ts';
import { afterFailure } from './retry.ts';
import { type Notice, signatureHeader, signNotice } from './sign-notice.ts';

export type NoticeParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly vault: Vault;
  readonly ask: Outbound;
};

export const noticesConsumer = 'mesh-notices';
export const secretContext = (mailboxId: string): string => `mesh webhook of ${mailboxId}`;

const roundMillis = 500;
const eventsAtOnce = 1000;
const pagesAtOnce = 20;
const noticesAtOnce = 40;
const answerMillis = 10_000;
const claimMillis = 60_000;
const mostCounted = 10_000;

/**
 * Tells owners of mailboxes that mail waits. Events of messages mark notices as due, in one process at a time; any process
 * takes what is due and sends it. Told at least once: who dies in between leaves a claim that runs out.
 */
export class Notices {
  readonly #parts: NoticeParts;
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #atWork: Promise<void> = Promise.resolve();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: NoticeParts) {
    this.#parts = parts;
  }

  start(onError: (error: Error) => void): void {
    const round = async () => {
      try {
        await this.#round(onError);
      } catch (error) {
        onError(error as Error);
      }
      if (this.#isStopped) return;
      this.#timer = setTimeout(begin, roundMillis);
      this.#timer.unref();
    };
    const begin = () => {
      this.#atWork = round();
    };
    begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#atWork;
    await Promise.all(this.#underWay);
  }

  /** Reads what has happened, and begins to send what is due; a slow receiver keeps no other waiting. */
  async #round(onError: (error: Error) => void): Promise<void> {
    const { db, clock } = this.#parts;
    const anybody = await db.query(selectOthersEnabled(''));
    if (anybody.length === 0) return;
    const wall = clock.wall();
    if (await takeLease(db, noticesConsumer, this.#holder, wall, wall + roundMillis - 50)) await this.#readEvents();
    const room = noticesAtOnce - this.#underWay.size;
    const due = room > 0 ? await db.query<WebhookRow>(selectDue(clock.now(), room)) : [];
    for (const webhook of due) {
      const telling = this.#tell(webhook).catch(onError);
      this.#underWay.add(telling);
      void telling.finally(() => this.#underWay.delete(telling));
    }
  }

  async #readEvents(): Promise<void> {
    const { db, clock } = this.#parts;
    for (let page = 0; page < pagesAtOnce && !this.#isStopped; page++) {
      const read = await db.transaction(async (tx) => {
        const events = await nextEvents(tx, noticesConsumer, eventsAtOnce);
        const last = events.at(-1);
        if (!last) return 0;
        const accepted = events.filter((event) => event.kind === 'mesh.message-accepted');
        const mailboxIds = [...new Set(accepted.map((event) => event.subject))].sort();
        if (mailboxIds.length > 0) await tx.query(markDue(mailboxIds, clock.now()));
        await moveCursor(tx, noticesConsumer, last, clock.now());
        return events.length;
      });
      if (read < eventsAtOnce) return;
    }
  }

  async #tell(webhook: WebhookRow): Promise<void> {
    const { db, clock } = this.#parts;
    const { mailbox_id: mailboxId } = webhook;
    const claimedAt = clock.now();
    const [claim] = await db.query<{ change_no: number }>(claimNotice(mailboxId, claimedAt, claimedAt + claimMillis));
    if (!claim) return;
    const [row] = await db.query<{ waiting: number }>(countWaiting(mailboxId, mostCounted));
    const waiting = row?.waiting ?? 0;
    if (waiting === 0) {
      await db.query(settleNotice(mailboxId, claim.change_no, null, clock.now()));
      return;
    }
    const fault = await this.#send(webhook, { mailbox: mailboxId, waiting });
    const now = clock.now();
    if (fault === undefined) await db.query(settleNotice(mailboxId, claim.change_no, now, now));
    else await this.#postpone(webhook, fault, now);
  }

  /** Sends a notice; what went wrong, if something did. Any answer that says "done" takes it. */
  async #send({ mailbox_id: mailboxId, url, sealed_secret: sealed }: WebhookRow, notice: Notice) {
    const { ask, clock, vault } = this.#parts;
    const body = JSON.stringify(notice);
    const signature = signNotice(body, vault.open(sealed, secretContext(mailboxId)), clock.now());
    const headers = { 'content-type': 'application/json', [signatureHeader]: signature };
    try {
      const { status } = await ask({ url, method: 'POST', headers, body, millis: answerMillis, bytes: 65_536 });
      return status >= 200 && status < 300 ? undefined : `answered ${status}`;
    } catch (error) {
      if (error instanceof OutboundError) return error.message;
      throw error;
    }
  }

  async #postpone(webhook: WebhookRow, fault: string, now: number): Promise<void> {
    const { mailbox_id: mailboxId, url, failures, failing_since_at: since } = webhook;
    const next = afterFailure({ failures, since: since?.getTime() }, fault, now);
    await this.#parts.db.transaction(async (tx) => {
      const changed = await tx.query(postponeNotice(mailboxId, url, next));
      if (next.isOver && changed.length > 0)
        await tx.query(insertEvents([mailboxEvent(mailboxId, 'webhook-disabled', now, { fault: next.fault })]));
    });
  }
}
