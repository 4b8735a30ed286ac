/**
 * A request refused with a published error: its status, its code (for audit and metrics), its body exactly as it
 * goes on the wire. Thrown by rules and verbs, answered by the operation that was called.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Undefined: an empty answer. */
  readonly body: object | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;

  constructor(
    status: number,
    code: string,
    body: object | undefined,
    headers: Record<string, string> = {},
    contentType = 'application/json',
  ) {
    super(code);
    this.contentType = contentType;
    this.status = status;
    this.code = code;
    this.body = body;
    this.headers = headers;
  }
}
