import type { Queryable } from '../../../../platform/db/database.ts';
import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { auditedChange } from '../audited-change.ts';
import { readAuthenticators, summaryOf } from '../authenticators.ts';
import { newSeed } from '../password/authenticator-app.ts';
import { hashPassword } from '../password/password-hash.ts';
import { passwordOf, setPassword } from '../queries-authenticators.ts';
import { accountPathOf, type Holder, usernameOf } from '../realm.ts';
import type { BrowserSession } from '../way.ts';
import { accountContent, lastOneContent, passwordContent } from './account-page.ts';
import { addApp, openPending, passwordFault, sealPending } from './add-app.ts';
import { addPasskey, passkeyCreation } from './add-passkey.ts';
import { tell } from './enrolment.ts';
import { appForm } from './enrolment-panels.ts';
import { inWords } from './in-words.ts';
import { isFresh, type Own, ownOf, ownPosted, refuseStale, type SessionParts, toLogOn } from './own-session.ts';
import { removeAuthenticatorOf } from './remove-authenticator.ts';

export type AccountParts = SessionParts & {
  readonly mayUsePassword: (account: Holder) => boolean;
  /** Ends the session of this browser, at the provider and at the applications it logged on to. */
  readonly endSession: (call: Call, session: BrowserSession) => Promise<void>;
  /** Ends every session of a user, but for one, in the caller's transaction. */
  readonly endSessionsIn: (tx: Queryable, userId: string, except?: string) => Promise<number>;
};

const namesOf = ({ realm: { operations } }: AccountParts) => ({
  passkey: `${operations}add-passkey`,
  app: `${operations}add-app`,
  password: `${operations}change-password`,
  remove: `${operations}remove-own-authenticator`,
});
const formOf = (call: Call) => new URLSearchParams(call.body.toString('utf8'));
const toAccount = ({ realm }: AccountParts): Answer => ({ status: 303, headers: { location: accountPathOf(realm) } });
const home = (parts: AccountParts): Answer => ({ ...toAccount(parts), isAudited: true });

/** Pages on which people look after what they log on with. */
export function accountOperations(parts: AccountParts): Operation[] {
  const { realm } = parts;
  const names = namesOf(parts);
  const accountPath = accountPathOf(realm);
  const answers = {
    200: { summary: 'Page, or JSON for the page’s script' },
    303: { summary: 'To the page that follows, or to log on' },
    403: { summary: 'Not from our own page, or the log-on is too weak or too long ago' },
  };
  const operation = (
    name: string,
    method: 'GET' | 'POST',
    path: string,
    summary: string,
    handle: (call: Call) => Promise<Answer>,
  ): Operation => {
    const audit = method === 'GET' ? 'none' : 'write';
    return { name, method, path: `${accountPath}${path}`, summary, access: 'open', audit, answers, handle };
  };
  const forScript = async (call: Call) => {
    const own = await ownPosted(parts, call, header(call, 'x-openspine-token'));
    refuseStale(call, own);
    return own;
  };
  return [
    operation(`${realm.operations}account`, 'GET', '', 'What one logs on with, to look after', (call) =>
      accountPage(parts, call),
    ),
    operation(`${realm.operations}account-return`, 'GET', '/return', 'Back from logging on', async () =>
      toAccount(parts),
    ),
    operation(
      `${realm.operations}add-passkey-options`,
      'POST',
      '/passkey/options',
      'A challenge for a new passkey',
      async (call) => passkeyCreation(parts, call, (await forScript(call)).entitlement),
    ),
    operation(names.passkey, 'POST', '/passkey', 'Add a passkey', async (call) => {
      const { entitlement } = await forScript(call);
      const added = await addPasskey(parts, call, { name: names.passkey }, entitlement);
      return { status: 200, body: { next: accountPath, level: added.level }, isAudited: true };
    }),
    operation(`${realm.operations}add-app-page`, 'GET', '/app', 'Page to add an authenticator app on', (call) =>
      fresh(parts, call, (own) => appPage(parts, call, own, undefined)),
    ),
    operation(names.app, 'POST', '/app', 'Add an authenticator app', (call) => postApp(parts, call)),
    operation(`${realm.operations}change-password-page`, 'GET', '/password', 'Page to change the password on', (call) =>
      fresh(parts, call, async (own) =>
        page({ title: 'Change your password', content: passwordContent(parts.realm, own, undefined) }),
      ),
    ),
    operation(names.password, 'POST', '/password', 'Change the password', (call) => postPassword(parts, call)),
    operation(names.remove, 'POST', '/remove', 'Remove a passkey or app', (call) => postRemove(parts, call)),
    operation(
      `${realm.operations}switch-user`,
      'POST',
      '/switch',
      'Log off and let the next person log on',
      async (call) => {
        const own = await ownPosted(parts, call, formOf(call).get('token') ?? undefined);
        await parts.endSession(call, own.session);
        if (!realm.hasLevels)
          return page({ title: 'You are logged out', content: html`<p>You can close this page.</p>` });
        return toLogOn(parts.realm, parts.address.base, { again: true });
      },
    ),
  ];
}

