import type { Call } from '../../../../platform/http/operation.ts';
import { organisationOf } from '../../../../platform/http/server.ts';
import type { ChangedBy } from '../../records.ts';

/** Who makes the change that this call asks for. */
export function changedByOf(call: Call): ChangedBy {
  const principal = call.principal;
  return {
    mode: principal?.mode ?? '',
    app: principal?.appId ?? '',
    ods: organisationOf(call),
    user: principal?.userId ?? principal?.nhsNumber ?? '',
    role: call.roleProfileId ?? '',
  };
}
