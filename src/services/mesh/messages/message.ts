/** Where a message stands (contract, section 7). */
export type MessageState = 'uploading' | 'accepted' | 'acknowledged' | 'undeliverable' | 'error';

/** A message or report, in the mailbox of its recipient. */
export type Message = {
  /** The recipient's mailbox. */
  readonly mailboxId: string;
  readonly messageId: string;
  readonly state: MessageState;
  readonly messageType: 'DATA' | 'REPORT';
  /** The sender's mailbox; empty for a report. */
  readonly sender: string;
  readonly workflowId: string;
  readonly localId: string;
  readonly partnerId: string;
  readonly fileName: string;
  readonly subject: string;
  readonly checksum: string;
  readonly contentType: string;
  readonly contentEncoding: '' | 'gzip';
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
  readonly totalChunks: number;
  /** Bytes of all chunks as stored; 0 while uploading. */
  readonly fileSize: number;
  /** Microseconds since 1970: when it was sent; when all of it was there. */
  readonly sentOrder: number;
  readonly acceptedOrder: number | undefined;
  /** Milliseconds since 1970, as all that follow. */
  readonly expiresAt: number;
  readonly downloadedAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly isSuccess: boolean;
  readonly statusEvent: string;
  readonly statusCode: string;
  readonly statusDescription: string;
  readonly linkedMessageId: string;
  /** Its sender asked to be told when it is acknowledged (ours). */
  readonly isReceiptWanted: boolean;
  /** The key of its payload, sealed; gone once the payload is. */
  readonly sealedKey: string | undefined;
};

export const dayMillis = 86_400_000;
/** How long a message waits for its recipient, and how long anything is kept. */
export const expiryMillis: number = 5 * dayMillis;
export const retentionMillis: number = 30 * dayMillis;

/** What every message has that nothing was said about. */
export const plainMessage = {
  messageType: 'DATA',
  localId: '',
  partnerId: '',
  subject: '',
  checksum: '',
  contentType: '',
  contentEncoding: '',
  isCompressed: false,
  isEncrypted: false,
  totalChunks: 1,
  fileSize: 0,
  acceptedOrder: undefined,
  downloadedAt: undefined,
  endedAt: undefined,
  isSuccess: true,
  statusEvent: '',
  statusCode: '',
  statusDescription: '',
  linkedMessageId: '',
  isReceiptWanted: false,
  sealedKey: undefined,
} as const;