async function accountPage(parts: AccountParts, call: Call): Promise<Answer> {
  const own = await ownOf(parts, call);
  if (!own) return toLogOn(parts.realm, parts.address.base, { again: false });
  if (call.rawQuery === 'again' && !isFresh(own, call.now))
    return toLogOn(parts.realm, parts.address.base, { again: true });
  const [authenticators, password] = await Promise.all([
    readAuthenticators(parts.db, own.account.userId),
    passwordOf(parts.db, own.account.userId),
  ]);
  return page({
    title: 'Your account',
    scripts: ['passkey.js', 'switch-user.js'],
    content: accountContent(parts.realm, own, authenticators.map(summaryOf), {
      change: own.session.level >= 2 && isFresh(own, call.now),
      usePassword: parts.mayUsePassword(own.account),
      hasPassword: password !== undefined,
    }),
  });
}

/** A page for a change: who is not logged on, or not lately, logs on first. */
async function fresh(parts: AccountParts, call: Call, show: (own: Own) => Promise<Answer>): Promise<Answer> {
  const own = await ownOf(parts, call);
  if (!own || !isFresh(own, call.now)) return toLogOn(parts.realm, parts.address.base, { again: own !== undefined });
  refuseStale(call, own);
  return show(own);
}

async function posted(parts: AccountParts, call: Call): Promise<{ own: Own; sent: URLSearchParams }> {
  const sent = formOf(call);
  const own = await ownPosted(parts, call, sent.get('token') ?? undefined);
  refuseStale(call, own);
  return { own, sent };
}

async function appPage(
  parts: AccountParts,
  call: Call,
  own: Own,
  again: { readonly seed: string; readonly fault: string } | undefined,
): Promise<Answer> {
  refusePasswords(parts, call, own);
  const seed = again?.seed ?? newSeed();
  return page({
    title: 'Add an authenticator app',
    status: again ? 400 : 200,
    content: appForm({
      action: `${accountPathOf(parts.realm)}/app`,
      token: own.token,
      userId: usernameOf(own.account),
      seed,
      sealed: sealPending(parts, own.entitlement, seed, call.now),
      withPassword: (await passwordOf(parts.db, own.account.userId)) === undefined,
      fault: again?.fault,
    }),
  });
}

function refusePasswords(parts: AccountParts, call: Call, own: Own): void {
  if (parts.mayUsePassword(own.account)) return;
  throw refuseInWords(call, {
    status: 403,
    code: 'PASSWORD_NOT_ALLOWED',
    title: 'Not for this account',
    message: 'Your organisation does not allow passwords. Use a passkey or a smartcard.',
  });
}

async function postApp(parts: AccountParts, call: Call): Promise<Answer> {
  const { own, sent } = await posted(parts, call);
  refusePasswords(parts, call, own);
  const seed = openPending(parts, own.entitlement, sent.get('pending') ?? '', call.now);
  if (seed === undefined)
    return appPage(parts, call, own, { seed: newSeed(), fault: 'This took too long. Scan the code once more.' });
  const hasPassword = (await passwordOf(parts.db, own.account.userId)) !== undefined;
  const password = hasPassword ? undefined : (sent.get('password') ?? '');
  const app = { seed, code: sent.get('code') ?? '', password, name: sent.get('name') ?? '' };
  const fault = await inWords(call, () => addApp(parts, call, { name: namesOf(parts).app }, own.entitlement, app));
  return fault === undefined ? home(parts) : appPage(parts, call, own, { seed, fault });
}

async function postPassword(parts: AccountParts, call: Call): Promise<Answer> {
  const { own, sent } = await posted(parts, call);
  refusePasswords(parts, call, own);
  const { userId } = own.account;
  const password = sent.get('password') ?? '';
  const fault = passwordFault(own.account, password);
  if (fault !== undefined)
    return page({ title: 'Change your password', status: 400, content: passwordContent(parts.realm, own, fault) });
  const hash = await inWords(call, () => hashPassword(password));
  await auditedChange(parts, noteOf(call, { name: namesOf(parts).password }, '', 'allowed', 303), async (tx) => {
    await setPassword(tx, userId, hash, call.now);
    await tell(tx, userId, 'cis.password-set', {}, call.now);
    await parts.endSessionsIn(tx, userId, own.session.sid);
  });
  return home(parts);
}

async function postRemove(parts: AccountParts, call: Call): Promise<Answer> {
  const { own, sent } = await posted(parts, call);
  const { userId } = own.account;
  const all = (await readAuthenticators(parts.db, userId)).map(summaryOf);
  const one = all.find((authenticator) => authenticator.authenticatorId === sent.get('authenticator'));
  if (!one)
    throw refuseInWords(call, {
      status: 404,
      code: 'NO_SUCH_AUTHENTICATOR',
      title: 'There is no such passkey or app',
      message: 'It was removed already. Open your account page again.',
    });
  const others = all.filter((other) => other !== one && !other.isSuspected);
  if (others.length === 0 && !one.isSuspected && sent.get('confirmed') !== 'yes')
    return page({ title: `Remove ${one.name}?`, content: lastOneContent(parts.realm, own, one) });
  await auditedChange(parts, noteOf(call, { name: namesOf(parts).remove }, '', 'allowed', 303), async (tx) => {
    await removeAuthenticatorOf(tx, userId, one.authenticatorId, userId, call.now);
    // what was lost may have been logged on with elsewhere
    await parts.endSessionsIn(tx, userId, own.session.sid);
  });
  return home(parts);
}
