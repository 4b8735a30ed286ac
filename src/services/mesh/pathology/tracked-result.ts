import type { Interchange } from './interchange.ts';
import type { InterchangeOutcome } from './nhsack.ts';

/** One report of an interchange, as a worklist shows it. */
export type TrackedReport = {
  readonly reference: string;
  readonly reportId: string;
  readonly nhsNumber: string;
  readonly organisation: string;
  readonly clinician: string;
  readonly clinicianName: string;
  readonly isAbnormal: boolean;
};

export type Side = 'sender' | 'recipient';

/**
 * What makes a result appear before its time: its message ended without being collected; it is addressed to another
 * organisation's mailbox; its segments are counted wrong.
 */
export type Concern = '' | 'undelivered' | 'addressed-elsewhere' | 'doubtful';

/** An interchange of results as one of its parties follows it. Times in milliseconds. */
export type TrackedResult = {
  readonly mailboxId: string;
  readonly messageId: string;
  readonly side: Side;
  readonly otherMailbox: string;
  readonly workflowId: string;
  readonly controlReference: string;
  /** `id:qualifier` of UNB. */
  readonly ediSender: string;
  readonly ediRecipient: string;
  readonly isAcknowledgmentAsked: boolean;
  readonly concern: Concern;
  readonly reports: readonly TrackedReport[];
  readonly sentAt: number;
  /** From when on it is on the worklist while open. */
  readonly dueAt: number;
  /** The recipient acknowledged the message in MESH. */
  readonly collectedAt: number | undefined;
  /** An NHSACK came. */
  readonly answeredAt: number | undefined;
  readonly outcome: '' | InterchangeOutcome;
  readonly rejected: readonly string[];
  readonly isOpen: boolean;
};

/** Why a result is on a worklist, the gravest first. */
export type WorklistReason =
  | 'rejected'
  | 'partly-rejected'
  | 'undelivered'
  | 'not-collected'
  | 'not-acknowledged'
  | 'addressed-elsewhere'
  | 'doubtful';

/** The two rows of an interchange that was accepted at `now`. Without concern it is due after `dueMillis`. */
export function trackedFrom(
  interchange: Interchange,
  message: {
    readonly messageId: string;
    readonly mailboxId: string;
    readonly sender: string;
    readonly workflowId: string;
    /** ODS codes that the recipient's mailbox is of. */
    readonly odsCodes: readonly string[];
  },
  now: number,
  dueMillis: number,
): [TrackedResult, TrackedResult] {
  const concern = concernOf(interchange, message.odsCodes);
  const both = {
    messageId: message.messageId,
    workflowId: message.workflowId,
    controlReference: interchange.controlReference,
    ediSender: ediAddress(interchange.sender),
    ediRecipient: ediAddress(interchange.recipient),
    isAcknowledgmentAsked: interchange.isAcknowledgmentAsked,
    concern,
    reports: interchange.messages.map(({ reference, report }) => ({ reference, ...report })),
    sentAt: now,
    dueAt: concern === '' ? now + dueMillis : now,
    collectedAt: undefined,
    answeredAt: undefined,
    outcome: '',
    rejected: [],
    isOpen: true,
  } as const;
  return [
    { ...both, mailboxId: message.mailboxId, side: 'recipient', otherMailbox: message.sender },
    { ...both, mailboxId: message.sender, side: 'sender', otherMailbox: message.mailboxId },
  ];
}

/** `id:qualifier`, as acknowledgments are matched by it. */
export const ediAddress = ({ id, qualifier }: { readonly id: string; readonly qualifier: string }): string =>
  `${id}:${qualifier}`;

function concernOf({ messages, doubts }: Interchange, odsCodes: readonly string[]): Concern {
  const named = messages.map(({ report }) => report.organisation).filter((code) => code !== '');
  if (odsCodes.length > 0 && named.some((code) => !odsCodes.includes(code))) return 'addressed-elsewhere';
  return doubts.length > 0 ? 'doubtful' : '';
}

/** What an NHSACK makes of it: accepted in full, it is settled; otherwise it is due at once. */
export function afterAnswer(outcome: InterchangeOutcome): { readonly isOpen: boolean; readonly isDueNow: boolean } {
  return outcome === 'IAF' ? { isOpen: false, isDueNow: false } : { isOpen: true, isDueNow: true };
}

/** Why an open result that is due stands on the worklist. */
export function reasonOf(result: TrackedResult): WorklistReason {
  if (result.outcome === 'IAP') return 'partly-rejected';
  if (result.outcome !== '' && result.outcome !== 'IAF') return 'rejected';
  if (result.concern !== '') return result.concern;
  return result.collectedAt === undefined ? 'not-collected' : 'not-acknowledged';
}
