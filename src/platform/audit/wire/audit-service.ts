import type { Database } from '../../db/database.ts';
import type { Bundle } from '../../fhir/types.ts';
import { type Call, type Dialect, header, type Operation, queryPairs, type Service } from '../../http/operation.ts';
import { Refusal } from '../../http/refusal.ts';
import type { AccessRequirement } from '../../identity/access.ts';
import { decideAccess, purposeOf } from '../../identity/decide-access.ts';
import { roleOf, sessionRoleFacts, settleSessionRole } from '../../identity/session-role.ts';
import type { Tokens } from '../../identity/tokens.ts';
import { dayOf, isDate } from '../../nhs/dates.ts';
import { isNhsNumber } from '../../nhs/nhs-number.ts';
import { type AuditSearch, searchEntries } from '../queries.ts';
import { auditEvent } from './audit-event.ts';

const base = '/audit/FHIR/R4';

const refuse = (status: number, code: string, diagnostics: string, rule = code.toUpperCase()) =>
  new Refusal(
    status,
    rule,
    { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] },
    {},
    'application/fhir+json',
  );

/** Staff who search the audit: Privacy Officers, and who receives privacy alerts. Patients see their own record's. */
const access = {
  modes: ['healthcare-worker', 'patient-access'],
  level: { patient: 'P9' },
  role: 'session-urid',
  activities: { anyOf: ['B0015', 'B0016'], orJobRoles: ['R0001'] },
} as const satisfies AccessRequirement;

/** Who looked: for a privacy officer over everything, for a patient over their own record. Ours; nothing is published. */
export function auditService({ db, tokens }: { db: Database; tokens: Tokens }): Service {
  // nobody else's statements wait behind a search by who and when
  const long = db.reader({ isLong: true });
  const dialect: Dialect = {
    base,
    async admit(call) {
      const [, token] = /^Bearer +(\S+)$/.exec(header(call, 'authorization') ?? '') ?? [];
      const resolution = token === undefined ? { is: 'unknown' as const } : await tokens.resolve(token);
      if (resolution.is !== 'valid') throw refuse(401, 'login', 'A valid access token is needed');
      call.principal = resolution.principal;
    },
    unknown: (call) => {
      throw refuse(404, 'not-found', `There is no ${call.method} ${call.path}`);
    },
    failure(kind) {
      const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
      return { status, body: refuse(status, 'processing', kind).body };
    },
    headers: (call) => {
      const requestId = header(call, 'x-request-id');
      return requestId === undefined ? {} : { 'X-Request-ID': requestId };
    },
  };
  const search: Operation = {
    name: 'audit.search',
    method: 'GET',
    path: `${base}/AuditEvent`,
    summary: 'Who looked: accesses to records, newest first',
    access,
    audit: 'read',
    answers: {
      200: { summary: 'A searchset Bundle of AuditEvent, with a `next` link while there are more' },
      400: { summary: 'A parameter that is not understood' },
      401: { summary: 'No valid token' },
      403: { summary: 'A patient asked for somebody else, or staff without the right to see the audit' },
    },
    async handle(call) {
      const asked = parse(call);
      call.subject = asked.nhsNumber ?? '';
      const isPatient = admit(call, asked);
      const from = asked.nhsNumber === undefined ? long : db;
      const entries = await searchEntries(from, { ...asked, limit: asked.limit + 1 }, call.now);
      const page = entries.slice(0, asked.limit);
      const last = page.at(-1);
      const bundle: Bundle & { link?: object[] } = {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: page.map((entry) => ({ resource: auditEvent(entry, isPatient), search: { mode: 'match' } })),
      };
      if (entries.length > page.length && last) {
        const next = new URLSearchParams(queryPairs(call.rawQuery).filter(([name]) => name !== '_cursor'));
        next.set('_cursor', Buffer.from(JSON.stringify([last.at, last.writer, last.seq])).toString('base64url'));
        bundle.link = [{ relation: 'next', url: `${base}/AuditEvent?${next}` }];
      }
      return { status: 200, contentType: 'application/fhir+json', body: bundle };
    },
  };
  return { name: 'audit', title: 'Audit: who looked', dialect, operations: [search] };
}

