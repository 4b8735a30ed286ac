import { type Call, header } from '../../../../platform/http/operation.ts';
import type { ChangedBy } from '../../records.ts';

/** Who makes the change that this call asks for. */
export function changedByOf(call: Call): ChangedBy {
  const principal = call.principal;
  return {
    mode: principal?.mode ?? '',
    app: principal?.appId ?? '',
    ods: (header(call, 'nhsd-end-user-organisation-ods') ?? principal?.odsCode ?? '').slice(0, 20).toWellFormed(),
    user: principal?.userId ?? principal?.nhsNumber ?? '',
    role: call.roleProfileId ?? '',
  };
}
