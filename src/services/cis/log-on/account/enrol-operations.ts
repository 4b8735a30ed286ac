import { createHash, randomBytes } from 'node:crypto';
import { type Answer, type Call, cookieOf, type Operation } from '../../../../platform/http/operation.ts';
import type { Refusal } from '../../../../platform/http/refusal.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { nameCaller } from '../caller.ts';
import { newSeed } from '../password/authenticator-app.ts';
import { holderOfCode } from '../queries-authenticators.ts';
import { enrolPathOf, type Holder, isOf, usernameOf } from '../realm.ts';
import type { Throttle } from '../throttle/throttle.ts';
import { networkOf } from '../throttle/throttle-rules.ts';
import { addApp, openPending, sealPending } from './add-app.ts';
import { addPasskey, passkeyCreation } from './add-passkey.ts';
import type { EnrolmentParts, Entitlement } from './enrolment.ts';
import { hashOfCode } from './enrolment-code.ts';
import { appForm, passkeyPanel } from './enrolment-panels.ts';
import { inWords } from './in-words.ts';
import { refuseForeignOrigin } from './own-origin.ts';

export type EnrolParts = EnrolmentParts & {
  readonly throttle: Throttle;
  readonly mayUsePassword: (account: Holder) => boolean;
};

const cookieName = 'openspine-enrol';

/** Wrong codes from one network; the codes are too long to be guessed in any case. Ours. */
const guesses = { most: 20, forgetMillis: 60_000 };

/** Pages on which somebody with a code enrols a first authenticator. */
export function enrolOperations(parts: EnrolParts): Operation[] {
  const enrolPath = enrolPathOf(parts.realm);
  const named = (verb: string) => `${parts.realm.operations}${verb}`;
  const open = { access: 'open', audit: 'write' } as const;
  const answers = {
    200: { summary: 'Page, or JSON for the page’s script' },
    403: { summary: 'The code is unknown, used, replaced or older than a day' },
    429: { summary: 'Too many wrong codes from this network' },
  };
  const names = { passkey: named('enrol-passkey'), app: named('enrol-app') };
  return [
    {
      ...open,
      audit: 'none',
      name: named('enter-enrolment-code'),
      method: 'GET',
      path: enrolPath,
      summary: 'Page to type an enrolment code into',
      answers,
      handle: async (call) => codePage(parts, call),
    },
    {
      ...open,
      audit: 'none',
      name: named('enrolled'),
      method: 'GET',
      path: `${enrolPath}/done`,
      summary: 'Page after an enrolment',
      answers,
      handle: async () =>
        page({
          title: 'You can log on now',
          content: html`<p>Close this page and log on with what you have just added.</p>`,
        }),
    },
    {
      ...open,
      audit: 'read',
      name: named('enrol'),
      method: 'GET',
      path: `${enrolPath}/:code`,
      summary: 'Page to enrol a first authenticator on',
      answers,
      handle: (call) => enrolPage(parts, call),
    },
    {
      ...open,
      name: named('enrol-passkey-options'),
      method: 'POST',
      path: `${enrolPath}/:code/passkey/options`,
      summary: 'A challenge for a new passkey',
      answers,
      handle: async (call) => passkeyCreation(parts, call, await posted(parts, call)),
    },
    {
      ...open,
      name: names.passkey,
      method: 'POST',
      path: `${enrolPath}/:code/passkey`,
      summary: 'Enrol a passkey with a code',
      answers,
      handle: async (call) => {
        const added = await addPasskey(parts, call, { name: names.passkey }, await posted(parts, call));
        return { status: 200, body: { next: `${enrolPath}/done`, level: added.level }, isAudited: true };
      },
    },
    {
      ...open,
      audit: 'read',
      name: named('enrol-app-page'),
      method: 'GET',
      path: `${enrolPath}/:code/app`,
      summary: 'Page to set up a password and an authenticator app on',
      answers,
      handle: async (call) => appPage(parts, call, await entitlementOf(parts, call), undefined),
    },
    {
      ...open,
      name: names.app,
      method: 'POST',
      path: `${enrolPath}/:code/app`,
      summary: 'Enrol a password and an authenticator app with a code',
      answers,
      handle: (call) => enrolApp(parts, call, names.app),
    },
  ];
}