/** Whether a patient asks; refuses those who may not. */
function admit(call: Call, asked: AuditSearch): boolean {
  const principal = call.principal;
  const isPatient = principal?.mode === 'patient-access';
  if (principal?.mode === 'healthcare-worker') {
    const settled = settleSessionRole(sessionRoleFacts(principal, header(call, 'nhsd-session-urid')));
    if (settled.is === 'settled') call.roleProfileId = settled.roleProfileId;
  }
  const role = principal && call.roleProfileId !== undefined ? roleOf(principal, call.roleProfileId) : undefined;
  const decision = decideAccess(access, { principal, role, nhsNumber: asked.nhsNumber });
  if (decision.is === 'refused') {
    throw refuse(
      403,
      'forbidden',
      isPatient
        ? 'A patient sees accesses to their own record only, with an identity proved at P9: give patient=<your NHS number>'
        : 'Only a privacy officer (job role R0001, or activity B0015 or B0016) searches the audit',
      decision.rule,
    );
  }
  if (isPatient && asked.userId !== undefined) throw refuse(403, 'forbidden', 'A patient cannot search by user');
  call.purpose = purposeOf(decision.basis);
  return isPatient;
}

function parse(call: Call): AuditSearch {
  const search: { -readonly [key in keyof AuditSearch]: AuditSearch[key] } = { limit: 50 };
  for (const [name, value] of queryPairs(call.rawQuery)) {
    if (name === 'patient') {
      search.nhsNumber = value.replace(/^.*[|/]/, '');
      if (!isNhsNumber(search.nhsNumber)) throw refuse(400, 'invalid', `patient: '${value}' is not an NHS number`);
    } else if (name === 'agent') search.userId = value;
    else if (name === 'organization') search.odsCode = value;
    else if (name === 'application') search.appId = value;
    else if (name === 'date') readDate(search, value);
    else if (name === '_count') {
      search.limit = Number(value);
      if (!Number.isInteger(search.limit) || search.limit < 1 || search.limit > 200)
        throw refuse(400, 'invalid', `_count: '${value}' is not a number from 1 to 200`);
    } else if (name === '_cursor') search.before = readCursor(value);
    else
      throw refuse(
        400,
        'invalid',
        `There is no parameter '${name}'; there are patient, agent, organization, application, date, _count`,
      );
  }
  return search;
}

const dayMillis = 86_400_000;

function readDate(search: { from?: number | undefined; to?: number | undefined }, value: string): void {
  const [, prefix, day] = /^(eq|ge|le|gt|lt)?(.*)$/.exec(value) as unknown as [string, string | undefined, string];
  if (!isDate(day)) throw refuse(400, 'invalid', `date: '${value}' is not a day with eq, ge, le, gt or lt before it`);
  const start = Date.parse(`${day}T00:00:00Z`);
  if (dayOf(start) !== day) throw refuse(400, 'invalid', `date: '${value}' is not a day`);
  if (prefix === 'ge') search.from = start;
  else if (prefix === 'gt') search.from = start + dayMillis;
  else if (prefix === 'lt') search.to = start;
  else if (prefix === 'le') search.to = start + dayMillis;
  else [search.from, search.to] = [start, start + dayMillis];
}

function readCursor(text: string): { at: number; writer: string; seq: number } {
  try {
    const [at, writer, seq] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [number, string, number];
    if (Number.isFinite(at) && /^[0-9a-f-]{36}$/.test(writer) && Number.isSafeInteger(seq)) return { at, writer, seq };
  } catch {
    // answered below
  }
  throw refuse(400, 'invalid', '_cursor: not one of ours');
}
