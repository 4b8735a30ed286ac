import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Call } from '../../../../platform/http/operation.ts';
import type { Refusal } from '../../../../platform/http/refusal.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { nameCaller } from '../caller.ts';
import { accountPathOf, type Holder, type Realm } from '../realm.ts';
import type { BrowserSession, SessionOf } from '../way.ts';
import type { EnrolmentParts, Entitlement } from './enrolment.ts';
import { formToken, refuseForeignForm, refuseForeignOrigin } from './own-origin.ts';

export type SessionParts = EnrolmentParts & { readonly sessionOf: SessionOf };

/** Somebody logged on in this browser who looks after her own account. */
export type Own = {
  readonly account: Holder;
  readonly session: BrowserSession;
  /** What her forms carry. */
  readonly token: string;
  readonly entitlement: Entitlement;
};

/** How long ago a log-on may be for a change of authenticators: five minutes. Ours. */
const freshMillis = 300_000;

/** Who is logged on in this browser; undefined where nobody is, or the account is no longer active. */
export async function ownOf(parts: SessionParts, call: Call): Promise<Own | undefined> {
  const session = await parts.sessionOf(call);
  const account = session && (await parts.directory.find(session.userId));
  if (!session || account?.status !== 'active') return undefined;
  nameCaller(call, account, parts.realm);
  const browser = createHash('sha256').update(session.sid).digest('base64url');
  const use = { boundTo: `account ${session.userId}`, browser };
  return { account, session, token: formToken(parts.vault, session.sid), entitlement: { account, by: session, use } };
}

/** The same for what our own page sent; `sent` is the token that came with it. Throws refusals. */
export async function ownPosted(parts: SessionParts, call: Call, sent: string | undefined): Promise<Own> {
  refuseForeignOrigin(call, parts.address);
  const own = await ownOf(parts, call);
  if (!own) throw refusal(call, 401, 'SESSION', 'You are not logged on any more', 'Open the page again to log on.');
  refuseForeignForm(call, parts.vault, own.session.sid, sent);
  return own;
}

export const isFresh = (own: Own, now: number): boolean => now - own.session.loggedOnAt <= freshMillis;

/**
 * Refuses a change of authenticators from a log-on of more than five minutes ago, or with less than two factors: who comes
 * by an open desktop, or is taken at her word, must not make herself a key to another's account.
 */
export function refuseStale(call: Call, own: Own): void {
  if (own.session.level < 2)
    throw refusal(call, 403, 'LEVEL', 'This log-on is too weak', 'Log on with two factors to change how you log on.');
  if (!isFresh(own, call.now))
    throw refusal(
      call,
      403,
      'REAUTHENTICATE',
      'Log on once more',
      'You logged on more than five minutes ago. Open your account page, log on again, and repeat what you did.',
    );
}

const refusal = (call: Call, status: number, code: string, title: string, message: string): Refusal =>
  refuseInWords(call, { status, code, title, message });

/**
 * Sends the browser to log on for the account page and back. The code that comes back is never used, what counts is the
 * browser's session; so its verifier and state are thrown away.
 */
export function toLogOn(realm: Realm, base: string, options: { readonly again: boolean }): Answer {
  const random = () => randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'openspine-account',
    redirect_uri: `${base}${accountPathOf(realm)}/return`,
    response_type: 'code',
    scope: 'openid',
    ...realm.asksFor,
    state: random(),
    nonce: random(),
    code_challenge: createHash('sha256').update(random()).digest('base64url'),
    code_challenge_method: 'S256',
    ...(options.again ? { prompt: 'login' } : {}),
  });
  return { status: 303, headers: { location: `${base}${realm.home}/authorize?${query}` } };
}
