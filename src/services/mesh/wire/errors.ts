import type { Call } from '../../../platform/http/operation.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { v2Type, versionOf } from './version.ts';

/** An error as published: event, code, words. */
export type MeshError = {
  readonly status: number;
  readonly event: string;
  readonly code: string;
  readonly text: string;
};

const error = (status: number, text: string, event = '', code = ''): MeshError => ({ status, event, code, text });

export const errors = {
  acceptFormat: error(400, 'Accept header api format incorrect'),
  malformed: error(400, 'MalformedControlFile', 'TRANSFER', '06'),
  invalidChecksum: error(400, 'Invalid checksum', 'SEND', 'Invalid checksum'),
  forbidden: error(403, 'Forbidden'),
  notFound: error(404, 'Not Found'),
  noMessage: error(404, 'Message does not exist', 'RECEIVE', '20'),
  gone: error(410, 'Message no longer available for download', 'SEND', 'Message already accepted'),
  chunkBeyondTotal: error(406, 'Invalid chunk values sent in mex-Chunk-Range header', 'SEND', 'InvalidHeaderChunks'),
  tooLarge: error(413, 'Request Entity Too Large'),
  noData: error(417, 'Data file is missing or inaccessible.', 'COLLECT', '02'),
  invalidChunks: error(417, 'Invalid chunk values sent in mex-Chunk-Range header', 'SEND', 'InvalidHeaderChunks'),
  encodingChanged: error(417, 'cannot change content encoding'),
  unsupportedEncoding: error(422, 'Unsupported content encoding', 'SEND', 'UnsupportedContentEncoding'),
  severalMessages: error(300, 'Multiple Choices'),
  badIdempotencyKey: error(400, 'Idempotency-Key: 1 to 200 printable characters', 'SEND', 'InvalidIdempotencyKey'),
  idempotencyKeyReused: error(422, 'Idempotency-Key was used for another message', 'SEND', 'IdempotencyKeyReused'),
  noRoom: error(503, 'There is no room to store the message; send it again later', 'SEND', 'InsufficientStorage'),
  withdrawnCertificate: error(403, 'Client certificate was withdrawn'),
  otherCertificate: error(403, 'Client certificate is not registered for the mailbox'),
  quotaExceeded: error(429, 'Quota exceeded', 'SEND', 'QuotaExceeded'),
  tooManyUploads: error(429, 'Too many uploads at a time; send it again in a moment', 'SEND', 'TooManyUploads'),
  tooManyDownloads: error(
    429,
    'Too many downloads at a time; ask for it again in a moment',
    'RECEIVE',
    'TooManyDownloads',
  ),
  brokenOff: error(400, 'The request body ended before it was complete'),
} as const satisfies Record<string, MeshError>;

/** The body of an error in the form asked for. */
export function errorBody(call: Call, { event, code, text }: Omit<MeshError, 'status'>, messageId?: string): object {
  if (versionOf(call) === 2)
    return { ...(messageId && { message_id: messageId }), detail: [{ event, code, msg: text }] };
  return { ...(messageId && { messageID: messageId }), errorEvent: event, errorCode: code, errorDescription: text };
}

/** The refusal of a call with an error in the form asked for. */
export function refuse(call: Call, what: MeshError, messageId?: string, headers: Record<string, string> = {}): Refusal {
  const { status, code, text } = what;
  const type = versionOf(call) === 2 ? v2Type : 'application/json';
  return new Refusal(status, code || text, errorBody(call, what, messageId), headers, type);
}

/** What is wrong with headers or query parameters; the same in both forms. */
export type Flaw = { readonly type: string; readonly loc: readonly [string, string]; readonly msg: string };

export function refuseFlaws(flaws: readonly Flaw[]): Refusal {
  return new Refusal(400, 'VALIDATION', { detail: flaws });
}

export const missing = (name: string): Flaw => ({ type: 'missing', loc: ['header', name], msg: 'Field required' });

/** What is said where nothing is published for the case. */
export const internalError = { message: 'An internal error occurred.\n\nPlease contact support.' } as const;
