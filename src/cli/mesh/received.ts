import { join } from 'node:path';
import type { Received } from './fetch.ts';

/** What is kept beside the content of a fetched message: everything MESH said of it, as JSON. */
export function aboutOf({ id, headers, isReport, bytes, sha256 }: Received): string {
  const of = (name: string) => headers[`mex-${name}`];
  const about = {
    messageId: id,
    messageType: isReport ? 'REPORT' : 'DATA',
    from: of('from'),
    to: of('to'),
    workflowId: of('workflowid'),
    localId: of('localid'),
    partnerId: of('partnerid'),
    subject: of('subject'),
    fileName: of('filename'),
    contentType: of('content-type'),
    checksum: of('content-checksum'),
    encrypted: of('content-encrypted'),
    statusSuccess: of('statussuccess'),
    statusEvent: of('statusevent'),
    statusCode: of('statuscode'),
    statusDescription: of('statusdescription'),
    statusTimestamp: of('statustimestamp'),
    linkedMessageId: of('linkedmsgid'),
    bytes,
    sha256,
  };
  return `${JSON.stringify(about, undefined, 2)}\n`;
}

/** One line for a person. What others wrote comes without control characters. */
export function lineOf({ id, headers, isReport, bytes }: Received, directory: string): string {
  const of = (name: string) => (headers[`mex-${name}`] ?? '').replace(/\p{Cc}/gu, ' ');
  if (isReport) {
    const why = [of('statuscode'), of('statusdescription')].filter(Boolean).join(' ');
    return `${id}: report on ${of('linkedmsgid') || of('localid') || 'a message'}: ${why || 'not delivered'}`;
  }
  return `${join(directory, `${id}.dat`)}: ${bytes} bytes from ${of('from')}, ${of('workflowid')}`;
}
