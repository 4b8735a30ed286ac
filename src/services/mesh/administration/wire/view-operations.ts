import { z } from 'zod';
import type { Database, Queryable } from '../../../../platform/db/database.ts';
import type { Call, Operation } from '../../../../platform/http/operation.ts';
import type { Directory } from '../../mailboxes/directory.ts';
import { isAdministratorOf } from '../administrator.ts';
import { flowsOf, stuckIn } from '../overview.ts';
import { selectContacts, selectWaitingBytes } from '../queries-administration.ts';
import type { Quotas } from '../quotas.ts';
import { shownCertificates } from '../shown-certificates.ts';
import { administered, admitAdministrator, base, viewers } from './dialect.ts';
import { administeredPath, refusals, shown } from './mailbox-operations.ts';
import { queryAs } from './read.ts';
import { refuse } from './refusals.ts';
import { count } from './shapes.ts';

export type ViewParts = {
  readonly db: Database;
  /** For what takes long, so that no message waits behind it. */
  readonly counts: Queryable;
  readonly directory: Directory;
  readonly quotas: Quotas;
};

/** What administrators see: a mailbox whole, who sends what to whom, what is stuck and why. */
export function viewOperations(parts: ViewParts): Operation[] {
  return [mailboxOperation(parts), flowsOperation(parts), stuckOperation(parts)];
}

function mailboxOperation({ db, counts, directory, quotas }: ViewParts): Operation {
  return {
    name: 'mesh.view-mailbox',
    method: 'GET',
    path: administeredPath,
    summary: 'A mailbox: whose it is, its workflows, certificates, quotas and how far they are used',
    access: viewers,
    audit: 'read',
    answers: { 200: { summary: 'The mailbox' }, ...refusals },
    async handle(call) {
      const mailbox = administered((id) => directory.find(id), call, 'view');
      const { mailboxId } = mailbox;
      const [certificates, [contact], usedToday, [waiting]] = await Promise.all([
        shownCertificates({ db, directory }, mailboxId),
        db.query<{ called_at: Date }>(selectContacts([mailboxId])),
        quotas.usedToday(mailboxId, call.now),
        counts.query<{ bytes: number }>(selectWaitingBytes(mailboxId)),
      ]);
      const workflows = directory.workflows().filter((one) => [...one.senders, ...one.receivers].includes(mailboxId));
      return {
        status: 200,
        body: {
          ...shown(mailbox),
          lastCalledAt: contact?.called_at.toISOString(),
          sends: workflows.filter((one) => one.senders.includes(mailboxId)).map((one) => one.workflowId),
          receives: workflows.filter((one) => one.receivers.includes(mailboxId)).map((one) => one.workflowId),
          waitingBytes: waiting?.bytes ?? 0,
          ...(mailbox.quota ? { usedToday } : {}),
          certificates,
        },
      };
    },
  };
}

const flowsQuery = z.strictObject({
  mailbox: z.string().max(50).toUpperCase().optional(),
  days: count(30, 1).describe('1 to 30'),
  _count: count(1000, 100),
});

function flowsOperation({ counts, directory }: ViewParts): Operation {
  return {
    name: 'mesh.view-flows',
    method: 'GET',
    path: `${base}/flows`,
    summary: 'Who has sent what to whom by workflow, the most messages first',
    access: viewers,
    audit: 'read',
    input: { query: flowsQuery },
    answers: { 200: { summary: 'Senders, recipients, workflows and their messages' }, ...refusals },
    async handle(call) {
      const mailboxIds = visibleTo(call, directory);
      const { mailbox, days, _count } = queryAs(flowsQuery, call);
      const since = call.now - days * 86_400_000;
      const asked = narrowed(mailboxIds, mailbox);
      const isAll = asked.length === directory.all().length;
      return { status: 200, body: { flows: await flowsOf(counts, asked, since, _count, isAll) } };
    },
  };
}

const stuckQuery = z.strictObject({
  mailbox: z.string().max(50).toUpperCase().optional(),
  hours: z.coerce.number().min(0).max(720).default(24).describe('0 to 720: how long they have waited'),
  _count: count(1000, 100),
});

function stuckOperation({ counts, directory }: ViewParts): Operation {
  return {
    name: 'mesh.view-stuck',
    method: 'GET',
    path: `${base}/stuck`,
    summary: 'What waits too long, in which mailbox, and why; the oldest first',
    access: viewers,
    audit: 'read',
    input: { query: stuckQuery },
    answers: { 200: { summary: 'Messages by mailbox and workflow, with the reason' }, ...refusals },
    async handle(call) {
      const mailboxIds = visibleTo(call, directory);
      const { mailbox, hours, _count } = queryAs(stuckQuery, call);
      const before = call.now - hours * 3_600_000;
      const stuck = await stuckIn({ db: counts, directory }, narrowed(mailboxIds, mailbox), before, _count, call.now);
      return { status: 200, body: { stuck } };
    },
  };
}

function visibleTo(call: Call, directory: Directory): string[] {
  const administrator = admitAdministrator(call, 'view');
  return directory.all().flatMap((one) => (isAdministratorOf(administrator, one) ? [one.mailboxId] : []));
}

function narrowed(mailboxIds: readonly string[], mailbox: string | undefined): readonly string[] {
  if (mailbox === undefined) return mailboxIds;
  if (!mailboxIds.includes(mailbox))
    throw refuse(404, 'mailbox', 'There is no such mailbox in this organisation', 'mailbox');
  return [mailbox];
}
