import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { formToken, refuseForeignForm, refuseForeignOrigin } from '../../log-on/account/own-origin.ts';
import { nameCaller } from '../../log-on/caller.ts';
import { accountPathOf, type Realm } from '../../log-on/realm.ts';
import type { BrowserSession, SessionOf } from '../../log-on/way.ts';
import { agentInWords } from '../../pages/agent-in-words.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import type { CisParts } from '../../parts.ts';
import { formFields } from '../attempts.ts';
import type { ProviderStore } from '../provider-store.ts';
import { type EndSessionsParts, endSession } from './end-sessions.ts';
import { type SessionRow, sessionByUid, sessionsOfUser } from './queries-sessions.ts';

export type SessionsParts = EndSessionsParts &
  Pick<CisParts, 'vault' | 'address'> & {
    readonly realm: Realm;
    readonly store: ProviderStore;
    readonly sessionOf: SessionOf;
    readonly findClient: (clientId: string) => Promise<Record<string, unknown> | undefined>;
  };

const pathOf = (realm: Realm): string => `${accountPathOf(realm)}/sessions`;

/** The user of a session as the provider knows them. */
const subOf = ({ realm }: SessionsParts, own: BrowserSession): string => own.userId.slice(realm.mark.length);

/** The page on which people see where they are logged on, and end what they do not want. */
export function sessionsOperations(parts: SessionsParts): Operation[] {
  const path = pathOf(parts.realm);
  return [
    {
      name: `${parts.realm.operations}own-sessions`,
      method: 'GET',
      path,
      summary: 'Where one is logged on',
      access: 'open',
      audit: 'none',
      answers: { 200: { summary: 'The page' }, 303: { summary: 'To log on first' } },
      handle: (call) => showSessions(parts, call),
    },
    {
      name: `${parts.realm.operations}end-own-session`,
      method: 'POST',
      path: `${path}/end`,
      summary: 'End one of one’s own sessions, or all but this',
      access: 'open',
      audit: 'write',
      answers: {
        200: { summary: 'This session has ended' },
        303: { summary: 'Back to the page' },
        401: { summary: 'Not logged on' },
        403: { summary: 'Not ours' },
      },
      handle: (call) => endOwnSession(parts, call),
    },
  ];
}

async function showSessions(parts: SessionsParts, call: Call): Promise<Answer> {
  const own = await parts.sessionOf(call);
  if (!own) return { status: 303, headers: { location: accountPathOf(parts.realm) } };
  const token = formToken(parts.vault, own.sid);
  const rows = await sessionsOfUser(parts.db, parts.store.provider, subOf(parts, own), new Date(call.now));
  const items = await Promise.all(rows.map((row) => sessionItem(parts, row, { own, token })));
  return page({
    title: 'Where you are logged on',
    content: html`<ul class="sessions">${items}</ul>
${rows.length > 1 && html`<form method="post" action="${pathOf(parts.realm)}/end"><input type="hidden" name="token" value="${token}"><button type="submit" name="session" value="others">End all but this one</button></form>`}
<p><a href="${accountPathOf(parts.realm)}">Your account</a></p>`,
  });
}

const dated = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Europe/London' });

async function sessionItem(
  parts: SessionsParts,
  row: SessionRow,
  { own, token }: { readonly own: BrowserSession; readonly token: string },
) {
  const ids = Object.keys((row.payload.authorizations ?? {}) as object);
  const clients = await Promise.all(ids.map(async (id) => String((await parts.findClient(id))?.client_name ?? id)));
  const isThis = row.uid === own.sid;
  const when = dated.format(row.began_at ?? row.seen_at);
  return html`<li class="card"><h2>${isThis ? 'This browser' : agentInWords(row.browser)}</h2>
<dl><dt>Logged on</dt><dd>${when}${parts.realm.hasLevels && `, at level ${row.level ?? 1}`}</dd>
<dt>Last used</dt><dd>${dated.format(row.seen_at)}${parts.store.isIdle(row) && ' (must log on again to be used)'}</dd>
<dt>From</dt><dd>${row.remote}</dd><dt>Applications</dt><dd>${clients.join(', ') || 'none'}</dd></dl>
<form method="post" action="${pathOf(parts.realm)}/end"><input type="hidden" name="token" value="${token}"><button type="submit" class="secondary" name="session" value="${row.uid}">${isThis ? 'Log out here' : html`End<span class="sr"> the session of ${when}</span>`}</button></form></li>`;
}

async function endOwnSession(parts: SessionsParts, call: Call): Promise<Answer> {
  refuseForeignOrigin(call, parts.address);
  const own = await parts.sessionOf(call);
  if (!own)
    throw refuseInWords(call, {
      status: 401,
      code: 'SESSION',
      title: 'You are not logged on any more',
      message: 'Open the page again to log on.',
    });
  nameCaller(call, own, parts.realm);
  const fields = formFields(call);
  refuseForeignForm(call, parts.vault, own.sid, fields.get('token'));
  const wanted = fields.get('session') ?? '';
  if (wanted === 'others') {
    const rows = await sessionsOfUser(parts.db, parts.store.provider, subOf(parts, own), new Date(call.now));
    await Promise.all(rows.filter((row) => row.uid !== own.sid).map((row) => endSession(parts, row.uid)));
  } else {
    const row = await sessionByUid(parts.db, wanted, new Date(call.now));
    // somebody else's session is as good as none
    if (row?.provider === parts.store.provider && row.user_id === subOf(parts, own)) await endSession(parts, row.uid);
  }
  if (wanted !== own.sid) return { status: 303, headers: { location: pathOf(parts.realm) } };
  return page({ title: 'You are logged out', content: html`<p>You can close this page.</p>` });
}
