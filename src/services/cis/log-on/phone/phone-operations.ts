import { createHash, randomBytes } from 'node:crypto';
import type { AuditLog } from '../../../../platform/audit/audit-log.ts';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import type { Refusal } from '../../../../platform/http/refusal.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import type { CisParts } from '../../parts.ts';
import type { StaffAccount, StaffDirectory } from '../../staff-directory.ts';
import { formToken, refuseForeignForm, refuseForeignOrigin } from '../account/own-origin.ts';
import { auditedChange } from '../audited-change.ts';
import { nameCaller } from '../caller.ts';
import { passkeyAmr } from '../passkeys/log-on-with-passkey.ts';
import type { BrowserSession, SessionOf } from '../way.ts';
import { phoneClientId, phonePath } from './phone-client.ts';
import { approvalContent } from './phone-page.ts';
import type { PhoneState } from './phone-rules.ts';
import { afterVerb, collectMillis, mostOfUser, mostRefusals, nearnessOf, refusalWindowMillis } from './phone-rules.ts';
import { hashOf } from './phone-way.ts';
import { countsOf, decideRequest, type PhoneRow, requestRow, seeRequest } from './queries-phone.ts';

export type PhoneParts = Pick<CisParts, 'db' | 'vault' | 'address'> & {
  readonly audit: AuditLog;
  readonly directory: Pick<StaffDirectory, 'find'>;
  readonly sessionOf: SessionOf;
  /** A proxy may stand before us, so that private addresses tell nothing. */
  readonly isGuarded: boolean;
  readonly policy: 'anywhere' | 'same-network' | 'off';
};

/** What the phone of somebody asks of us, and what the desktop's page looks at meanwhile. */
export function phoneOperations(parts: PhoneParts): Operation[] {
  const answers = { 200: { summary: 'The page' }, 303: { summary: 'To log on first' }, 403: { summary: 'Refused' } };
  return [
    {
      name: 'cis.phone-return',
      method: 'GET',
      path: `${phonePath}/return`,
      summary: 'Back from logging on on the phone',
      access: 'open',
      audit: 'none',
      answers,
      handle: async (call) => backTo(call),
    },
    {
      name: 'cis.see-phone-log-on',
      method: 'GET',
      path: `${phonePath}/:id`,
      summary: 'What waits for this phone: who asks, from where',
      access: 'open',
      audit: 'write',
      answers,
      handle: (call) => see(parts, call),
    },
    {
      name: 'cis.decide-phone-log-on',
      method: 'POST',
      path: `${phonePath}/:id`,
      summary: 'Approve or refuse it',
      access: 'open',
      audit: 'write',
      answers,
      handle: (call) => decide(parts, call),
    },
    {
      name: 'cis.phone-log-on-status',
      method: 'GET',
      path: `${phonePath}/:id/status`,
      summary: 'Whether the phone has decided: open, seen, approved, refused or ended',
      access: 'open',
      audit: 'none',
      answers: { 200: { summary: 'JSON' } },
      handle: async (call) => ({ status: 200, body: { is: await statusOf(parts, call) } }),
    },
  ];
}

const isId = (text: string): boolean => /^[A-Za-z0-9_-]{32}$/.test(text);

/** The state of the request carries the address back; it names a request and nothing else. */
function backTo(call: Call): Answer {
  const id = new URLSearchParams(call.rawQuery).get('state') ?? '';
  if (!isId(id)) throw over(call);
  return { status: 303, headers: { location: `${phonePath}/${id}` } };
}

/** A request that this session may see, and who that is. */
type Before = { readonly row: PhoneRow; readonly session: BrowserSession; readonly account: StaffAccount };

async function see(parts: PhoneParts, call: Call): Promise<Answer> {
  const id = call.params.id ?? '';
  const before = await beforeOf(parts, call, id);
  if (before === 'log-on') return toLogOn(parts.address.base, id);
  const { row, session, account } = before;
  const counts = await countsOf(parts.db, session.userId, call.now, call.now - refusalWindowMillis);
  if (row.state === 'open' && (counts.seen >= mostOfUser || counts.refused >= mostRefusals)) throw tooMany(call);
  const by = { userId: session.userId, sessionId: session.sid };
  const nearness = nearnessOf(row.origin_address, call.remote, parts.isGuarded);
  if (parts.policy !== 'anywhere' && nearness !== 'same') throw refuseInWords(call, tooFar);
  if (!(await seeRequest(parts.db, row.request_hash, by, call.now))) throw over(call);
  const token = formToken(parts.vault, formOf(id, session));
  return page({
    title: 'Is this you?',
    content: approvalContent({ row, account, nearness, token, address: `${phonePath}/${id}` }),
  });
}

async function decide(parts: PhoneParts, call: Call): Promise<Answer> {
  refuseForeignOrigin(call, parts.address);
  const id = call.params.id ?? '';
  const before = await beforeOf(parts, call, id);
  if (before === 'log-on') throw over(call);
  const { row, session } = before;
  const form = new URLSearchParams(call.body.toString('utf8'));
  refuseForeignForm(call, parts.vault, formOf(id, session), form.get('token') ?? undefined);
  const isNear = nearnessOf(row.origin_address, call.remote, parts.isGuarded) === 'same';
  const isApproved = form.get('decision') === 'approve';
  if (isApproved && parts.policy !== 'anywhere' && !isNear) throw refuseInWords(call, tooFar);
  const isRight = form.get('number') === row.number;
  const isEnough = row.levels.split(' ').some((level) => session.level >= Number(level));
  const why = !isApproved ? 'refused' : !isRight ? 'wrong-number' : !isEnough ? 'level' : undefined;
  await record(parts, call, { row, session }, why);
  if (why === undefined)
    return {
      ...page({
        title: 'Confirmed',
        content: html`<p class="done">Go back to your computer: you are being logged on there.</p>`,
      }),
      isAudited: true,
    };
  if (why === 'refused')
    return {
      ...page({
        title: 'Refused',
        content: html`<p class="done">Nobody was logged on. If you did not start this, tell your IT service desk: somebody may be trying to log on as you.</p>`,
      }),
      isAudited: true,
    };
  throw refuseInWords(call, why === 'level' ? tooWeak(row) : wrongNumber);
}

