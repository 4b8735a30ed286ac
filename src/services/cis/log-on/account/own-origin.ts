import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Call, header } from '../../../../platform/http/operation.ts';
import type { OwnAddress } from '../../../../platform/http/own-address.ts';
import type { Vault } from '../../../../platform/identity/vault.ts';
import { refuseInWords } from '../../pages/dialect.ts';

/**
 * Refuses what another site's page sent. Browsers say with `sec-fetch-site` whether it was ours; older ones name the origin,
 * or say `null` of a form on a page that tells nobody where it is, as ours do: then the form's own secret must do.
 */
export function refuseForeignOrigin(call: Call, address: OwnAddress): void {
  const site = header(call, 'sec-fetch-site');
  const origin = header(call, 'origin');
  const isOwn =
    site !== undefined
      ? site === 'same-origin'
      : origin === undefined || origin === 'null' || origin === new URL(address.base).origin;
  if (!isOwn) throw foreign(call);
}

/** What a form carries to show that our own page of this session was seen before it was sent. */
export function formToken(vault: Vault, session: string): string {
  return createHmac('sha256', vault.derive('account forms')).update(session).digest('base64url');
}

/** Refuses a form or script without the token of this session. */
export function refuseForeignForm(call: Call, vault: Vault, session: string, sent: string | undefined): void {
  const [given, right] = [Buffer.from(sent ?? ''), Buffer.from(formToken(vault, session))];
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw foreign(call);
}

const foreign = (call: Call) =>
  refuseInWords(call, {
    status: 403,
    code: 'ORIGIN',
    title: 'This did not come from our own page',
    message: 'Open the page again and repeat what you did. Nothing was changed.',
  });
