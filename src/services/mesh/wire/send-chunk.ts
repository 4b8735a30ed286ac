import type { Operation } from '../../../platform/http/operation.ts';
import { header } from '../../../platform/http/operation.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { addChunk } from '../messages/add-chunk.ts';
import { readChunkRange } from '../messages/chunk-range.ts';
import { addressOf, messageIn } from '../messages/find.ts';
import type { MessageParts } from '../messages/parts.ts';
import { secretOf } from '../payloads/payloads.ts';
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
      if (message.state !== 'uploading' || message.sealedKey === undefined) throw refuseLocked();
      if (range.number > message.totalChunks) throw refuse(call, errors.chunkBeyondTotal, messageId);
      if (encodingOf(call) !== message.contentEncoding) throw refuse(call, errors.encodingChanged, messageId);
      await withinQuota(parts, call, sender, message.mailboxId, 0);
      const key = parts.payloads.openKey(messageId, message.sealedKey);
      const chunk = await receiveChunk(parts, call, secretOf(key, messageId, range.number), range.number);
      const counted = parts.quotas.counted(sender, { messages: 0, bytes: chunk.length }, call.now);
      const isWritten = await addChunk(parts, message, chunk, counted);
      if (!isWritten) {
        if (chunk.reference !== undefined) await parts.payloads.remove([chunk.reference]);
        throw refuseLocked();
      }
      return versionOf(call) === 2
        ? { status: 202, body: 'null' }
        : { status: 202, body: { messageID: messageId, blockID: range.number } };
    },
  };
}
