import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../platform/clock/clock.ts';
import { type Call, type Dialect, header } from '../../../platform/http/operation.ts';
import type { Contacts } from '../administration/contacts.ts';
import { decideToken, duplicated } from '../authorization/decide.ts';
import type { UsedTokens } from '../authorization/used-tokens.ts';
import type { Directory } from '../mailboxes/directory.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { isClientOf, isRevokedClient, type Seen } from './client-certificate.ts';
import { errorBody, errors, internalError, refuse } from './errors.ts';
import { v2Type, versionAsked, versionOf } from './version.ts';

export const base = '/messageexchange';
/** Every path below it is a mailbox's own, and asks for its token. */
export const mailboxPath: '/messageexchange/:mailbox' = `${base}/:mailbox`;

export type FrameParts = Seen & {
  readonly used: UsedTokens;
  readonly clock: Clock;
  readonly sharedKey: string;
  readonly contacts: Contacts;
};

/** The mailbox a call was admitted for. */
export function mailboxOf(directory: Directory, call: Call): Mailbox {
  const mailbox = directory.find(call.principal?.appId ?? '');
  // gone between admission and now: as if it had never been there
  if (!mailbox) throw refuse(call, errors.forbidden);
  return mailbox;
}

/** How MESH speaks: version, then token, in the published order; errors in the form asked for. */
export function meshDialect(parts: FrameParts, at: string = base): Dialect {
  return {
    base: at,
    async admit(call, operation) {
      if (versionAsked(header(call, 'accept')) === undefined) throw refuse(call, errors.acceptFormat);
      // no id has one, and PostgreSQL would not take it
      if (/%00/.test(call.path)) throw refuse(call, errors.notFound);
      if (!operation?.path.startsWith(mailboxPath)) {
        // look-ups take no token, but a certificate that was withdrawn opens nothing
        if (isRevokedClient(parts, call)) throw refuse(call, errors.withdrawnCertificate);
        return;
      }
      const spent = spendToken(parts, call, operation.audit === 'none' ? 'itself' : 'followed');
      // a read may begin meanwhile
      if (operation.method !== 'GET' && operation.method !== 'HEAD') return await spent;
      spent.catch(() => undefined);
      call.admission = spent;
    },
    unknown(call) {
      throw refuse(call, errors.notFound);
    },
    failure(kind, call) {
      const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
      const headers = kind === 'busy' ? { 'retry-after': '5' } : {};
      if (kind === 'too-large' && call)
        return {
          status,
          body: errorBody(call, errors.tooLarge),
          ...(versionOf(call) === 2 && { contentType: v2Type }),
        };
      return { status, headers, body: { internal_id: randomUUID().replaceAll('-', ''), ...internalError } };
    },
    headers: () => ({}),
  };
}

/** Admits the mailbox that the path names by its own token. */
export async function admitMailbox(parts: FrameParts, call: Call): Promise<void> {
  await spendToken(parts, call, 'itself');
}

/**
 * Admits the mailbox as far as can be told at once, or throws; resolves when its token is known not to have been used before,
 * which it is from now on.
 */
function spendToken(parts: FrameParts, call: Call, durability: 'itself' | 'followed'): Promise<void> {
  const { clock } = parts;
  if (isRevokedClient(parts, call)) throw refuse(call, errors.withdrawnCertificate);
  const decision = decideToken({
    header: header(call, 'authorization'),
    mailboxId: (call.params.mailbox as string).toUpperCase(),
    find: (id) => parts.directory.find(id),
    sharedKey: parts.sharedKey,
    // a sandbox whose clock was moved still talks to clients that have the time of the wall
    nows: clock.offset === 0 ? [clock.now()] : [clock.now(), clock.wall()],
  });
  if ('text' in decision) throw refuse(call, { status: 403, ...decision });
  const { mailbox, token } = decision;
  call.principal = {
    mode: 'application-restricted',
    appId: mailbox.mailboxId,
    odsCode: mailbox.odsCode,
    scopes: [],
    attributes: {},
  };
  if (!isClientOf(parts, mailbox, call)) throw refuse(call, errors.otherCertificate);
  return parts.used.use(token, durability).then((isFresh) => {
    if (!isFresh) throw refuse(call, { status: 403, ...duplicated });
    parts.contacts.note(mailbox.mailboxId, call.now);
  });
}
