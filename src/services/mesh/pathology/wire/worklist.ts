import { z } from 'zod';
import type { AuditLog } from '../../../../platform/audit/audit-log.ts';
import type { Database, Queryable } from '../../../../platform/db/database.ts';
import { isStorable } from '../../../../platform/db/is-storable.ts';
import {
  type Answer,
  type Call,
  type Operation,
  queryPairs,
  type Service,
} from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { closeTracked } from '../close-result.ts';
import { dueResults, resultsOf } from '../queries-results.ts';
import { reasonOf, type TrackedResult } from '../tracked-result.ts';
import { admitStaff, base, mailboxPath, refuse, worklistDialect } from './worklist-dialect.ts';

export type WorklistParts = {
  readonly db: Database;
  /** For what may take long, so that no message waits behind it. */
  readonly counts: Queryable;
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  /** MESH's own authorization of a mailbox, for the path parameter `mailbox`. */
  readonly admitMailbox: (call: Call) => Promise<void>;
  /** Mailboxes of an organisation, deactivated ones too: what lies in them still wants somebody to see to it. */
  readonly mailboxesOf: (odsCode: string) => readonly string[];
};

/** Results that nobody has acknowledged in time, for laboratory and practice. */
export function worklistService(parts: WorklistParts): Service {
  return {
    name: 'mesh-worklist',
    title: 'MESH: results that wait for somebody (ours)',
    dialect: worklistDialect(parts.tokens, parts.admitMailbox),
    operations: [organisationOperation(parts), mailboxOperation(parts), closeOperation(parts)],
  };
}

const query = z.strictObject({
  _count: z.coerce.number().int().min(1).max(200).default(50).describe('1 to 200'),
  _cursor: z.string().optional(),
  clinician: z
    .string()
    .regex(/^[A-Za-z0-9]{1,17}$/)
    .transform((code) => code.toUpperCase())
    .optional()
    .describe('Code of the clinician a report is for'),
});

const described = {
  200: { summary: 'Results that are due, the longest due first; `next` where there are more' },
  400: { summary: 'Which parameter' },
  401: { summary: 'No valid token, or no role' },
  403: { summary: 'Refused by the rule named' },
};

function organisationOperation(parts: WorklistParts): Operation {
  return {
    name: 'mesh.list-results',
    method: 'GET',
    path: base,
    summary: 'Results on the worklist of the organisation of the role: sent by it, or sent to it',
    access: 'open',
    audit: 'read',
    input: { query },
    answers: described,
    async handle(call) {
      const odsCode = admitStaff(call);
      return list(parts, call, parts.mailboxesOf(odsCode));
    },
  };
}

function mailboxOperation(parts: WorklistParts): Operation {
  return {
    name: 'mesh.list-results-of-mailbox',
    method: 'GET',
    path: mailboxPath,
    summary: 'Results on the worklist of one mailbox: for its owner, and for staff of its organisation',
    access: 'open',
    audit: 'read',
    input: { query },
    answers: { ...described, 404: { summary: 'No such mailbox in the organisation of the role' } },
    handle: async (call) => list(parts, call, [admitToMailbox(parts, call)]),
  };
}

/** The mailbox of the path, for its owner or for staff of its organisation; to others it isn't there. */
function admitToMailbox(parts: WorklistParts, call: Call): string {
  const mailboxId = (call.params.mailbox as string).toUpperCase();
  if (call.principal?.mode === 'application-restricted' && call.principal.appId === mailboxId && isMailbox(call))
    return mailboxId;
  const odsCode = admitStaff(call);
  if (!parts.mailboxesOf(odsCode).includes(mailboxId))
    throw refuse(404, 'mailbox', 'There is no such mailbox in this organisation', 'mailbox');
  return mailboxId;
}

/** Admitted by MESH's authorization: a token of an application that calls itself as a mailbox is not the mailbox. */
const isMailbox = (call: Call): boolean => /^NHSMESH\b/i.test(String(call.headers.authorization ?? ''));

type Cursor = { readonly dueAt: number; readonly messageId: string; readonly side: string };

async function list({ counts }: WorklistParts, call: Call, mailboxIds: readonly string[]): Promise<Answer> {
  const asked = query.safeParse(Object.fromEntries(queryPairs(call.rawQuery)));
  if (!asked.success) {
    const field = String(asked.error.issues[0]?.path[0] ?? 'query');
    throw refuse(400, 'field', `${field}: ${asked.error.issues[0]?.message}`, field);
  }
  const { _count, _cursor, clinician } = asked.data;
  const after = _cursor === undefined ? undefined : readCursor(_cursor);
  const due = await dueResults(counts, mailboxIds, call.now, { after, clinician, limit: _count + 1 });
  const page = pageOf(due, _count);
  const last = page.at(-1);
  const numbers = page.flatMap(({ reports }) => reports.map((report) => report.nhsNumber));
  return {
    status: 200,
    body: {
      results: page.map(shown),
      ...(due.length > page.length && last
        ? {
            next: `${call.path}?_count=${_count}&_cursor=${cursorOf(last)}${clinician ? `&clinician=${clinician}` : ''}`,
          }
        : {}),
    },
    subjects: [...new Set(numbers)].filter((number) => number !== ''),
  };
}

