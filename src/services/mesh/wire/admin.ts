import { z } from 'zod';
import { isStorable } from '../../../platform/db/is-storable.ts';
import type { Answer, Call, Operation } from '../../../platform/http/operation.ts';
import { addressOf, messageIn } from '../messages/find.ts';
import { expiryMillis, type Message } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import { emptyInbox, forceState } from '../messages/queries-sandbox.ts';
import { reportOf } from '../messages/report.ts';
import type { Outgate } from '../messages/send.ts';
import { stateAt } from '../messages/states.ts';
import { deleteMail } from '../sandbox-load.ts';
import { errors, refuse, refuseFlaws } from './errors.ts';
import { readableTexts } from './header-text.ts';
import { isoTime } from './timestamps.ts';

const words = z.string().max(1000).default('');
const reportRequest = z.object({
  mailbox_id: z.string(),
  code: words,
  event: z.string().default('SEND'),
  description: words,
  workflow_id: words,
  subject: words,
  local_id: words,
  status: words,
  file_name: words,
  linked_message_id: words,
});
const eventRequest = z.object({
  status: z.string(),
  code: words,
  event: words,
  description: words,
});
const states = ['uploading', 'accepted', 'acknowledged', 'undeliverable', 'error'];

/** Calls for tests, below `base`; none of them exists in production. */
export function adminOperations(parts: MessageParts, outgate: Outgate, base: string): Operation[] {
  const tag = base.replaceAll('/', '-');
  const operation = (
    name: string,
    method: Operation['method'],
    path: string,
    summary: string,
    handle: (call: Call) => Promise<Answer>,
  ): Operation => ({
    name: `mesh.admin-${name}${tag}`,
    method,
    path: `${base}${path}`,
    summary: `(sandbox) ${summary}`,
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Done' } },
    handle,
  });
  return [
    operation('reset', 'DELETE', '/reset', 'Delete every message', async () => {
      const references = await parts.db.transaction(deleteMail);
      await parts.payloads.remove(references);
      return { status: 200, body: { message: 'all mailboxes reset' } };
    }),
    operation('reset-mailbox', 'DELETE', '/reset/:box', 'Empty an inbox', async (call) => {
      const mailbox = parts.directory.find((call.params.box as string).toUpperCase());
      if (!mailbox) throw refuse(call, errors.notFound);
      await parts.db.query(emptyInbox(mailbox.mailboxId));
      return { status: 200, body: { message: `mailbox ${call.params.box} reset` } };
    }),
    operation('report', 'POST', '/report', 'Put a report into a mailbox', (call) => putReport(parts, outgate, call)),
    operation('event', 'POST', '/message/:message/event', 'Put a message into a state', async (call) => {
      const { status, ...rest } = read(eventRequest, call);
      const message = await messageAsked(parts, call);
      if (!states.includes(status.toLowerCase()))
        throw refuse(call, { ...errors.malformed, text: `status: ${status}` });
      const to = { ...rest, state: status.toLowerCase() };
      await parts.db.query(forceState(message.mailboxId, message.messageId, to, call.now));
      return { status: 200 };
    }),
    operation('message', 'GET', '/message/:message', 'Look at a message', async (call) => ({
      status: 200,
      body: messageView(parts, await messageAsked(parts, call), call.now),
    })),
    operation('mailbox', 'GET', '/mailbox/:box', 'Look at a mailbox', async (call) => {
      const mailbox = parts.directory.find((call.params.box as string).toUpperCase());
      if (!mailbox) throw refuse(call, errors.notFound);
      const { mailboxId, name, billingEntity, odsCode, orgCode, orgName, isActive } = mailbox;
      return {
        status: 200,
        body: {
          mailbox_id: mailboxId,
          mailbox_name: name,
          billing_entity: billingEntity,
          ods_code: odsCode,
          org_code: orgCode,
          org_name: orgName,
          active: isActive,
        },
      };
    }),
  ];
}

async function putReport(parts: MessageParts, outgate: Outgate, call: Call): Promise<Answer> {
  const wanted = read(reportRequest, call);
  const mailbox = parts.directory.find(wanted.mailbox_id.toUpperCase());
  if (!mailbox) throw refuse(call, errors.notFound);
  const failed = {
    messageId: wanted.linked_message_id,
    sender: mailbox.mailboxId,
    workflowId: wanted.workflow_id,
    localId: wanted.local_id,
    partnerId: '',
    subject: wanted.subject,
    fileName: wanted.file_name,
  };
  const failing = { event: wanted.event, code: wanted.code, text: wanted.description };
  const message = reportOf(failed, failing, parts.ids.next());
  await outgate.send({ message, chunk: undefined, notes: [] });
  return { status: 200, body: { message_id: message.messageId } };
}

async function messageAsked(parts: MessageParts, call: Call): Promise<Message> {
  const messageId = call.params.message as string;
  const address = await addressOf(parts.db, messageId);
  const message = address && (await messageIn(parts.db, address.recipient, messageId));
  if (!message) throw refuse(call, errors.notFound);
  return message;
}

function messageView({ directory }: MessageParts, message: Message, now: number): object {
  const [sender, recipient] = [directory.find(message.sender), directory.find(message.mailboxId)];
  const { fileName, localId, subject } = readableTexts(message);
  const state = stateAt(message, now);
  const title = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1).toLowerCase()}`;
  return {
    checksum: message.checksum,
    chunk_count: message.totalChunks,
    content_encoding: message.contentEncoding,
    expiry_time: isoTime(message.sentOrder + expiryMillis * 1000),
    filename: fileName,
    file_size: message.fileSize,
    is_compressed: message.isCompressed,
    is_encrypted: message.isEncrypted,
    local_id: localId,
    message_id: message.messageId,
    message_type: title(message.messageType),
    recipient: message.mailboxId,
    recipient_name: recipient?.name ?? '',
    recipient_ods_code: recipient?.odsCode ?? '',
    recipient_org_code: recipient?.orgCode ?? '',
    recipient_org_name: recipient?.orgName ?? '',
    sender: message.sender,
    sender_name: sender?.name ?? '',
    sender_ods_code: sender?.odsCode ?? '',
    sender_org_code: sender?.orgCode ?? '',
    sender_org_name: sender?.orgName ?? '',
    status: title(state),
    status_success: message.isSuccess ? 'SUCCESS' : 'ERROR',
    subject,
    upload_timestamp: isoTime(message.sentOrder),
    workflow_id: message.workflowId,
  };
}

function read<Shape extends z.ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  let body: unknown;
  try {
    body = JSON.parse(call.body.toString('utf8'));
  } catch {
    throw refuseFlaws([{ type: 'json_invalid', loc: ['body', ''], msg: 'JSON decode error' }]);
  }
  const parsed = shape.safeParse(body);
  if (parsed.success && isStorable(parsed.data)) return parsed.data;
  const issue = parsed.error?.issues[0];
  throw refuseFlaws([
    { type: 'value_error', loc: ['body', issue?.path.join('.') ?? ''], msg: issue?.message ?? 'Not storable' },
  ]);
}
