import type { SpineEvent } from '../../../../platform/events/outbox.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { refuseWithPage } from '../../pages/dialect.ts';
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
import { isEnough, takenOnTrust } from './vectors.ts';

const path = '/nhs-login/log-on/:uid';

export type PatientLogOnParts = {
  readonly host: ProviderHost;
  readonly store: ProviderStore;
  readonly accounts: PatientAccounts;
  readonly isSandbox: boolean;
  readonly endSession: (uid: string) => Promise<boolean>;
};

/** The log-on page of patients; outside a sandbox no way to log on is there yet, and the page says so. */
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
        501: { summary: 'No way to log on is there yet' },
      },
      handle: async (call) => showPage(parts, await logOnUnderWay(parts.host, call)),
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
  if (parts.isSandbox) operations.push(sandboxLogOn(parts));
  return operations;
}

function showPage(parts: PatientLogOnParts, { clientName, address }: UnderWay, said?: string): Answer {
  const cancel = html`<form method="post" action="${address}/cancel"><button type="submit" class="secondary">Cancel</button></form>`;
  if (!parts.isSandbox)
    return page({
      title: 'Patients cannot log on here yet',
      status: 501,
      content: html`<p>This Spine has no way for patients to log on outside a sandbox.</p>${cancel}`,
    });
  return page({
    title: 'Log on as a patient',
    status: said === undefined ? 200 : 401,
    content: html`<p class="lead">to go on to <strong>${clientName}</strong></p>
${said !== undefined && html`<p class="problem" role="alert" id="problem">${said}</p>`}
${sandboxForm(`${address}/sandbox`, said !== undefined, 'NHS number or user name, for example 9912003071')}
${cancel}`,
  });
}

function sandboxLogOn(parts: PatientLogOnParts): Operation {
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
      const underWay = await logOnUnderWay(parts.host, call);
      const username = formFields(call).get('username')?.trim() ?? '';
      const account = username === '' ? undefined : await parts.accounts.findByUsername(username);
      if (!account)
        throw refuseWithPage('UNKNOWN_USER', showPage(parts, underWay, `There is no sandbox user "${username}".`));
      return { status: 303, headers: { location: await finish(parts, call, underWay, account) } };
    },
  };
}

/** Ends the attempt: logged on, or refused back to the application when the level of proof is below what it asks. */
async function finish(
  parts: PatientLogOnParts,
  call: Call,
  { interaction }: UnderWay,
  account: PatientAccount,
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
  const vector = takenOnTrust(asked, account.proofing);
  const isGranted = isEnough(asked, vector);
  if (isGranted) await leaveOtherSession(parts, interaction, account.sub);
  interaction.result = isGranted
    ? { login: { accountId: account.sub, acr: vector, amr: vector.split('.').slice(1) } }
    : { error: 'access_denied', error_description: 'the level of proof asked for was not reached' };
  const event: SpineEvent = {
    subject: nhsNumber ?? account.sub,
    kind: isGranted ? 'cis.patient-logged-on' : 'cis.patient-log-on-refused',
    happenedAt: call.now,
    body: { vector, clientId: interaction.params.client_id },
  };
  await parts.store.savedWith(interaction.uid, [event], () => interaction.persist());
  if (!isGranted) throw refuseWithPage('LEVEL_TOO_LOW', { status: 303, headers: { location: interaction.returnTo } });
  return interaction.returnTo;
}
