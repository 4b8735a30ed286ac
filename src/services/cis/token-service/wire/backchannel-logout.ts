import type { Operation } from '../../../../platform/http/operation.ts';
import { base } from './dialect.ts';

/** `POST /oauth2/backchannel_logout`: no identity provider's address is on the list yet, so everybody is refused (step 110). */
export function backchannelLogoutOperation(): Operation {
  return {
    name: 'cis.backchannel-logout',
    method: 'POST',
    path: `${base}/backchannel_logout`,
    summary: 'End a session, called by the staff identity provider',
    access: 'open',
    audit: 'none',
    answers: { 403: { summary: 'The caller is not on the list of allowed addresses; empty' } },
    handle: async () => ({ status: 403 }),
  };
}
