import type { Answer, Call, Operation } from '../../../platform/http/operation.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { addressOf, messageIn } from '../messages/find.ts';
import { expiryMillis, type Message } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import { selectByLocalId } from '../messages/queries-lists.ts';
import { stateAt } from '../messages/states.ts';
import { errors, missing, refuse, refuseFlaws } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { keptForms, readable, readableTexts } from './header-text.ts';
import { queryOf } from './links.ts';
import { compactTime, isoTime } from './timestamps.ts';
import { v2Type, versionOf } from './version.ts';

/** What has become of a message, for its sender: by its id, or by the sender's own (deprecated). */
export function trackingOperations(parts: MessageParts): Operation[] {
  const shared = { method: 'GET', access: 'open', audit: 'none' } as const;
  const path = `${mailboxPath}/outbox/tracking`;
  return [
    {
      ...shared,
      name: 'mesh.tracking',
      path,
      summary: 'What has become of a message, by its id',
      answers: { 200: { summary: 'Its tracking record' } },
      handle: (call) => trackById(parts, call),
    },
    {
      ...shared,
      name: 'mesh.tracking-by-local-id',
      path: `${path}/:local`,
      summary: "What has become of a message, by the sender's own id (deprecated)",
      answers: { 200: { summary: 'Its tracking record' }, 300: { summary: 'There are several' } },
      handle: (call) => trackByLocalId(parts, call),
    },
  ];
}

async function trackById(parts: MessageParts, call: Call): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const query = queryOf(call);
  const messageId = query.get('messageID') ?? query.get('message_id') ?? '';
  if (messageId === '') throw refuseFlaws([{ ...missing('messageID'), loc: ['query', 'messageID'] }]);
  // no id has one, and PostgreSQL would not take it
  const address = messageId.includes('\u0000') ? undefined : await addressOf(parts.db, messageId);
  if (address?.sender !== mailboxId) throw refuse(call, errors.notFound);
  const message = await messageIn(parts.db, address.recipient, messageId);
  if (!message) throw refuse(call, errors.notFound);
  if (versionOf(call) === 1) return { status: 200, body: trackingV1(parts.directory, message, call.now) };
  return { status: 200, contentType: v2Type, body: trackingV2(parts.directory, message, call.now) };
}

async function trackByLocalId(parts: MessageParts, call: Call): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const localId = (call.params.local as string).replaceAll('\u0000', '');
  const find = (id: string) =>
    parts.db.query<{ message_id: string; recipient: string }>(selectByLocalId(mailboxId, id, 2));
  const rows = (await Promise.all(keptForms(localId).map(find))).flat();
  const [row] = rows;
  if (rows.length > 1) throw refuse(call, errors.severalMessages);
  const message = row && (await messageIn(parts.db, row.recipient, row.message_id));
  if (!message) throw refuse(call, errors.notFound);
  return { status: 200, body: trackingV1(parts.directory, message, call.now) };
}

function trackingV1(directory: Directory, message: Message, now: number): object {
  const state = stateAt(message, now);
  const [sender, recipient] = [directory.find(message.sender), directory.find(message.mailboxId)];
  const { fileName, localId, partnerId, subject } = readableTexts(message);
  const yes = (is: boolean) => (is ? 'Y' : '');
  return {
    addressType: 'ALL',
    checksum: message.checksum,
    chunkCount: message.totalChunks,
    compressFlag: yes(message.isCompressed),
    contentEncoding: message.contentEncoding,
    downloadTimestamp: message.downloadedAt === undefined ? '' : compactTime(message.downloadedAt * 1000),
    dtsId: message.messageId,
    encryptedFlag: yes(message.isEncrypted),
    expiryTime: compactTime(message.sentOrder + expiryMillis * 1000),
    fileName,
    fileSize: message.fileSize,
    isCompressed: yes(message.isCompressed),
    localId,
    meshRecipientOdsCode: recipient?.odsCode ?? '',
    messageId: message.messageId,
    messageType: message.messageType === 'DATA' ? 'Data' : 'Report',
    partnerId,
    recipient: message.mailboxId,
    recipientName: recipient?.name ?? '',
    recipientOrgCode: recipient?.orgCode ?? '',
    recipientOrgName: recipient?.orgName ?? '',
    recipientSmtp: '',
    sender: message.sender,
    senderName: sender?.name ?? '',
    senderOdsCode: sender?.odsCode ?? '',
    senderOrgCode: sender?.orgCode ?? '',
    senderOrgName: sender?.orgName ?? '',
    senderSmtp: '',
    status: `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`,
    statusSuccess: message.isSuccess ? 'SUCCESS' : 'ERROR',
    subject,
    uploadTimestamp: compactTime(message.sentOrder),
    version: '1.0',
    workflowId: message.workflowId,
    ...(message.isSuccess
      ? {}
      : {
          statusEvent: message.statusEvent,
          statusCode: message.statusCode,
          statusDescription: message.statusDescription,
          statusTimestamp: compactTime((message.endedAt ?? message.sentOrder / 1000) * 1000),
          failureDate: message.endedAt === undefined ? '' : compactTime(message.endedAt * 1000),
          linkedMsgId: message.linkedMessageId,
        }),
  };
}

function trackingV2(directory: Directory, message: Message, now: number): object {
  const recipient = directory.find(message.mailboxId);
  return {
    message_id: message.messageId,
    local_id: readable(message.localId),
    workflow_id: message.workflowId,
    filename: readable(message.fileName),
    expiry_time: isoTime(message.sentOrder + expiryMillis * 1000),
    upload_timestamp: isoTime(message.sentOrder),
    recipient: message.mailboxId,
    recipient_name: recipient?.name ?? '',
    recipient_ods_code: recipient?.odsCode ?? '',
    recipient_org_code: recipient?.orgCode ?? '',
    recipient_org_name: recipient?.orgName ?? '',
    status_success: message.isSuccess,
    status: stateAt(message, now),
    ...(message.isSuccess
      ? {}
      : {
          status_event: message.statusEvent,
          status_timestamp: isoTime((message.endedAt ?? message.sentOrder / 1000) * 1000),
          status_description: message.statusDescription,
          status_code: message.statusCode,
        }),
  };
}
