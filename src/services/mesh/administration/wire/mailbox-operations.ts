import { z } from 'zod';
import type { Call, Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { Mailbox } from '../../mailboxes/mailbox.ts';
import { isAdministratorOf, isNational } from '../administrator.ts';
import type { ChangeNote } from '../audited-change.ts';
import { changePassword } from '../change-password.ts';
import type { RegisterParts } from '../change-register.ts';
import { createMailbox } from '../create-mailbox.ts';
import { mostEarlier } from '../password-overlap.ts';
import { registerWorkflow } from '../register-workflow.ts';
import { setActive } from '../set-active.ts';
import { setQuota } from '../set-quota.ts';
import { administered, administrators, admitAdministrator, base, viewers } from './dialect.ts';
import { bodyAs, queryAs } from './read.ts';
import { refuse } from './refusals.ts';
import {
  because,
  count,
  mailboxId,
  newMailbox,
  passwordChange,
  quotaShape,
  registrationShape,
  workflowId,
} from './shapes.ts';

export const mailboxesPath: '/mesh/administration/mailboxes' = `${base}/mailboxes`;
export const administeredPath: '/mesh/administration/mailboxes/:mailbox' = `${mailboxesPath}/:mailbox`;

export const refusals = {
  400: { summary: 'Which field' },
  401: { summary: 'No valid token' },
  403: { summary: 'Refused by the rule named' },
  404: { summary: 'No such mailbox in the organisation of the role' },
};

/** What the audit log says of a change, and when it is made. */
export function noteFor(call: Call, name: string, mailboxId: string, status = 200): ChangeNote {
  call.purpose = `mailbox ${mailboxId}`;
  return { notes: [noteOf(call, { name }, '', 'allowed', status)], now: call.now };
}

/** A mailbox as administrators see it: never its password. */
export function shown(mailbox: Mailbox): object {
  const { mailboxId, name, odsCode, orgCode, orgName, billingEntity, isActive, earlier, quota } = mailbox;
  return {
    mailboxId,
    name,
    odsCode,
    orgCode,
    orgName,
    billingEntity,
    isActive,
    ...(earlier ? { previousPasswordUntil: new Date(Math.max(...earlier.map((one) => one.until))).toISOString() } : {}),
    ...(quota ? { quota } : {}),
    certificates: mailbox.fingerprints?.size ?? 0,
  };
}

/** Operations on mailboxes: make, show, change. */
export function mailboxOperations(parts: RegisterParts): Operation[] {
  return [
    createOperation(parts),
    listOperation(parts),
    passwordOperation(parts),
    activeOperation(parts, 'deactivate'),
    activeOperation(parts, 'activate'),
    quotaOperation(parts),
    workflowOperation(parts),
  ];
}

const takenWords = (mailboxId: string) =>
  `There is a mailbox of this id; if it was just made and its password lost, POST ${mailboxesPath}/${mailboxId}/password makes a new one`;

const overlapWords = (until: number) =>
  `${mostEarlier} earlier passwords still hold, the next until ${new Date(until).toISOString()}; wait for that, or end them all with overlapMinutes 0`;

function createOperation(parts: RegisterParts): Operation {
  const name = 'mesh.create-mailbox';
  return {
    name,
    method: 'POST',
    path: mailboxesPath,
    summary: 'Make a mailbox; its password is in the answer, and nowhere else',
    access: administrators,
    audit: 'write',
    input: { body: newMailbox },
    answers: { 201: { summary: 'The mailbox and its password' }, ...refusals, 409: { summary: 'The id is taken' } },
    async handle(call) {
      const administrator = admitAdministrator(call, 'change');
      const wish = bodyAs(newMailbox, call);
      const { odsCode, orgCode = odsCode } = wish;
      const isOwn = [odsCode, orgCode].every((code) =>
        isAdministratorOf(administrator, { odsCode: code, orgCode: code }),
      );
      if (!isOwn) throw refuse(403, 'organisation', 'The mailbox is of another organisation than the role', 'odsCode');
      const note = noteFor(call, name, wish.mailboxId, 201);
      const password = await createMailbox(parts, { ...wish, orgCode }, note);
      if (password === undefined) throw refuse(409, 'taken', takenWords(wish.mailboxId), 'mailboxId');
      const mailbox = parts.directory.find(wish.mailboxId);
      return { status: 201, body: { ...(mailbox && shown(mailbox)), password }, isAudited: true };
    },
  };
}

const listQuery = z.strictObject({
  odsCode: z.string().max(12).optional(),
  _count: count(500, 100),
  _after: mailboxId.optional().describe('the last id of the page before'),
});

function listOperation({ directory }: RegisterParts): Operation {
  return {
    name: 'mesh.list-mailboxes',
    method: 'GET',
    path: mailboxesPath,
    summary: 'The mailboxes of the organisation of the role, or nationally all, by id',
    access: viewers,
    audit: 'read',
    input: { query: listQuery },
    answers: { 200: { summary: 'A page; `next` where there are more' }, ...refusals },
    async handle(call) {
      const administrator = admitAdministrator(call, 'view');
      const { odsCode, _count, _after = '' } = queryAs(listQuery, call);
      const found = directory
        .all()
        .filter((one) => isAdministratorOf(administrator, one))
        .filter((one) => one.mailboxId > _after && (odsCode === undefined || one.odsCode === odsCode))
        .sort((one, other) => (one.mailboxId < other.mailboxId ? -1 : 1));
      const page = found.slice(0, _count);
      const asked = new URLSearchParams({ ...(odsCode === undefined ? {} : { odsCode }), _count: String(_count) });
      const next = `${mailboxesPath}?${asked}&_after=${encodeURIComponent(page.at(-1)?.mailboxId ?? '')}`;
      return {
        status: 200,
        body: { mailboxes: page.map(shown), ...(found.length > page.length ? { next } : {}) },
      };
    },
  };
}

function passwordOperation(parts: RegisterParts): Operation {
  const name = 'mesh.change-mailbox-password';
  return {
    name,
    method: 'POST',
    path: `${administeredPath}/password`,
    summary: 'A new password, shown this once; the one before may hold for a while',
    access: administrators,
    audit: 'write',
    input: { body: passwordChange },
    answers: { 200: { summary: 'The password' }, ...refusals, 409: { summary: 'Too many earlier ones still hold' } },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      const { overlapMinutes } = bodyAs(passwordChange, call);
      const note = noteFor(call, name, mailboxId);
      const password = await changePassword(parts, mailboxId, overlapMinutes * 60_000, note);
      if (password === undefined) throw refuse(404, 'mailbox', 'There is no such mailbox', 'mailbox');
      if (typeof password !== 'string')
        throw refuse(409, 'overlap', overlapWords(password.fullUntil), 'overlapMinutes');
      const until = new Date(call.now + overlapMinutes * 60_000).toISOString();
      const body = { mailboxId, password, ...(overlapMinutes > 0 ? { previousPasswordUntil: until } : {}) };
      return { status: 200, body, isAudited: true };
    },
  };
}

