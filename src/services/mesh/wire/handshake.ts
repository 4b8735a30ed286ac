import { type Answer, type Call, header, type Operation } from '../../../platform/http/operation.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { missing, refuseFlaws } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { versionOf } from './version.ts';

const offers = 'idempotency-key, inbox-wait, delivery-receipt';
const clientHeaders = ['mex-clientversion', 'mex-osname', 'mex-osversion'] as const;

/**
 * A client says hello, and learns that mailbox, password and key are right; with a header `mex-offers` also what is offered
 * beyond the published interface (ours).
 */
export function handshakeOperations(directory: Directory): Operation[] {
  const handle = async (call: Call): Promise<Answer> => {
    const absent = clientHeaders.filter((name) => header(call, name) === undefined);
    if (absent.length > 0) throw refuseFlaws(absent.map(missing));
    const { mailboxId } = mailboxOf(directory, call);
    // told only to clients that ask: for all others nothing differs from what is published
    const headers = header(call, 'mex-offers') === undefined ? {} : { 'mex-offers': offers };
    return versionOf(call) === 2 ? { status: 200, headers } : { status: 200, headers, body: { mailboxId } };
  };
  return (['POST', 'GET'] as const).map((method) => ({
    name: method === 'POST' ? 'mesh.handshake' : 'mesh.handshake-by-get',
    method,
    path: mailboxPath,
    summary: 'Handshake: whether mailbox, password and key are right',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'They are' }, 403: { summary: 'They are not' } },
    handle,
  }));
}

/** A client tells its version; nothing is kept of it. */
export function updateOperation(): Operation {
  return {
    name: 'mesh.update',
    method: 'POST',
    path: `${mailboxPath}/update`,
    summary: 'A client tells its version',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Noted' } },
    handle: async () => ({ status: 200 }),
  };
}
