import { type Call, header } from '../../../platform/http/operation.ts';
import { readChunkRange } from '../messages/chunk-range.ts';
import { errors, type Flaw, missing, refuse, refuseFlaws } from './errors.ts';
import { readable, readHeaderText } from './header-text.ts';

/** What a sender says of a message in headers, checked (contract, section 5). */
export type SendingHeaders = {
  /** Upper case; a mailbox, or a patient's details where it begins with GPPROVIDER_. */
  readonly to: string;
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
  /** Ours: the sender wants to be told when it is acknowledged. */
  readonly isReceiptWanted: boolean;
};

/** Longest values (contract, data/limits). */
const longest: Readonly<Record<string, number>> = {
  'mex-to': 100,
  'mex-workflowid': 300,
  'mex-chunk-range': 20,
  'mex-subject': 500,
  'mex-localid': 300,
  'mex-partnerid': 500,
  'mex-filename': 300,
  'mex-content-checksum': 100,
  'mex-content-type': 100,
};

const textOf = (call: Call, name: string): string => readHeaderText(header(call, name) ?? '');

const tooLong = (name: string, most: number): Flaw => ({
  type: 'string_too_long',
  loc: ['header', name],
  msg: `String should have at most ${most} characters`,
});

const isForbidden = (text: string) => /\p{Cc}|https?:\/\//iu.test(text);
const isYes = (text: string) => /^(y|true)$/i.test(text);
const isRequested = (text: string) => /^requested$/i.test(text);

/** The content encoding of a request; refuses any but gzip with 422. */
export function encodingOf(call: Call): '' | 'gzip' {
  const encoding = textOf(call, 'content-encoding').toLowerCase();
  if (encoding === '' || encoding === 'identity') return '';
  if (encoding !== 'gzip') throw refuse(call, errors.unsupportedEncoding);
  return 'gzip';
}

/** Reads and checks the headers of a first POST. */
export function readSendingHeaders(call: Call): SendingHeaders {
  const [to, workflowId] = [
    readable(textOf(call, 'mex-to')).trim().toUpperCase(),
    readable(textOf(call, 'mex-workflowid')).trim(),
  ];
  const absent = [to === '' && 'mex-to', workflowId === '' && 'mex-workflowid'].filter((name) => name !== false);
  if (absent.length > 0) throw refuseFlaws(absent.map(missing));
  const flaws = Object.entries(longest).filter(([name, most]) => textOf(call, name).length > most);
  if (flaws.length > 0) throw refuseFlaws(flaws.map(([name, most]) => tooLong(name, most)));
  const checksum = readable(textOf(call, 'mex-content-checksum'));
  if ([to, workflowId, checksum].some(isForbidden)) throw refuse(call, errors.malformed);
  if (!/^[A-Za-z0-9 :\-/]*$/.test(checksum)) throw refuse(call, errors.invalidChecksum);
  const contentEncoding = encodingOf(call);
  const rangeText = textOf(call, 'mex-chunk-range');
  const range = rangeText === '' ? { number: 1, total: 1 } : readChunkRange(rangeText);
  if (range?.number !== 1) throw refuse(call, errors.invalidChunks);
  return {
    to,
    workflowId,
    localId: textOf(call, 'mex-localid'),
    partnerId: textOf(call, 'mex-partnerid'),
    fileName: textOf(call, 'mex-filename'),
    subject: textOf(call, 'mex-subject'),
    checksum,
    contentType: textOf(call, 'mex-content-type') || textOf(call, 'content-type').slice(0, 100),
    contentEncoding,
    isCompressed: isYes(textOf(call, 'mex-content-compressed')) || contentEncoding === 'gzip',
    isEncrypted: isYes(textOf(call, 'mex-content-encrypted')),
    totalChunks: range.total,
    isReceiptWanted: isRequested(textOf(call, 'openspine-delivery-receipt')),
  };
}
