import { createHash } from 'node:crypto';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { uuidv7 } from '../../../platform/events/uuidv7.ts';
import { insertHistory, keepAnswer, takeRequest } from './queries-record.ts';
import { refusal } from './refusals.ts';
import type { RegistrationParts } from './registration-parts.ts';
import type { Actor } from './rules/authority.ts';

/** Who asks for what, under which request id. */
export type Command = {
  readonly actor: Actor;
  readonly requestId: string;
  /** What is asked, whole: method, path and body. */
  readonly request: string;
  readonly reason: string;
  readonly now: number;
  readonly auditNote: (status: number) => AuditNote;
};

/** One change of state: whose (a user's or a position's), and what it was before and after. */
export type Change = {
  readonly subjectId: string;
  /** Past tense; also the event's kind, after `cis.`. */
  readonly verb: string;
  readonly before: object | null;
  readonly after: object | null;
  /** What the event tells; ids and codes, nothing personal. */
  readonly told: object;
};

export type Done = {
  readonly status: 200 | 201;
  readonly body: object;
  /** The answer holds a secret that is shown once: it is not kept, and a repeated request is refused. */
  readonly isSecret?: boolean;
  readonly changes: readonly Change[];
  /** Users whose roles every process must read anew. */
  readonly reread?: readonly string[];
  /** Users who are logged off: their sessions end, their tokens are revoked. */
  readonly revoke?: readonly string[];
};

export type Carried = { readonly status: number; readonly body: object; readonly isAudited: boolean };

/**
 * Carries a verb out: what it changes, the history, the events, the audit entry and what live sessions must learn are one
 * transaction. The same request id of the same user gets the first answer again. `work` may run more than once.
 */
export async function carryOut(
  { db, audit, tokens, endSessionsIn }: RegistrationParts,
  command: Command,
  work: (tx: Queryable) => Promise<Done>,
): Promise<Carried> {
  const key = hash(`${command.actor.userId}\n${command.requestId}`);
  const fingerprint = hash(command.request);
  let audited: ReturnType<RegistrationParts['audit']['recordIn']> | undefined;
  const end = (isCommitted: boolean) => {
    audited?.ended(isCommitted);
    audited = undefined;
  };
  try {
    const carried = await db.transaction(async (tx): Promise<Carried> => {
      end(false);
      const before = await takeRequest(tx, key, fingerprint, command.now);
      if (before) return { ...again(before, fingerprint), isAudited: false };
      const done = await work(tx);
      await writeRecord(tx, command, done.changes);
      for (const userId of done.revoke ?? []) {
        await endSessionsIn?.(tx, userId);
        await tokens.revokeAllIn(tx, { userId });
      }
      for (const userId of done.reread ?? []) await tokens.rereadIn(tx, userId);
      await tx.query(keepAnswer(key, done.status, done.isSecret ? null : done.body));
      audited = audit.recordIn(tx, [command.auditNote(done.status)]);
      await audited.recorded;
      return { status: done.status, body: done.body, isAudited: true };
    });
    end(true);
    return carried;
  } catch (error) {
    end(false);
    throw error;
  }
}

async function writeRecord(tx: Queryable, command: Command, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const { actor, reason, requestId, now } = command;
  const rows = changes.map(({ subjectId, verb, before, after }) => ({
    subjectId,
    historyId: uuidv7(now),
    verb,
    actorId: actor.userId,
    actorRoleId: actor.roleProfileId,
    actorOds: actor.odsCode,
    before,
    after,
    reason,
    requestId,
  }));
  await tx.query(insertHistory(rows, now));
  await tx.query(
    insertEvents(
      changes.map(({ subjectId, verb, told }) => ({
        subject: subjectId,
        kind: `cis.${verb}`,
        happenedAt: now,
        body: { ...told, actor: actor.userId, actorOrganisation: actor.odsCode },
      })),
    ),
  );
}

type Before = NonNullable<Awaited<ReturnType<typeof takeRequest>>>;

/** The first answer, where the same was asked. */
function again(before: Before, fingerprint: Buffer): { status: number; body: object } {
  if (!before.fingerprint.equals(fingerprint))
    throw refusal('request-id', 'This X-Request-ID was used for another request already.', 'X-Request-ID');
  if (before.status === null || before.answer === null)
    throw refusal('request-id', 'This was done already; its answer held a secret that is shown once.', 'X-Request-ID');
  return { status: before.status, body: before.answer };
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
