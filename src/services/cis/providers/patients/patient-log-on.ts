import type { SpineEvent } from '../../../../platform/events/outbox.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { enrolPathOf, isOf, patientRealm } from '../../log-on/realm.ts';
import type { LogOnAttempt, LogOnWay } from '../../log-on/way.ts';
import { isScript, refuseInWords, refuseWithPage } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { formFields, logOnUnderWay, type UnderWay } from '../attempts.ts';
import { cancelLogOn } from '../cancel-log-on.ts';
import type { ProviderHost } from '../provider-host.ts';
import type { ProviderStore } from '../provider-store.ts';
import { leaveOtherSession } from '../staff/staff-attempts.ts';
import { sandboxForm } from '../staff/staff-log-on.ts';
import type { PatientAccount, PatientAccounts } from './patient-accounts.ts';
import { askedVectors } from './patient-provider.ts';
import { isEnough, takenOnTrust, vectorOf, waysFor } from './vectors.ts';

const path = '/nhs-login/log-on/:uid';

export type PatientLogOnParts = {
  readonly host: ProviderHost;
  readonly store: ProviderStore;
  readonly accounts: PatientAccounts;
  /** Whose word is taken by name alone; in a sandbox only. */
  readonly onTrust: PatientAccounts | undefined;
  readonly ways: readonly LogOnWay[];
  readonly scripts: readonly string[];
  readonly endSession: (uid: string) => Promise<boolean>;
};

/** The log-on page of patients, and what its ways of logging on ask of us. */
export function patientLogOnOperations(parts: PatientLogOnParts): Operation[] {
  const operations: Operation[] = [
    {
      name: 'cis.patient-log-on-page',
      method: 'GET',
      path,
      summary: 'The log-on page of patients',
      access: 'open',
      audit: 'none',
      answers: {
        200: { summary: 'The page' },
        400: { summary: 'The log-on has ended' },
      },
      handle: async (call) => showPage(parts, await patientAttempt(parts, call)),
    },
    cancelLogOn({ host: parts.host, name: 'cis.cancel-patient-log-on', path: `${path}/cancel` }),
    {
      name: 'cis.trustmark',
      method: 'GET',
      path: '/nhs-login/trustmark',
      summary: 'What this provider vouches for',
      access: 'open',
      audit: 'none',
      answers: { 200: { summary: 'The page' } },
      handle: async () =>
        page({
          title: 'What this provider vouches for',
          content: html`<dl><dt>P0</dt><dd>nothing is verified</dd><dt>P5</dt><dd>details match a record</dd>
<dt>P9</dt><dd>the identity is proofed, and PDS holds the record</dd><dt>Cp</dt><dd>password</dd>
<dt>Cd</dt><dd>known device</dd><dt>Ck</dt><dd>one-time code</dd><dt>Cm</dt><dd>cryptographic key</dd></dl>`,
        }),
    },
  ];
  if (parts.onTrust) operations.push(sandboxLogOn(parts, parts.onTrust));
  for (const way of parts.ways) {
    for (const route of way.routes) {
      operations.push({
        name: route.name.replace('cis.', patientRealm.operations),
        method: route.method,
        path: `${path}${route.path}`,
        summary: `${route.summary} (patients)`,
        access: 'open',
        audit: 'write',
        answers: { 200: { summary: 'Done' }, 400: { summary: 'The log-on has ended' }, 403: { summary: 'Refused' } },
        handle: async (call) => route.handle(call, await patientAttempt(parts, call)),
      });
    }
  }
  return operations;
}

type PatientAttempt = LogOnAttempt & { readonly underWay: UnderWay };

/** The log-on under way at the provider of patients in this browser. Throws a Refusal in words. */
async function patientAttempt(parts: PatientLogOnParts, call: Call): Promise<PatientAttempt> {
  const underWay = await logOnUnderWay(parts.host, call);
  const { interaction, browser, clientName, address } = underWay;
  return {
    id: interaction.uid,
    browser,
    clientName,
    // patients know no levels: what an application takes, it says by credentials
    levels: [1],
    only: waysFor(askedVectors(interaction.params)),
    userId: undefined,
    address,
    underWay,
    async finish(call, { userId, amr, authenticatorId }) {
      const account = await parts.accounts.find(userId.slice(patientRealm.mark.length));
      const vector = account && vectorOf(account.proofing, amr);
      if (!isOf(patientRealm, userId) || !account || vector === undefined)
        throw refuseInWords(call, {
          status: 403,
          code: 'ACCOUNT_NOT_ACTIVE',
          title: 'You cannot log on',
          message: `Your account is suspended or closed. Ask ${patientRealm.helper}.`,
        });
      return finish(parts, call, underWay, { account, vector, authenticatorId });
    },
  };
}

