import type { Call } from '../../../platform/http/operation.ts';
import { type Realm, staffRealm } from './realm.ts';

/** Says whose log-on or account the call is about, so that its audit entry names the user, refusals included. */
export function nameCaller(
  call: Call,
  { userId, nhsNumber }: { readonly userId: string; readonly nhsNumber?: string | undefined },
  realm: Realm = staffRealm,
): void {
  call.principal ??= {
    mode: realm.mode,
    appId: '',
    scopes: [],
    attributes: {},
    userId: userId.slice(realm.mark.length),
  };
  if (nhsNumber !== undefined) call.subject = nhsNumber;
}