/** Writes the decision, its event and, unless it is answered as a refusal, its audit entry. */
async function record(
  parts: PhoneParts,
  call: Call,
  { row, session }: { readonly row: PhoneRow; readonly session: BrowserSession },
  why: 'refused' | 'wrong-number' | 'level' | undefined,
): Promise<void> {
  const { userId, sid, level } = session;
  const decision = {
    state: why === undefined ? ('approved' as const) : ('refused' as const),
    level,
    amr: passkeyAmr,
    expiresAt: why === undefined ? call.now + collectMillis : 0,
  };
  const kind = why === undefined ? 'cis.phone-log-on-approved' : 'cis.phone-log-on-refused';
  const body = {
    userId,
    clientName: row.client_name,
    from: row.origin_address,
    phone: call.remote,
    ...(why === undefined ? {} : { why }),
  };
  const work = async (tx: Parameters<Parameters<CisParts['db']['transaction']>[0]>[0]) => {
    if (!(await decideRequest(tx, row.request_hash, { userId, sessionId: sid }, decision, call.now))) throw over(call);
    await tx.query(insertEvents([{ subject: userId, kind, happenedAt: call.now, body }]));
  };
  if (why === 'wrong-number' || why === 'level') return await parts.db.transaction(work);
  const outcome = why === undefined ? 'allowed' : 'PHONE_REFUSED';
  const note = noteOf(call, { name: 'cis.decide-phone-log-on' }, '', outcome, 200);
  await auditedChange(parts, note, work);
}

/** The request, if it waits for the passkey session of this browser; `log-on` where that has yet to be made. */
async function beforeOf(parts: PhoneParts, call: Call, id: string): Promise<Before | 'log-on'> {
  const row = isId(id) ? await requestRow(parts.db, hashOf(id)) : undefined;
  if (!row || afterVerb(row.state as PhoneState, 'see', row.expires_at.getTime(), call.now) === undefined)
    throw over(call);
  const session = await parts.sessionOf(call);
  // a log-on is dated to the second, and must have been made for this request
  if (!session || session.loggedOnAt + 1000 <= row.opened_at.getTime()) return 'log-on';
  const account = await parts.directory.find(session.userId);
  if (account?.status !== 'active') throw over(call);
  nameCaller(call, session);
  if (!session.amr.includes(passkeyAmr)) throw refuseInWords(call, needsPasskey);
  if (row.state === 'seen' && (row.user_id !== session.userId || row.session_id !== session.sid)) throw over(call);
  return { row, session, account };
}

async function statusOf(parts: PhoneParts, call: Call): Promise<'open' | 'seen' | 'approved' | 'refused' | 'ended'> {
  const id = call.params.id ?? '';
  const row = isId(id) ? await requestRow(parts.db, hashOf(id)) : undefined;
  const state = row?.state as PhoneState | undefined;
  if (!row || state === undefined || state === 'used') return 'ended';
  if (state === 'refused') return 'refused';
  return call.now < row.expires_at.getTime() ? state : 'ended';
}

const formOf = (id: string, session: BrowserSession): string => `phone ${id} ${session.sid}`;

/** A log-on with a passkey for this request alone, whoever is logged on already. What comes back is the session, not the code. */
function toLogOn(base: string, id: string): Answer {
  const random = () => randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: phoneClientId,
    redirect_uri: `${base}${phonePath}/return`,
    response_type: 'code',
    scope: 'openid',
    acr_values: 'AAL2_OR_AAL3_ANY',
    state: id,
    nonce: random(),
    code_challenge: createHash('sha256').update(random()).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'login',
  });
  return { status: 303, headers: { location: `${base}/cis2/authorize?${query}` } };
}

const over = (call: Call): Refusal =>
  refuseInWords(call, {
    status: 403,
    code: 'PHONE_OVER',
    title: 'Nothing waits for you here',
    message: 'This code has ended, was used, or was opened on another phone. Show a new one on your computer.',
  });

const tooMany = (call: Call): Refusal =>
  refuseInWords(call, {
    status: 429,
    code: 'PHONE_TOO_MANY',
    title: 'Too many log-ons wait for you',
    message:
      'You refused several, or have several open. Wait ten minutes. If you did not start them, tell your IT service desk.',
  });

const needsPasskey = {
  status: 403,
  code: 'PHONE_PASSKEY',
  title: 'This needs your passkey',
  message: 'You logged on on this phone in another way. Show a new code on your computer and use your passkey here.',
};

const wrongNumber = {
  status: 403,
  code: 'PHONE_NUMBER',
  title: 'That is another number',
  message:
    'Nobody was logged on. If your computer shows no number at all, somebody may be trying to log on as you: tell your IT service desk.',
};

const tooFar = {
  status: 403,
  code: 'PHONE_NETWORK',
  title: 'This phone is on another network',
  message:
    'Here a log-on is approved only on the network of the computer it is for. Connect the phone to it, and show a new code. If you did not start this, tell your IT service desk.',
};

const tooWeak = (row: PhoneRow) => ({
  status: 403,
  code: 'PHONE_LEVEL',
  title: 'This passkey is not enough',
  message: `${row.client_name} asks for a passkey that cannot leave its device. The one you used is kept in an account that copies it.`,
});
