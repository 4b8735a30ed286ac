import { isTransient } from '../../../platform/db/database.ts';
import { type Answer, type Call, header, type Operation } from '../../../platform/http/operation.ts';
import { noteOf } from '../../../platform/http/server.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import type { EntryOutcome } from '../messages/entry.ts';
import { takeFailed } from '../messages/fail-message.ts';
import { idempotencyKey, isKeyTaken, isSameAgain, sentWith } from '../messages/idempotency.ts';
import { expiryMillis, type Message, plainMessage } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import type { IdempotencyKey, StoredChunk } from '../messages/queries.ts';
import { readPayload } from '../messages/read-payload.ts';
import { type Failing, reportOf, unregisteredTo, unregisteredWorkflow } from '../messages/report.ts';
import type { Outgate } from '../messages/send.ts';
import { PayloadTooLarge, secretOf } from '../payloads/payloads.ts';
import { type ChunkSecret, NoRoom } from '../payloads/store.ts';
import { routingFailures } from '../routing/judge-patient-address.ts';
import { unroutedRecipient } from '../routing/patient-address.ts';
import { routeByPatient } from '../routing/route-by-patient.ts';
import { errors, refuse } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { readSendingHeaders, type SendingHeaders } from './sending-headers.ts';
import { versionOf } from './version.ts';

/** Most bytes of a request. */
const requestBytes = 100 * 2 ** 20;

const operation = { name: 'mesh.send' } as const;

/** Sends a message, or the first of its chunks. */
export function sendOperation(parts: MessageParts, outgate: Outgate): Operation {
  return {
    ...operation,
    method: 'POST',
    path: `${mailboxPath}/outbox`,
    summary: 'Send a message, or its first chunk',
    access: 'open',
    audit: 'write',
    streams: true,
    answers: { 202: { summary: 'Taken; the id' }, 417: { summary: 'Not to be delivered' } },
    async handle(call) {
      const sender = mailboxOf(parts.directory, call);
      const said = readSendingHeaders(call);
      const key = keyOf(call, said);
      const before = key && (await sentBefore(parts, call, sender, key));
      if (before !== undefined) return repeated(parts, call, before);
      const { headers, failing: unrouted } = await addressed(parts, call, said);
      const failing = unrouted ? undefined : whyNot(parts, sender, headers);
      if (failing) throw await refuseSending(parts, outgate, call, sender, headers, failing);
      await withinQuota(parts, call, sender, headers.to, 1);
      const { messageId, order } = parts.ids.next();
      call.purpose = `message ${messageId}`;
      const secret = parts.payloads.newKey(messageId);
      const chunk = await receiveChunk(parts, call, secretOf(secret.key, messageId, 1), 1);
      const isWhole = headers.totalChunks === 1;
      const message: Message = {
        ...messageFrom(sender, headers, { messageId, order }),
        state: isWhole ? 'accepted' : 'uploading',
        acceptedOrder: isWhole ? order : undefined,
        fileSize: isWhole ? chunk.length : 0,
        sealedKey: secret.sealedKey,
      };
      const notes = [noteOf(call, operation, call.subject, 'allowed', 202)];
      const outcome = unrouted ? { failing: unrouted } : await entryOf(parts, message, chunk);
      try {
        if ('failing' in outcome) {
          await takeFailed(parts, outgate, message, outcome.failing, notes, key);
          if (chunk.reference !== undefined) await parts.payloads.remove([chunk.reference]);
        } else {
          const counted = parts.quotas.counted(sender, { messages: 1, bytes: chunk.length }, call.now);
          const { statements, events } = outcome;
          const alongside = [...statements, ...counted];
          await outgate.send({ message, chunk, notes, alongside, events, idempotencyKey: key });
        }
      } catch (error) {
        try {
          // the same was sent at the same time, and came first
          const first = key && isKeyTaken(error) ? await sentBefore(parts, call, sender, key) : undefined;
          if (first === undefined) throw error;
          if (await isSameAgain(parts, first, readPayload(parts, message, chunk))) return taken(call, first);
          throw refuse(call, errors.idempotencyKeyReused);
        } finally {
          // after a lost connection it may be there all the same: what is not is removed by the reconciler
          if (chunk.reference !== undefined && !isTransient(error)) await parts.payloads.remove([chunk.reference]);
        }
      }
      return { ...taken(call, messageId), isAudited: true };
    },
  };
}

function taken(call: Call, messageId: string): Answer {
  call.purpose = `message ${messageId}`;
  return { status: 202, body: versionOf(call) === 2 ? { message_id: messageId } : { messageID: messageId } };
}

/** The answer of the first time, for the same content only: a key used again by mistake must not swallow a message. */
async function repeated(parts: MessageParts, call: Call, messageId: string): Promise<Answer> {
  const again = call.stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  const isSame = await isSameAgain(parts, messageId, again).catch((error) => {
    throw isBrokenOff(call) ? refuse(call, errors.brokenOff) : error;
  });
  // the rest is read and dropped, so that the client gets to read why
  call.stream.resume();
  if (!isSame) throw refuse(call, errors.idempotencyKeyReused);
  return taken(call, messageId);
}

const isBrokenOff = ({ raw }: Call): boolean => raw.request.destroyed && !raw.request.complete;