function codePage({ realm }: EnrolParts, call: Call): Answer {
  const enrolPath = enrolPathOf(realm);
  const typed = new URLSearchParams(call.rawQuery).get('code');
  const hash = typed === null ? undefined : hashOfCode(typed);
  if (typed !== null && hash)
    return { status: 303, headers: { location: `${enrolPath}/${encodeURIComponent(typed.trim())}` } };
  return page({
    title: 'Enrol a passkey',
    content: html`${typed !== null && html`<p role="alert" class="problem">A code has 24 letters and digits.</p>`}
<form method="get" action="${enrolPath}"><p><label for="code">The code ${realm.helper} gave you</label>
<input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="60" required></p>
<p><button type="submit">Continue</button></p></form>`,
  });
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Whom the code in the address entitles. Throws refusals. */
async function entitlementOf(parts: EnrolParts, call: Call): Promise<Entitlement & { readonly cookie: string }> {
  const codeHash = hashOfCode(call.params.code ?? '');
  const userId = codeHash && (await holderOfCode(parts.db, codeHash, call.now));
  const account = userId === undefined || !isOf(parts.realm, userId) ? undefined : await parts.directory.find(userId);
  if (!codeHash || account?.status !== 'active') throw await refuseCode(parts, call);
  nameCaller(call, account, parts.realm);
  const cookie = cookieOf(call, cookieName) ?? randomBytes(18).toString('base64url');
  const use = { boundTo: `enrol ${codeHash.toString('base64url')}`, browser: sha256(cookie) };
  return { account, by: { codeHash }, use, cookie };
}

/** Wrong codes only are counted: nobody can keep others of the network from using theirs. */
async function refuseCode(parts: EnrolParts, call: Call): Promise<Refusal> {
  const admission = await parts.throttle.admitGuess('enrolment code', networkOf(call.remote), guesses, call.now);
  return admission.isAdmitted
    ? refuseInWords(call, {
        status: 403,
        code: 'ENROLMENT_CODE',
        title: 'This code is not valid',
        message: `It was used, replaced, or is older than a day. Ask ${parts.realm.helper} for a new one.`,
      })
    : refuseInWords(call, {
        status: 429,
        code: 'TOO_MANY_TRIES',
        title: 'Too many wrong codes',
        message: 'There were too many wrong codes from your network. Wait a few minutes.',
      });
}

/** The same for what our page sent, in the browser in which it was opened. */
function posted(parts: EnrolParts, call: Call): Promise<Entitlement> {
  refuseForeignOrigin(call, parts.address);
  return entitlementOf(parts, call);
}

function cookieHeader(parts: EnrolParts, cookie: string): string {
  const flags = parts.address.base.startsWith('https:') ? '; Secure' : '';
  return `${cookieName}=${cookie}; Path=${enrolPathOf(parts.realm)}; HttpOnly; SameSite=Strict${flags}`;
}

async function enrolPage(parts: EnrolParts, call: Call): Promise<Answer> {
  const { account, cookie } = await entitlementOf(parts, call);
  const address = `${enrolPathOf(parts.realm)}/${encodeURIComponent(call.params.code ?? '')}`;
  return page({
    title: 'Enrol a passkey',
    scripts: ['passkey.js'],
    headers: { 'set-cookie': [cookieHeader(parts, cookie)] },
    content: html`<p>For <strong>${account.displayName}</strong>, ${parts.realm.hasLevels ? 'user' : 'NHS number'} ${usernameOf(account)}. If this is not you, close this page and tell
${parts.realm.helper}.</p>
${passkeyPanel(parts.realm, address, '')}
${
  parts.mayUsePassword(account) &&
  html`<section class="way"><h2>Or a password and an authenticator app</h2>
<p><a href="${address}/app">Set up a password and an authenticator app</a></p></section>`
}`,
  });
}

async function appPage(
  parts: EnrolParts,
  call: Call,
  entitlement: Entitlement & { readonly cookie?: string },
  again: { readonly seed: string; readonly fault: string } | undefined,
): Promise<Answer> {
  const { account, cookie } = entitlement;
  if (!parts.mayUsePassword(account)) throw notHere(call);
  const seed = again?.seed ?? newSeed();
  return page({
    title: 'Set up an authenticator app',
    status: again ? 400 : 200,
    headers: cookie === undefined ? {} : { 'set-cookie': [cookieHeader(parts, cookie)] },
    content: appForm({
      action: `${enrolPathOf(parts.realm)}/${encodeURIComponent(call.params.code ?? '')}/app`,
      token: '',
      userId: usernameOf(account),
      seed,
      sealed: sealPending(parts, entitlement, seed, call.now),
      withPassword: true,
      fault: again?.fault,
    }),
  });
}

const notHere = (call: Call) =>
  refuseInWords(call, {
    status: 403,
    code: 'PASSWORD_NOT_ALLOWED',
    title: 'Not for this account',
    message: 'Your organisation does not allow passwords. Use a passkey or a smartcard.',
  });

async function enrolApp(parts: EnrolParts, call: Call, name: string): Promise<Answer> {
  const entitlement = await posted(parts, call);
  if (!parts.mayUsePassword(entitlement.account)) throw notHere(call);
  const sent = new URLSearchParams(call.body.toString('utf8'));
  const seed = openPending(parts, entitlement, sent.get('pending') ?? '', call.now);
  if (seed === undefined)
    return appPage(parts, call, entitlement, {
      seed: newSeed(),
      fault: 'This took too long. Scan the code once more.',
    });
  const app = {
    seed,
    code: sent.get('code') ?? '',
    password: sent.get('password') ?? '',
    name: sent.get('name') ?? '',
  };
  const fault = await inWords(call, () => addApp(parts, call, { name }, entitlement, app));
  if (fault !== undefined) return appPage(parts, call, entitlement, { seed, fault });
  return { status: 303, headers: { location: `${enrolPathOf(parts.realm)}/done` }, isAudited: true };
}
