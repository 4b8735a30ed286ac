/** Called wrongly; the message says how. */
export class UsageError extends Error {}

/** It did not work, and trying again will not help; the message says why. */
export class Failure extends Error {}

/** Stopped before the end, with everything kept to go on from there by the same command. */
export class Interrupted extends Error {}

/** The first send was cut off: whether MESH has taken the message is not known, and it was not sent again. */
export class OutcomeUnknown extends Error {
  /** True when MESH's records do not tell either, now or later: a person has to find out. */
  readonly isForPerson: boolean;

  constructor(words: string, isForPerson = false) {
    super(words);
    this.isForPerson = isForPerson;
  }
}

/** The connection did not carry a request and its answer to the end. */
export class ConnectionCut extends Error {
  /** False when it is certain that nothing of the request arrived. */
  readonly mayHaveArrived: boolean;

  constructor(words: string, mayHaveArrived: boolean) {
    super(words);
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** TLS ended it: one side does not believe the other's certificate. Trying again would not help; what is kept stays. */
export class Untrusted extends Error {}

/** What MESH says is wrong, read from either form of its errors. */
export type Complaint = {
  readonly event: string;
  readonly code: string;
  readonly words: string;
  readonly messageId?: string | undefined;
};

const passing = new Set([425, 429, 502, 503, 504]);

/** MESH answered, and refused. */
export class Refusal extends Error {
  readonly status: number;
  readonly complaint: Complaint;
  /** Seconds MESH asks us to wait, when it says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, complaint: Complaint, retryAfter?: number) {
    super(`MESH refused: ${[status, complaint.event, complaint.code, complaint.words].filter(Boolean).join(' ')}`);
    this.status = status;
    this.complaint = complaint;
    this.retryAfter = retryAfter;
  }

  /** True for the statuses after which published clients ask again. */
  get isPassing(): boolean {
    return passing.has(this.status);
  }
}

/** Reads an error body of version 1, version 2, a validation error, or anything else. */
export function complaintIn(body: string): Complaint {
  const said = objectIn(body);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const messageId = text(said.messageID ?? said.message_id) || undefined;
  const details = Array.isArray(said.detail) ? (said.detail as Record<string, unknown>[]) : [];
  const [first] = details;
  if (first === undefined || first === null) {
    const words = text(said.errorDescription) || text(said.message) || body.trim().slice(0, 200);
    return { event: text(said.errorEvent), code: text(said.errorCode), words: onOneLine(words), messageId };
  }
  const words = details.map((one) =>
    Array.isArray(one?.loc) ? `${one.loc.join(' ')}: ${text(one.msg)}` : text(one?.msg),
  );
  return { event: text(first.event), code: text(first.code), words: onOneLine(words.join('; ')), messageId };
}

function objectIn(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

// what a server says goes to a terminal: without control characters
const onOneLine = (words: string): string => words.replace(/[\p{Cc}\s]+/gu, ' ').trim();

/** True for an error of the file system: a full disk, a directory that is not there, a file that may not be read. */
export function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && (path !== undefined || /^(write|fsync|fdatasync|read|open)$/.test(syscall ?? ''));
}
