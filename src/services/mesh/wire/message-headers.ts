import type { Message } from '../messages/message.ts';
import { headerText } from './header-text.ts';
import { compactTime, lastModified } from './timestamps.ts';

/** Headers that describe a message or one of its chunks; only those with a value (contract, section 6). */
export function messageHeaders(message: Message, chunkNo: number): Record<string, string> {
  const isReport = message.messageType === 'REPORT';
  const all: Record<string, string> = {
    'mex-from': message.sender,
    'mex-to': message.mailboxId,
    'mex-workflowid': message.workflowId,
    'mex-chunk-range': `${chunkNo}:${message.totalChunks}`,
    'mex-total-chunks': String(message.totalChunks),
    'mex-addresstype': 'ALL',
    'mex-localid': message.localId,
    'mex-partnerid': message.partnerId,
    'mex-filename': message.fileName,
    'mex-subject': message.subject,
    'mex-version': '1.0',
    'mex-messagetype': message.messageType,
    'mex-messageid': message.messageId,
    'mex-linkedmsgid': message.linkedMessageId,
    'mex-statuscode': isReport ? message.statusCode : '00',
    'mex-statusevent': isReport ? message.statusEvent : 'TRANSFER',
    'mex-statusdescription': isReport ? message.statusDescription : 'Transferred to recipient mailbox',
    'mex-statussuccess': isReport && !message.isSuccess ? 'ERROR' : 'SUCCESS',
    'mex-statustimestamp': compactTime(message.acceptedOrder ?? message.sentOrder),
    'mex-content-compressed': message.isCompressed ? 'Y' : '',
    'mex-content-encrypted': message.isEncrypted ? 'Y' : '',
    'mex-content-checksum': message.checksum,
    'mex-content-type': message.contentType,
    'last-modified': lastModified(message.acceptedOrder ?? message.sentOrder),
  };
  const given = Object.entries(all).filter(([, value]) => value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, headerText(value)]));
}
