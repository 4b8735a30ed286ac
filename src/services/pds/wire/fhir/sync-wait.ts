import { type Call, header } from '../../../../platform/http/operation.ts';
import { pdsErrors, refuseAtGateway } from '../../errors.ts';
import { waitedTooLong } from './frame.ts';

/** How long the caller will wait for a write: `X-Sync-Wait`, 0.25 to 29 seconds, 10 by default (contract, section 2). */
export function syncWaitMillis(call: Call): number {
  const seconds = Number(header(call, 'x-sync-wait') ?? 10);
  return 1000 * (Number.isFinite(seconds) ? Math.min(29, Math.max(0.25, seconds)) : 10);
}

/**
 * The write's outcome, or 503 with `Retry-After: 5` when it outlasts the caller's patience. The write itself goes on: the
 * same request repeated gets its outcome.
 */
export async function withinSyncWait<Result>(call: Call, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(refuseAtGateway(pdsErrors.serviceUnavailable, waitedTooLong, { 'retry-after': '5' })),
      syncWaitMillis(call),
    );
  });
  // should patience win, the write's own failure is nobody's to hear
  work.catch(() => undefined);
  try {
    return await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
