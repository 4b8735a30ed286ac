import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import { type Database, isTransient } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import { insertEvents, type SpineEvent } from '../../../platform/events/outbox.ts';

type Rows = Record<string, unknown>[];
type Lane = ReturnType<Database['lane']>;

/** What follows from what was written: more statements, events, and what the audit log shall say. */
export type Consequences = {
  readonly statements?: readonly Statement[];
  readonly events: readonly SpineEvent[];
  readonly notes: readonly AuditNote[];
};

const plain = (text: string): Statement => ({ text, values: [], name: text });
const begin = plain('begin');
const commit = plain('commit');
const rollback = plain('rollback');
const attempts = 5;

/**
 * Writes in one transaction, state, events and audit together, on a pipelined connection. Repeated after a lost connection,
 * when nobody knows whether it was committed; so the first statements must be such that doing them twice is doing them once.
 */
export class Writer {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #free: Lane[] = [];

  constructor(db: Database, audit: AuditLog) {
    this.#db = db;
    this.#audit = audit;
  }

  /**
   * Runs `first`; then, told their rows, what follows: two round trips. Or one, where it is foreseen what their rows will be;
   * but not in a second attempt, since the first may have been committed.
   */
  async write<Result extends Consequences>(
    first: readonly Statement[],
    then: (rows: Rows[]) => Result,
    foreseen?: Rows[],
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(first, then, attempt === 1 ? foreseen : undefined);
      } catch (error) {
        if (attempt >= attempts || !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
      }
    }
  }

  async #once<Result extends Consequences>(
    first: readonly Statement[],
    then: (rows: Rows[]) => Result,
    foreseen?: Rows[],
  ): Promise<Result> {
    const tx = this.#free.pop() ?? this.#db.lane({ isPlannedOnce: true });
    let audited: ReturnType<AuditLog['recordIn']> | undefined;
    try {
      const started = tx.unit([begin, ...first]);
      const running: Promise<unknown>[] = [started];
      const result = then(foreseen ?? (await started).slice(1));
      // sent at once, the commit too: should one of them fail, PostgreSQL makes it a rollback
      for (const statement of result.statements ?? []) running.push(tx.query(statement));
      if (result.events.length > 0) running.push(tx.query(insertEvents(result.events)));
      audited = this.#audit.recordIn(tx, result.notes);
      running.push(audited.recorded, tx.query(commit));
      for (const one of await Promise.allSettled(running)) if (one.status === 'rejected') throw one.reason;
      audited.ended(true);
      return result;
    } catch (error) {
      audited?.ended(false);
      await tx.query(rollback).catch(() => undefined);
      throw error;
    } finally {
      this.#free.push(tx);
    }
  }
}
