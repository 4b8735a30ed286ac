import { UsageError } from './trouble.ts';

/** What is said of a message besides its content. */
export type Envelope = {
  readonly to: string;
  readonly workflowId: string;
  readonly localId: string;
  readonly fileName: string;
  readonly subject?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly checksum?: string | undefined;
  readonly contentType?: string | undefined;
  readonly isEncrypted?: boolean | undefined;
  /** The content was compressed by whoever made it. */
  readonly isCompressed?: boolean | undefined;
};

/** Header of each member, and the most characters MESH takes in it (published limits). */
const fields: readonly (readonly [keyof Envelope, string, number])[] = [
  ['to', 'mex-to', 100],
  ['workflowId', 'mex-workflowid', 300],
  ['localId', 'mex-localid', 300],
  ['fileName', 'mex-filename', 300],
  ['subject', 'mex-subject', 500],
  ['partnerId', 'mex-partnerid', 500],
  ['checksum', 'mex-content-checksum', 100],
  ['contentType', 'mex-content-type', 100],
];

/**
 * The headers that carry an envelope. Throws UsageError, naming the header, for what cannot travel: a missing recipient
 * or workflow, control characters, characters beyond Latin-1, too many characters.
 */
export function headersOf(envelope: Envelope): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, header, most] of fields) {
    const value = envelope[name];
    if (value === undefined || value === '') {
      if (name === 'to' || name === 'workflowId') throw new UsageError(`${header} is missing.`);
      continue;
    }
    const text = String(value);
    if (/[\p{Cc}]/u.test(text)) throw new UsageError(`${header} holds a control character.`);
    if (/[^\u0020-\u00ff]/.test(text)) throw new UsageError(`${header} holds a character that no header can carry.`);
    if (text.length > most) throw new UsageError(`${header} has more than ${most} characters.`);
    headers[header] = text;
  }
  if (envelope.checksum && !/^[A-Za-z0-9 :/-]+$/.test(envelope.checksum))
    throw new UsageError('mex-content-checksum may hold letters, digits, blanks and : - / only.');
  if (envelope.isEncrypted !== undefined) headers['mex-content-encrypted'] = envelope.isEncrypted ? 'Y' : 'N';
  if (envelope.isCompressed) headers['mex-content-compressed'] = 'Y';
  return headers;
}

/** A file name that a header can carry: what cannot travel is replaced. */
export const travelling = (name: string): string => name.replace(/[^\u0020-\u007e\u00a0-\u00ff]/g, '_').slice(-300);
