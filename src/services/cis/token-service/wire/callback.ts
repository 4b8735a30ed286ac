import type { Operation } from '../../../../platform/http/operation.ts';
import { logOnErrors, refuse } from '../errors.ts';
import { base } from './dialect.ts';

/** `GET /oauth2/callback`: no log-on was ever begun here, so every `state` is unknown (step 96). */
export function callbackOperation(): Operation {
  return {
    name: 'cis.callback',
    method: 'GET',
    path: `${base}/callback`,
    summary: 'Return leg from the identity provider',
    access: 'open',
    audit: 'none',
    answers: { 400: { summary: 'The state is not known' } },
    handle: async () => {
      throw refuse(logOnErrors.state);
    },
  };
}