function activeOperation(parts: RegisterParts, verb: 'activate' | 'deactivate'): Operation {
  const name = `mesh.${verb}-mailbox`;
  return {
    name,
    method: 'POST',
    path: `${administeredPath}/${verb}`,
    summary:
      verb === 'activate'
        ? 'Let a deactivated mailbox work again'
        : 'Close a mailbox: nobody sends to it or calls as it; what waits in it is undeliverable, its senders are told',
    access: administrators,
    audit: 'write',
    input: { body: because },
    answers: { 200: { summary: 'The mailbox' }, ...refusals, 409: { summary: 'It is so already' } },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      const { reason } = bodyAs(because, call);
      const note = noteFor(call, name, mailboxId);
      const isChanged = await setActive(parts, mailboxId, verb === 'activate', reason, note);
      if (!isChanged) throw refuse(409, 'state', `The mailbox is ${verb}d already`, 'mailbox');
      const mailbox = parts.directory.find(mailboxId);
      return { status: 200, body: mailbox && shown(mailbox), isAudited: true };
    },
  };
}

function quotaOperation(parts: RegisterParts): Operation {
  const name = 'mesh.set-mailbox-quota';
  return {
    name,
    method: 'PUT',
    path: `${administeredPath}/quota`,
    summary: 'Bound what a mailbox sends a day and what may wait in it; null is no bound. National administrators only',
    access: administrators,
    audit: 'write',
    input: { body: quotaShape },
    answers: { 200: { summary: 'The mailbox' }, ...refusals },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      // a bound that protects everybody else isn't for its bearer to lift
      if (!isNational(admitAdministrator(call, 'change')))
        throw refuse(403, 'organisation', 'Quotas are set by national administrators', 'mailbox');
      const quota = bodyAs(quotaShape, call);
      await setQuota(parts, mailboxId, quota, noteFor(call, name, mailboxId));
      const mailbox = parts.directory.find(mailboxId);
      return { status: 200, body: mailbox && shown(mailbox), isAudited: true };
    },
  };
}

function workflowOperation(parts: RegisterParts): Operation {
  const name = 'mesh.register-workflow';
  return {
    name,
    method: 'PUT',
    path: `${administeredPath}/workflows/:workflow`,
    summary: 'Whether a mailbox sends and receives a workflow',
    access: administrators,
    audit: 'write',
    input: { body: registrationShape },
    answers: { 200: { summary: 'As it is registered now' }, ...refusals },
    async handle(call) {
      const { mailboxId } = administered((id) => parts.directory.find(id), call, 'change');
      const workflow = workflowId.safeParse(call.params.workflow);
      if (!workflow.success) throw refuse(400, 'field', `workflow: ${workflow.error.issues[0]?.message}`, 'workflow');
      const { sends, receives } = bodyAs(registrationShape, call);
      const registration = { workflowId: workflow.data, sends, receives };
      await registerWorkflow(parts, mailboxId, registration, noteFor(call, name, mailboxId));
      return { status: 200, body: { mailboxId, ...registration }, isAudited: true };
    },
  };
}
