import { LeasedWorker } from '../../../platform/jobs/leased-worker.ts';
import { messageIn } from '../messages/find.ts';
import { selectInbox } from '../messages/queries-lists.ts';
import { type Failing, unregisteredWorkflow } from '../messages/report.ts';
import { answerRequest, putAside, refuseRequest, type TraceParts } from './answer-request.ts';
import { traceMailboxId, traceWorkflow } from './own-mailbox.ts';

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
 * Answers what comes into PDS's mailbox, oldest first, one file at a time, in one process. What was under way when it
 * ended is begun anew.
 */
export function traceWorker(given: Omit<TraceParts, 'goOn'>): LeasedWorker {
  const { db, clock } = given;
  return new LeasedWorker({
    db,
    clock,
    lease: 'mesh-batch-trace',
    leaseMillis,
    everyMillis,
    async round(goesOn, onTrouble) {
      const goOn = async () => {
        if (!(await goesOn())) throw new BrokenOff('broken off');
      };
      const start = { order: 0, messageId: '' };
      const waiting = await db.query<{ message_id: string }>(
        selectInbox(traceMailboxId, start, atOnce, undefined, clock.now()),
      );
      for (const { message_id: messageId } of waiting) {
        try {
          await goOn();
          await answer({ ...given, goOn }, messageId);
        } catch (error) {
          if (error instanceof BrokenOff) return;
          // one that fails holds up none of the others
          onTrouble(error as Error);
        }
      }
    },
  });
}

async function answer(parts: TraceParts, messageId: string): Promise<void> {
  const request = await messageIn(parts.db, traceMailboxId, messageId);
  if (request?.state !== 'accepted') return;
  if (request.messageType === 'REPORT') await putAside(parts, request);
  else if (request.workflowId === traceWorkflow) await answerRequest(parts, request);
  else await refuseRequest(parts, request, notTraced);
}
