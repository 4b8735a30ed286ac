import { createHash } from 'node:crypto';
import { errors, type Interaction } from 'oidc-provider';
import { storable } from '../../../platform/audit/entry.ts';
import { type Call, cookieOf } from '../../../platform/http/operation.ts';
import type { Refusal } from '../../../platform/http/refusal.ts';
import { refuseInWords } from '../pages/dialect.ts';
import type { ProviderHost } from './provider-host.ts';

/** A log-on under way, as the library keeps it, found by its address and the cookie of the browser it began in. */
export type UnderWay = {
  readonly interaction: Interaction;
  /** SHA-256 (base64url) of the signature of the cookie; not to be worked out from the address. */
  readonly browser: string;
  readonly clientName: string;
  /** Of the page, without a slash at the end. */
  readonly address: string;
};

/** The log-on named by the address, if this is the browser it began in. Throws a Refusal in words. */
export async function logOnUnderWay(host: ProviderHost, call: Call): Promise<UnderWay> {
  const provider = await host.current();
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(call.raw.request, call.raw.response);
  } catch (error) {
    if (error instanceof errors.SessionNotFound) throw ended(call);
    throw error;
  }
  if (interaction.uid !== call.params.uid) throw ended(call);
  const client = await provider.Client.find(String(interaction.params.client_id));
  if (!client) throw ended(call);
  const signature = cookieOf(call, `${provider.cookieName('interaction')}.sig`) ?? '';
  return {
    interaction,
    browser: createHash('sha256').update(signature).digest('base64url'),
    clientName: client.clientName ?? client.clientId,
    address: `${host.issuer}/log-on/${interaction.uid}`,
  };
}

const ended = (call: Call): Refusal =>
  refuseInWords(call, {
    status: 400,
    code: 'LOG_ON_ENDED',
    title: 'This log-on has ended',
    message:
      'It took longer than ten minutes, was finished already, or was begun in another browser. Go back to the application and log on again.',
  });

const mostOfField = 4_000;

/** Fields of a form as a browser posts it, fit to be looked up; the first of each name. */
export function formFields(call: Call): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(call.body.toString('utf8')))
    if (!fields.has(name)) fields.set(name, storable(value, mostOfField));
  return fields;
}
