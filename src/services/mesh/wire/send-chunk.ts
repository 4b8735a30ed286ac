import { type Answer, type Call, header, type Operation } from '../../../platform/http/operation.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { addChunk } from '../messages/add-chunk.ts';
import { readChunkRange } from '../messages/chunk-range.ts';
import { addressOf, messageIn } from '../messages/find.ts';
import type { Message } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import { secretOf } from '../payloads/payloads.ts';
import { unroutedRecipient } from '../routing/patient-address.ts';
import { errors, internalError, refuse } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { receiveChunk, withinQuota } from './send.ts';
import { encodingOf } from './sending-headers.ts';
import { versionOf } from './version.ts';

/** No chunk may be changed once the message was accepted. */
const refuseLocked = () => new Refusal(423, 'LOCKED', internalError);

/** Sends a further chunk of a message that is being uploaded; in any order, and again when need be. */
export function sendChunkOperation(parts: MessageParts): Operation {
  return {
    name: 'mesh.send-chunk',
    method: 'POST',
    path: `${mailboxPath}/outbox/:message/:chunk`,
    summary: 'Send a further chunk',
    access: 'open',
    audit: 'write',
    streams: true,
    answers: { 202: { summary: 'Taken' }, 423: { summary: 'The message was accepted already' } },
    async handle(call) {
      const sender = mailboxOf(parts.directory, call);
      const messageId = call.params.message as string;
      call.purpose = `message ${messageId}`;
      const address = await addressOf(parts.db, messageId);
      if (!address) throw refuse(call, errors.notFound);
      if (address.sender !== sender.mailboxId) throw refuse(call, errors.forbidden);
      const range = readChunkRange(header(call, 'mex-chunk-range') ?? '');
      if (range === undefined || String(range.number) !== call.params.chunk)
        throw refuse(call, errors.invalidChunks, messageId);
      const message = await messageIn(parts.db, address.recipient, messageId);
      if (!message) throw refuse(call, errors.notFound);
      if (isForNobody(message, range.number)) {
        await dropChunk(parts, call, messageId, range.number);
        return taken(call, messageId, range.number);
      }
      if (message.state !== 'uploading' || message.sealedKey === undefined) throw refuseLocked();
      if (range.number > message.totalChunks) throw refuse(call, errors.chunkBeyondTotal, messageId);
      const isUnsaid = header(call, 'content-encoding') === undefined && message.contentEncoding === 'gzip';
      if (!isUnsaid && encodingOf(call) !== message.contentEncoding)
        throw refuse(call, errors.encodingChanged, messageId);
      await withinQuota(parts, call, sender, message.mailboxId, 0);
      const key = parts.payloads.openKey(messageId, message.sealedKey);
      const chunk = await receiveChunk(parts, call, secretOf(key, messageId, range.number), range.number);
      // the published example leaves the header out of further chunks, which are gzip all the same
      if (isUnsaid && !chunk.isGzip) {
        if (chunk.reference !== undefined) await parts.payloads.remove([chunk.reference]);
        throw refuse(call, errors.encodingChanged, messageId);
      }
      const counted = parts.quotas.counted(sender, { messages: 0, bytes: chunk.length }, call.now);
      const isWritten = await addChunk(parts, message, chunk, counted);
      if (!isWritten) {
        if (chunk.reference !== undefined) await parts.payloads.remove([chunk.reference]);
        throw refuseLocked();
      }
      return taken(call, messageId, range.number);
    },
  };
}

const taken = (call: Call, messageId: string, number: number): Answer =>
  versionOf(call) === 2
    ? { status: 202, body: 'null' }
    : { status: 202, body: { messageID: messageId, blockID: number } };

/** A message by patient that found no practice: its report is sent already, and the sender's upload still runs. */
const isForNobody = ({ mailboxId, state, totalChunks }: Message, number: number): boolean =>
  mailboxId === unroutedRecipient && state === 'error' && number <= totalChunks;

/** Takes in a chunk as any other, and keeps nothing of it. */
async function dropChunk(parts: MessageParts, call: Call, messageId: string, number: number): Promise<void> {
  const { key } = parts.payloads.newKey(messageId);
  const chunk = await receiveChunk(parts, call, secretOf(key, messageId, number), number);
  if (chunk.reference !== undefined) await parts.payloads.remove([chunk.reference]);
}
