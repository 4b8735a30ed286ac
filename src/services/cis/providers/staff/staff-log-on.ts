import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import type { LogOnWay } from '../../log-on/way.ts';
import { refuseWithPage } from '../../pages/dialect.ts';
import { Html, html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { formFields } from '../attempts.ts';
import { cancelLogOn } from '../cancel-log-on.ts';
import { roleForm } from './pick-role.ts';
import { type StaffAttempt, type StaffAttemptParts, staffAttempt } from './staff-attempts.ts';

const path = '/cis2/log-on/:uid';
const amrOnTrust = { 1: 'USERPASS', 2: 'TOTP', 3: 'N3_SMARTCARD' } as const;

export type StaffLogOnParts = StaffAttemptParts & {
  readonly ways: readonly LogOnWay[];
  readonly scripts: readonly string[];
};

/** The log-on page of staff, and what its ways of logging on ask of us. */
export function staffLogOnOperations(parts: StaffLogOnParts): Operation[] {
  const operations: Operation[] = [
    {
      name: 'cis.log-on-page',
      method: 'GET',
      path,
      summary: 'The log-on page of staff',
      access: 'open',
      audit: 'none',
      answers: { 200: { summary: 'The page' }, 400: { summary: 'The log-on has ended' } },
      handle: async (call) => showPage(parts, await staffAttempt(parts, call), { query: call.rawQuery }),
    },
    cancelLogOn({ host: parts.host, name: 'cis.cancel-log-on', path: `${path}/cancel` }),
  ];
  if (parts.isSandbox) operations.push(sandboxLogOn(parts));
  for (const way of parts.ways) {
    for (const route of way.routes) {
      operations.push({
        name: route.name,
        method: route.method,
        path: `${path}${route.path}`,
        summary: route.summary,
        access: 'open',
        audit: 'write',
        answers: { 200: { summary: 'Done' }, 400: { summary: 'The log-on has ended' }, 403: { summary: 'Refused' } },
        handle: async (call) => route.handle(call, await staffAttempt(parts, call)),
      });
    }
  }
  return operations;
}

async function showPage(
  parts: StaffLogOnParts,
  attempt: StaffAttempt,
  { said, query = '' }: { said?: string; query?: string } = {},
): Promise<Answer> {
  const { interaction } = attempt.underWay;
  if (interaction.prompt.name === 'role') return roleForm(parts, attempt, query);
  const panels = parts.ways.filter((way) => way.isOffered(attempt)).map((way) => way.panel(attempt));
  const isNothing = panels.length === 0 && !parts.isSandbox;
  return page({
    title: 'Log on',
    status: said ? 401 : 200,
    scripts: parts.scripts,
    content: html`<p class="lead">to go on to <strong>${attempt.clientName}</strong></p>
${said && html`<p class="problem" role="alert" id="problem">${said}</p>`}
${parts.isSandbox && sandboxForm(`${attempt.address}/sandbox`, said !== undefined, 'User name, for example 656005750104')}
${panels}
${isNothing && html`<p class="problem" role="alert">No way of logging on is set up here that ${attempt.clientName} accepts.</p>`}
<form method="post" action="${attempt.address}/cancel"><button type="submit" class="secondary">Cancel</button></form>`,
  });
}

/** The form by which published test suites log on: its id, and a single field `username`. */
export function sandboxForm(action: string, hasProblem: boolean, label: string): Html {
  const described = hasProblem ? new Html(' aria-invalid="true" aria-describedby="problem"') : new Html('');
  return html`<section class="way"><h2>Sandbox user</h2>
<form id="kc-form-login" method="post" action="${action}"><label for="username">${label}</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required${described}>
<button type="submit">Log on</button></form></section>`;
}

function sandboxLogOn(parts: StaffLogOnParts): Operation {
  return {
    name: 'cis.log-on-sandbox-user',
    method: 'POST',
    path: `${path}/sandbox`,
    summary: 'Log on by name alone; in a sandbox only',
    access: 'open',
    audit: 'write',
    answers: {
      303: { summary: 'Onwards' },
      400: { summary: 'The log-on has ended' },
      401: { summary: 'The page once more: no such user' },
    },
    async handle(call: Call) {
      const attempt = await staffAttempt(parts, call);
      const username = formFields(call).get('username')?.trim() ?? '';
      const account = username === '' ? undefined : await parts.directory.findByUsername(username);
      if (account?.sandboxLevel === undefined)
        throw refuseWithPage(
          'UNKNOWN_USER',
          await showPage(parts, attempt, { said: `There is no sandbox user "${username}".` }),
        );
      const level = account.sandboxLevel;
      const location = await attempt.finishOnTrust(call, { userId: account.userId, level, amr: [amrOnTrust[level]] });
      return { status: 303, headers: { location } };
    },
  };
}
