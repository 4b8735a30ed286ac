import { randomUUID } from 'node:crypto';
import { renewLease, takeLease } from '../../../platform/jobs/housekeeping.ts';
import { messageIn } from '../messages/find.ts';
import { selectInbox } from '../messages/queries-lists.ts';
import { type Failing, unregisteredWorkflow } from '../messages/report.ts';
import { answerRequest, putAside, refuseRequest, type TraceParts } from './answer-request.ts';
import { traceMailboxId, traceWorkflow } from './own-mailbox.ts';

const lease = 'mesh-batch-trace';
const everyMillis = 500;
const leaseMillis = 15_000;
const atOnce = 20;

/** Of the older trace we know the file's name and first row, not its records nor their answers. */
const notTraced: Failing = {
  ...unregisteredWorkflow,
  text: `${unregisteredWorkflow.text}: it traces ${traceWorkflow}, and not the older SPINE_MPTPHASE4_TRACE`,
};

class BrokenOff extends Error {}

/**
 * Answers what comes into PDS's mailbox, oldest first, one file at a time; one process does it, the one that holds the
 * lease. What was under way when it ended is begun anew.
 */
export class TraceWorker {
  readonly #parts: TraceParts;
  readonly #holder = randomUUID();
  #heldUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(parts: Omit<TraceParts, 'goOn'>) {
    this.#parts = { ...parts, goOn: () => this.#goOn() };
  }

  /** `onTrouble` is told of each failure; what failed is tried again. */
  start(onTrouble: (error: Error) => void): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#work(onTrouble).finally(() => {
        if (!this.#isStopped) this.start(onTrouble);
      });
    }, everyMillis);
    this.#timer.unref();
  }

  /** Breaks off what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #work(onTrouble: (error: Error) => void): Promise<void> {
    try {
      if (!(await this.#holdsLease())) return;
      const { db, clock } = this.#parts;
      const start = { order: 0, messageId: '' };
      const waiting = await db.query<{ message_id: string }>(
        selectInbox(traceMailboxId, start, atOnce, undefined, clock.now()),
      );
      for (const { message_id: messageId } of waiting) {
        if (this.#isStopped) return;
        await this.#answer(messageId).catch((error: unknown) => {
          // one that fails holds up none of the others
          if (!(error instanceof BrokenOff)) onTrouble(error as Error);
        });
      }
    } catch (error) {
      if (!(error instanceof BrokenOff)) onTrouble(error as Error);
    }
  }

  async #answer(messageId: string): Promise<void> {
    await this.#goOn();
    const request = await messageIn(this.#parts.db, traceMailboxId, messageId);
    if (request?.state !== 'accepted') return;
    if (request.messageType === 'REPORT') await putAside(this.#parts, request);
    else if (request.workflowId === traceWorkflow) await answerRequest(this.#parts, request);
    else await refuseRequest(this.#parts, request, notTraced);
  }

  async #goOn(): Promise<void> {
    if (this.#isStopped || !(await this.#holdsLease())) throw new BrokenOff('broken off');
  }

  /** By the wall clock: a sandbox's clock may be moved far ahead and back. */
  async #holdsLease(): Promise<boolean> {
    const { db, clock } = this.#parts;
    const now = clock.wall();
    if (now < this.#heldUntil - leaseMillis / 2) return true;
    const until = now + leaseMillis;
    const isHeld =
      (now < this.#heldUntil && (await renewLease(db, lease, this.#holder, now, until))) ||
      (await takeLease(db, lease, this.#holder, now, until));
    if (!isHeld) return false;
    this.#heldUntil = until;
    return true;
  }
}
