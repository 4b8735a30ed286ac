import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { ZodType } from 'zod';
import type { AccessRequirement } from '../identity/access.ts';
import type { AccessMode, Principal } from '../identity/principal.ts';

/** One request on its way: what came in, and what was found out about it so far. */
export type Call = {
  readonly method: string;
  /** Path without query, as sent. */
  readonly path: string;
  /** The query string as sent, without `?`. */
  readonly rawQuery: string;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as sent; empty when there was none, and for an operation that streams. */
  readonly body: Buffer;
  /** The unread body, for an operation that streams; it keeps its own limits. */
  readonly stream: Readable;
  /** Milliseconds since 1970 by this Spine's clock. */
  readonly now: number;
  /** The caller's network address. */
  readonly remote: string;
  /** The exchange itself, for libraries that read cookies or the client's certificate from it. */
  readonly raw: { readonly request: IncomingMessage; readonly response: ServerResponse };
  /**
   * What admission still waits for while a read goes on; rejects with its refusal. No answer is given before it is settled, and
   * an operation awaits it before it has any effect.
   */
  admission: Promise<void> | undefined;
  /** Who is calling; set once the token was accepted. */
  principal: Principal | undefined;
  /** The role the caller acts in, where one was settled. */
  roleProfileId: string | undefined;
  /** Whose record is concerned, as far as known; for the audit entry of a refusal. */
  subject: string;
  /** On what the access rests (`purposeOf`), where it was decided; for the audit, and read by patients. */
  purpose: string;
};

/** Headers of an answer; a list where one is sent several times, as `set-cookie` may be. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A body that is sent as it is read, so that it need not fit into memory. */
export class StreamedBody {
  readonly stream: Readable;
  /** Its length in bytes, where it is known beforehand. */
  readonly length: number | undefined;

  constructor(stream: Readable, length?: number) {
    this.stream = stream;
    this.length = length;
  }
}

/** What goes back: body text as it is to be sent, a stream, or an object to be written as JSON. */
export type Answer = {
  readonly status: number;
  readonly body?: string | Buffer | StreamedBody | object | undefined;
  readonly contentType?: string | undefined;
  readonly headers?: AnswerHeaders | undefined;
  /** NHS numbers of the patients whose data is in the answer or was changed. */
  readonly subjects?: readonly string[] | undefined;
  /** The audit entry was written in the operation's own transaction. */
  readonly isAudited?: boolean | undefined;
};

/**
 * One thing a party may ask of the Spine. From this literal come the route, the OpenAPI page, the access decision, the
 * audit class and the metric.
 */
export type Operation = {
  /** `<service>.<verb>`, e.g. `pds.retrieve-patient`. */
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Full path; `:name` marks a parameter. */
  readonly path: string;
  readonly summary: string;
  /** Who may call: access modes with a token, all that `decideAccess` shall judge by, or anybody. */
  readonly access: readonly AccessMode[] | AccessRequirement | 'open';
  /** Whether accesses are recorded, as what. */
  readonly audit: 'read' | 'write' | 'search' | 'none';
  /** Shapes for the OpenAPI page and, where `checks` says so, for validation. */
  readonly input?: { readonly query?: ZodType; readonly headers?: ZodType; readonly body?: ZodType };
  /** Statuses it answers, each with words and shape. */
  readonly answers: Readonly<Record<number, { readonly summary: string; readonly body?: ZodType }>>;
  /** Largest body in bytes, where it differs from the configured one. */
  readonly bodyBytes?: number;
  /** The body is not gathered: the operation reads `call.stream`, and bounds it. */
  readonly streams?: boolean;
  /** Share of a service's traffic in load tests, if any. */
  readonly weight?: number;
  readonly handle: (call: Call) => Promise<Answer>;
};

/** How a family of operations speaks: what every call of it passes through, and how it refuses. */
export type Dialect = {
  /** All paths below this one speak this dialect. */
  readonly base: string;
  /** The checks before an operation, in the contract's order; throws the contract's refusals. No operation: unknown path. */
  admit(call: Call, operation: Operation | undefined): Promise<void>;
  /** Answers a path or method no operation has; after `admit`. */
  unknown(call: Call): Answer | Promise<Answer>;
  /** The published form of: something unforeseen, too busy, body too large, and a request that HTTP itself finds broken. */
  failure(kind: 'unforeseen' | 'busy' | 'too-large' | 'malformed', call: Call | undefined): Answer;
  /** Headers every answer carries, refusals too. */
  headers(call: Call): Record<string, string>;
};

/** A room's contribution to the server. */
export type Service = {
  readonly name: string;
  readonly title: string;
  readonly dialect: Dialect;
  readonly operations: readonly Operation[];
  /** Takes over whatever below the dialect's base no operation has; the body is unread, the address without the base. */
  readonly mount?: Mount;
};

/** A handler of somebody else's making, such as an OpenID provider, that answers by itself. */
export type Mount = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The header's value; the first where it was sent more than once. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The query's pairs in the order sent, decoded; `+` is a blank. */
export function queryPairs(rawQuery: string): [string, string][] {
  return rawQuery === '' ? [] : [...new URLSearchParams(rawQuery)];
}

/** The value of a cookie of the call as it was sent; the first of that name. */
export function cookieOf(call: Call, name: string): string | undefined {
  for (const pair of (header(call, 'cookie') ?? '').split(';')) {
    const mark = pair.indexOf('=');
    if (mark > 0 && pair.slice(0, mark).trim() === name) return pair.slice(mark + 1).trim();
  }
  return undefined;
}