function showPage(parts: PatientLogOnParts, attempt: PatientAttempt, said?: string): Answer {
  const { clientName, address, underWay } = attempt;
  const panels = parts.ways.filter((way) => way.isOffered(attempt)).map((way) => way.panel(attempt));
  const isNothing = panels.length === 0 && !parts.onTrust;
  const mayEnrol = underWay.interaction.params.allow_registration !== 'false';
  return page({
    title: 'Log on as a patient',
    status: said === undefined ? 200 : 401,
    scripts: parts.scripts,
    content: html`<p class="lead">to go on to <strong>${clientName}</strong></p>
${said !== undefined && html`<p class="problem" role="alert" id="problem">${said}</p>`}
${parts.onTrust && sandboxForm(`${address}/sandbox`, said !== undefined, 'NHS number or user name, for example 9912003071')}
${panels}
${isNothing && html`<p class="problem" role="alert">No way of logging on is set up here that ${clientName} accepts.</p>`}
<form method="post" action="${address}/cancel"><button type="submit" class="secondary">Cancel</button></form>
${mayEnrol && html`<p>Did your GP practice give you a code? <a href="${enrolPathOf(patientRealm)}">Set up your log-on</a> first.</p>`}`,
  });
}

function sandboxLogOn(parts: PatientLogOnParts, onTrust: PatientAccounts): Operation {
  return {
    name: 'cis.log-on-sandbox-patient',
    method: 'POST',
    path: `${path}/sandbox`,
    summary: 'Log a patient on by name alone; in a sandbox only',
    access: 'open',
    audit: 'write',
    answers: {
      303: { summary: 'Onwards' },
      400: { summary: 'The log-on has ended' },
      401: { summary: 'The page once more: no such user' },
    },
    async handle(call) {
      const attempt = await patientAttempt(parts, call);
      const { underWay } = attempt;
      const username = formFields(call).get('username')?.trim() ?? '';
      const account = username === '' ? undefined : await onTrust.findByUsername(username);
      if (!account)
        throw refuseWithPage('UNKNOWN_USER', showPage(parts, attempt, `There is no sandbox user "${username}".`));
      const vector = takenOnTrust(askedVectors(underWay.interaction.params), account.proofing);
      return { status: 303, headers: { location: await finish(parts, call, underWay, { account, vector }) } };
    },
  };
}

/** Ends the attempt: logged on, or refused back to the application when the level of proof is below what it asks. */
async function finish(
  parts: PatientLogOnParts,
  call: Call,
  { interaction }: UnderWay,
  {
    account,
    vector,
    authenticatorId,
  }: { readonly account: PatientAccount; readonly vector: string; readonly authenticatorId?: string | undefined },
): Promise<string> {
  const nhsNumber = isNhsNumber(account.nhsNumber) ? account.nhsNumber : undefined;
  call.subject = nhsNumber ?? '';
  call.principal = {
    mode: 'patient-access',
    appId: '',
    scopes: [],
    attributes: {},
    ...(nhsNumber ? { nhsNumber } : { userId: account.sub }),
  };
  const asked = askedVectors(interaction.params);
  const isGranted = isEnough(asked, vector);
  if (isGranted) await leaveOtherSession(parts, interaction, account.sub);
  // dated now, not when the browser goes on
  const ts = Math.floor(parts.store.clock.wall() / 1000);
  interaction.result = isGranted
    ? { login: { accountId: account.sub, acr: vector, amr: vector.split('.').slice(1), ts } }
    : { error: 'access_denied', error_description: 'the level of proof asked for was not reached' };
  const event: SpineEvent = {
    subject: nhsNumber ?? account.sub,
    kind: isGranted ? 'cis.patient-logged-on' : 'cis.patient-log-on-refused',
    happenedAt: call.now,
    body: { vector, clientId: interaction.params.client_id, authenticatorId },
  };
  await parts.store.savedWith(interaction.uid, [event], () => interaction.persist());
  if (!isGranted) throw tooLow(call, interaction.returnTo);
  return interaction.returnTo;
}

/** Back to the application with its refusal: by redirect, or told to the script that asked. */
function tooLow(call: Call, next: string): Refusal {
  if (!isScript(call)) return refuseWithPage('LEVEL_TOO_LOW', { status: 303, headers: { location: next } });
  const message = 'The application asks for a better proof of who you are. You are taken back to it.';
  return new Refusal(403, 'LEVEL_TOO_LOW', { error: 'LEVEL_TOO_LOW', message, next });
}
