import type { Call } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import { refuseInWords } from '../../pages/dialect.ts';

/** Does something whose refusals are meant for scripts, and says them as a page where a person sent a form. */
export async function inWords<Result>(call: Call, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { message } = error.body as { message?: unknown };
    if (typeof message !== 'string') throw error;
    const { status, code } = error;
    throw refuseInWords(call, { status, code, title: 'That did not work', message });
  }
}
