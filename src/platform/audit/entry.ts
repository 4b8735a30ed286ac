import { createHash } from 'node:crypto';

/** What is known of one access when it has been decided: who did what to whom, why, and how it ended. */
export type AuditNote = {
  /** Whose record; empty where no patient was concerned. */
  readonly nhsNumber: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The operation's name, e.g. `pds.retrieve-patient`. */
  readonly operation: string;
  /** `allowed`, or the published code of the refusal. */
  readonly outcome: string;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly mode: string;
  readonly appId: string;
  readonly odsCode: string;
  readonly userId: string;
  readonly roleId: string;
  readonly purpose: string;
  readonly requestId: string;
};

/** A note with its place in a chain. */
export type AuditEntry = AuditNote & { readonly writer: string; readonly seq: number; readonly hash: Buffer };

/** The hash before the first entry of a chain. */
export const chainStart: Buffer = Buffer.alloc(32);

/** SHA-256 over the hash before and every field of the entry; a change of any field or of the order changes it. */
export function entryHash(previous: Buffer, writer: string, seq: number, note: AuditNote): Buffer {
  return createHash('sha256')
    .update(previous)
    .update(canonical(writer, seq, note))
    .digest();
}

function canonical(writer: string, seq: number, note: AuditNote): string {
  return JSON.stringify([
    writer,
    seq,
    note.nhsNumber,
    note.at,
    note.operation,
    note.outcome,
    note.status,
    note.mode,
    note.appId,
    note.odsCode,
    note.userId,
    note.roleId,
    note.purpose,
    note.requestId,
  ]);
}

/** PostgreSQL text holds no NUL and JSON no lone surrogate: what a client sent is made storable before it is hashed. */
export function storable(text: string, limit = 200): string {
  return text.slice(0, limit).replaceAll('\u0000', '\uFFFD').toWellFormed();
}
