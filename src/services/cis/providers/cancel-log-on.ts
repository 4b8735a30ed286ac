import type { Operation } from '../../../platform/http/operation.ts';
import { logOnUnderWay } from './attempts.ts';
import type { ProviderHost } from './provider-host.ts';

/** Gives up a log-on: back to the application with `access_denied`. */
export function cancelLogOn(parts: {
  readonly host: ProviderHost;
  readonly name: string;
  readonly path: string;
}): Operation {
  return {
    name: parts.name,
    method: 'POST',
    path: parts.path,
    summary: 'Give up a log-on',
    access: 'open',
    audit: 'write',
    answers: { 303: { summary: 'Back to the application' }, 400: { summary: 'The log-on has ended' } },
    async handle(call) {
      const { interaction } = await logOnUnderWay(parts.host, call);
      interaction.result = { error: 'access_denied', error_description: 'the person gave up the log-on' };
      await interaction.persist();
      return { status: 303, headers: { location: interaction.returnTo } };
    },
  };
}
