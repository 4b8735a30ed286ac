import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { refuseInWords } from '../../pages/dialect.ts';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';
import { formFields } from '../attempts.ts';
import { searchedFrom } from './role-selection.ts';
import { principalOf, type StaffAttempt, type StaffAttemptParts, staffAttempt } from './staff-attempts.ts';

/** A role as the picker shows it. */
export type ListedRole = { readonly id: string; readonly name: string; readonly organisation: string };

/** Roles as people know them, from the published user information. */
export function listedRoles(userInfo: Readonly<Record<string, unknown>>): ListedRole[] {
  const names = new Map<string, string>();
  for (const claim of ['nhsid_user_orgs', 'nhsid_org_roles', 'nhsid_org_memberships']) {
    const listed = userInfo[claim];
    if (Array.isArray(listed))
      for (const one of listed as Record<string, unknown>[]) names.set(String(one.org_code), String(one.org_name));
  }
  const roles = userInfo.nhsid_nrbac_roles;
  if (!Array.isArray(roles)) return [];
  return (roles as Record<string, unknown>[]).map((role) => {
    const code = String(role.org_code ?? '');
    // "category":"subcategory":"name", of which people know the name
    const name = /"([^"]*)"$/.exec(String(role.role_name ?? ''))?.[1] ?? String(role.role_code ?? '');
    return {
      id: String(role.person_roleid),
      name,
      organisation: names.has(code) ? `${names.get(code)} (${code})` : code,
    };
  });
}

/** The roles whose name or organisation contains every word that was typed. */
export function searchedRoles(roles: readonly ListedRole[], typed: string): readonly ListedRole[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return roles.filter((role) => {
    const text = `${role.name} ${role.organisation}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The page on which a role is picked: a list, from six roles on with a search that needs no script. */
export async function roleForm(parts: StaffAttemptParts, attempt: StaffAttempt, query = ''): Promise<Answer> {
  const userId = attempt.underWay.interaction.session?.accountId;
  const account = userId === undefined ? undefined : await parts.directory.find(userId);
  const all = listedRoles(account?.userInfo ?? {});
  const typed = new URLSearchParams(query).get('search') ?? '';
  const shown = searchedRoles(all, typed);
  const hasSearch = all.length >= searchedFrom;
  return page({
    title: 'Choose a role',
    content: html`<p class="lead">${account?.displayName}, in which role do you go on to <strong>${attempt.clientName}</strong>?</p>
${
  hasSearch &&
  html`<form method="get" action="${attempt.address}" role="search"><label for="search">Search your ${all.length} roles</label>
<input id="search" name="search" value="${typed}" autocomplete="off"><button type="submit" class="secondary">Search</button></form>`
}
${shown.length === 0 && html`<p>None of your roles is called so.</p>`}
<form method="post" action="${attempt.address}/role"><ul class="roles">
${shown.map((role) => html`<li><button type="submit" name="role" value="${role.id}"><span>${role.name}</span> <span class="hint">${role.organisation}</span></button></li>`)}
</ul></form>`,
  });
}

/** `POST …/role`: the role was picked. */
export function pickRoleOperation(parts: StaffAttemptParts): Operation {
  return {
    name: 'cis.pick-role',
    method: 'POST',
    path: '/cis2/log-on/:uid/role',
    summary: 'Pick the role for a log-on',
    access: 'open',
    audit: 'write',
    answers: {
      303: { summary: 'Onwards' },
      400: { summary: 'The log-on has ended' },
      403: { summary: 'Not your role' },
    },
    handle: (call) => pickRole(parts, call),
  };
}

async function pickRole(parts: StaffAttemptParts, call: Call): Promise<Answer> {
  const { interaction } = (await staffAttempt(parts, call)).underWay;
  const userId = interaction.session?.accountId;
  const account = userId === undefined ? undefined : await parts.directory.find(userId);
  if (userId !== undefined) call.principal = principalOf(userId);
  const picked = formFields(call).get('role') ?? '';
  if (interaction.prompt.name !== 'role' || !account?.roles.some((role) => role.roleProfileId === picked))
    throw refuseInWords(call, {
      status: 403,
      code: 'NOT_YOUR_ROLE',
      title: 'That is not one of your roles',
      message: 'It may have been withdrawn a moment ago. Go back to the application and log on again.',
    });
  call.roleProfileId = picked;
  interaction.result = { ...interaction.lastSubmission, role: { id: picked } };
  await interaction.persist();
  return { status: 303, headers: { location: interaction.returnTo } };
}