/** Patients whose data one answer may hold, each of whom has an entry in the audit. */
const mostReports = 1_000;

/** So many results, fewer where they hold many reports; at least one. */
function pageOf(due: readonly TrackedResult[], count: number): TrackedResult[] {
  let reports = 0;
  const page = due.slice(0, count);
  const end = page.findIndex((result, index) => {
    reports += result.reports.length;
    return index > 0 && reports > mostReports;
  });
  return end < 0 ? page : page.slice(0, end);
}

const cursorOf = ({ dueAt, messageId, side }: Cursor): string =>
  Buffer.from(JSON.stringify([dueAt, messageId, side])).toString('base64url');

function readCursor(text: string): Cursor {
  try {
    const [dueAt, messageId, side] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string, string];
    const isTime = Number.isSafeInteger(dueAt) && Math.abs(dueAt) < 8e15;
    if (isTime && [messageId, side].every((one) => typeof one === 'string' && isStorable(one)))
      return { dueAt, messageId, side };
  } catch {
    // answered below
  }
  throw refuse(400, 'field', '_cursor: not one of ours', '_cursor');
}

const instant = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

function shown(result: TrackedResult): object {
  return {
    mailbox: result.mailboxId,
    side: result.side,
    otherMailbox: result.otherMailbox,
    messageId: result.messageId,
    workflowId: result.workflowId,
    controlReference: result.controlReference,
    reason: reasonOf(result),
    isAcknowledgmentAsked: result.isAcknowledgmentAsked,
    sentAt: instant(result.sentAt),
    dueAt: instant(result.dueAt),
    collectedAt: instant(result.collectedAt),
    answeredAt: instant(result.answeredAt),
    outcome: result.outcome === '' ? undefined : result.outcome,
    reports: result.reports.map((report) => ({ ...report, isRejected: result.rejected.includes(report.reference) })),
  };
}

const closing = z.strictObject({
  reason: z.string().trim().min(3).max(500).refine(isStorable, 'characters that cannot be kept'),
});

function closeOperation(parts: WorklistParts): Operation {
  const operation: Operation = {
    name: 'mesh.close-result',
    method: 'POST',
    path: `${mailboxPath}/:message/close`,
    summary: 'Take a result off the worklist of one side: somebody has seen to it, and says how',
    access: 'open',
    audit: 'write',
    input: { body: closing },
    answers: {
      204: { summary: 'Done' },
      400: { summary: 'No reason of 3 to 500 characters' },
      401: described[401],
      403: described[403],
      404: { summary: 'No such result in a mailbox of the organisation of the role' },
      409: { summary: 'It is not open any more' },
    },
    async handle(call) {
      const odsCode = admitStaff(call);
      const mailboxId = (call.params.mailbox as string).toUpperCase();
      const messageId = call.params.message as string;
      const isOwn = parts.mailboxesOf(odsCode).includes(mailboxId);
      const results = isOwn && isStorable(messageId) ? await resultsOf(parts.db, mailboxId, messageId) : [];
      if (results.length === 0) throw refuse(404, 'message', 'There is no such result in this organisation', 'message');
      const numbers = results.flatMap(({ reports }) => reports.map((report) => report.nhsNumber));
      const subjects = [...new Set(numbers)].filter((number) => number !== '');
      call.subject = subjects[0] ?? '';
      const reason = reasonIn(call);
      const isClosed = await closeTracked(
        parts,
        { mailboxId, messageId },
        { by: call.principal?.userId ?? '', reason, now: call.now },
        (subjects.length === 0 ? [''] : subjects).map((number) => noteOf(call, operation, number, 'allowed', 204)),
      );
      if (!isClosed) throw refuse(409, 'closed', 'The result is not open any more');
      return { status: 204, isAudited: true };
    },
  };
  return operation;
}

function reasonIn(call: Call): string {
  let sent: unknown;
  try {
    sent = JSON.parse(call.body.toString());
  } catch {
    throw refuse(400, 'field', 'body: it is not JSON', 'body');
  }
  const given = closing.safeParse(sent);
  if (given.success) return given.data.reason;
  const field = String(given.error.issues[0]?.path[0] ?? 'body');
  throw refuse(400, 'field', `${field}: ${given.error.issues[0]?.message}`, field);
}
