import type { Call } from '../../../platform/http/operation.ts';

/** Says whose log-on or account the call is about, so that its audit entry names the user, refusals included. */
export function nameCaller(call: Call, userId: string): void {
  call.principal ??= { mode: 'healthcare-worker', appId: '', scopes: [], attributes: {}, userId };
}