/** Refuses, before its body is read, what goes beyond the quota of the sender or of the recipient (ours). */
export async function withinQuota(
  { quotas, directory }: MessageParts,
  call: Call,
  sender: Mailbox,
  to: string,
  messages: number,
): Promise<void> {
  const bytes = Number(header(call, 'content-length') ?? 0);
  const full = await quotas.refuses(sender, directory.find(to), { messages, bytes }, call.now);
  if (!full) return;
  const { text, retrySeconds } = full;
  throw refuse(call, { ...errors.quotaExceeded, text }, undefined, { 'retry-after': String(retrySeconds) });
}

/** The idempotency key, where the sender gives one (ours): with it a sending may be repeated until it is answered. */
function keyOf(call: Call, said: SendingHeaders): IdempotencyKey | undefined {
  const text = header(call, 'idempotency-key');
  if (text === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(text)) throw refuse(call, errors.badIdempotencyKey);
  return idempotencyKey(text, { ...said, length: header(call, 'content-length') });
}

async function sentBefore(parts: MessageParts, call: Call, sender: Mailbox, key: IdempotencyKey) {
  const before = await sentWith(parts.db, sender.mailboxId, key);
  if (before === 'other') throw refuse(call, errors.idempotencyKeyReused);
  return before;
}

/** Where it goes: a patient's details give way to the mailbox of the practice (contract, section 8), or to nothing of them. */
async function addressed(
  { routing }: MessageParts,
  call: Call,
  headers: SendingHeaders,
): Promise<{ headers: SendingHeaders; failing?: Failing }> {
  const route = await routeByPatient(routing, headers.to, headers.workflowId, dayOf(call.now));
  if (!route) return { headers };
  call.subject = route.nhsNumber;
  if ('mailboxId' in route) return { headers: { ...headers, to: route.mailboxId } };
  const failing = { event: 'SEND', code: route.failure, text: routingFailures[route.failure] };
  return { headers: { ...headers, to: unroutedRecipient }, failing };
}

/** What its content has to do with it, where its workflow asks for that and all of it is there. */
async function entryOf(parts: MessageParts, message: Message, chunk: StoredChunk): Promise<EntryOutcome> {
  if (message.state !== 'accepted' || !parts.entry.concerns(message.workflowId)) return { statements: [], events: [] };
  return parts.entry.check(message, readPayload(parts, message, chunk), Math.floor(message.sentOrder / 1000));
}

function messageFrom(sender: Mailbox, headers: SendingHeaders, stamp: { messageId: string; order: number }): Message {
  const { to, fileName, totalChunks, ...said } = headers;
  return {
    ...plainMessage,
    ...said,
    state: 'uploading',
    mailboxId: to,
    sender: sender.mailboxId,
    messageId: stamp.messageId,
    fileName: fileName || `${stamp.messageId}.dat`,
    totalChunks,
    sentOrder: stamp.order,
    expiresAt: Math.floor(stamp.order / 1000) + expiryMillis,
  };
}

/** Why a message cannot be delivered; undefined where it can. */
function whyNot({ directory }: MessageParts, sender: Mailbox, { to, workflowId }: SendingHeaders): Failing | undefined {
  if (directory.find(to)?.isActive !== true) return unregisteredTo;
  if (!directory.switches.enforcesWorkflows) return undefined;
  const workflow = directory.workflow(workflowId);
  const isRegistered = workflow?.senders.includes(sender.mailboxId) && workflow.receivers.includes(to);
  return isRegistered ? undefined : unregisteredWorkflow;
}

/** Refuses; as the live service does, where that is switched on: the refused message has an id, its sender a report. */
async function refuseSending(
  parts: MessageParts,
  outgate: Outgate,
  call: Call,
  sender: Mailbox,
  headers: SendingHeaders,
  failing: Failing,
) {
  if (!parts.directory.switches.hasLiveReports) return refuse(call, { status: 417, ...failing });
  const stamp = parts.ids.next();
  const { event, code, text } = failing;
  const refused: Message = {
    ...messageFrom(sender, headers, stamp),
    state: 'error',
    endedAt: Math.floor(stamp.order / 1000),
    isSuccess: false,
    statusEvent: event,
    statusCode: code,
    statusDescription: text,
  };
  call.purpose = `message ${stamp.messageId}`;
  await outgate.send(
    { message: refused, chunk: undefined, notes: [] },
    { message: reportOf(refused, failing, parts.ids.next()), chunk: undefined, notes: [] },
  );
  return refuse(call, { status: 417, ...failing }, stamp.messageId);
}

/** Takes in the body of a request as a chunk; refuses one that is empty, too large or broken off. */
export async function receiveChunk(
  { payloads }: MessageParts,
  call: Call,
  secret: ChunkSecret,
  number: number,
): Promise<StoredChunk> {
  const tooLarge = () => refuse(call, errors.tooLarge, undefined, { connection: 'close' });
  if (Number(header(call, 'content-length') ?? 0) > requestBytes) throw tooLarge();
  let chunk: StoredChunk | undefined;
  try {
    chunk = await payloads.receiveBody(call.stream, requestBytes, secret, number);
  } catch (error) {
    // the rest is read and dropped, so that the client gets to read why
    call.stream.resume();
    if (error instanceof PayloadTooLarge) throw tooLarge();
    if (error instanceof NoRoom) throw refuse(call, errors.noRoom, undefined, { 'retry-after': '60' });
    if (isBrokenOff(call)) throw refuse(call, errors.brokenOff);
    throw error;
  }
  if (!chunk) throw refuse(call, errors.noData);
  return chunk;
}
