import type { Operation } from '../../../platform/http/operation.ts';
import { noteOf } from '../../../platform/http/server.ts';
import type { Acknowledgments } from '../messages/acknowledge.ts';
import { addressOf, messageIn } from '../messages/find.ts';
import type { MessageParts } from '../messages/parts.ts';
import { errors, refuse } from './errors.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { versionOf } from './version.ts';

const operation = { name: 'mesh.acknowledge' } as const;

/** The recipient has the message safe: it leaves the inbox. Again is no error. */
export function acknowledgeOperation(parts: MessageParts, acknowledgments: Acknowledgments): Operation {
  return {
    ...operation,
    method: 'PUT',
    path: `${mailboxPath}/inbox/:message/status/acknowledged`,
    summary: 'Acknowledge a message',
    access: 'open',
    audit: 'write',
    answers: { 200: { summary: 'Acknowledged' }, 410: { summary: 'It waits no longer' } },
    async handle(call) {
      const { mailboxId } = mailboxOf(parts.directory, call);
      const messageId = call.params.message as string;
      call.purpose = `message ${messageId}`;
      const notes = [noteOf(call, operation, '', 'allowed', 200)];
      const isChanged = await acknowledgments.acknowledge({ mailboxId, messageId, notes });
      if (!isChanged) {
        const message = await messageIn(parts.db, mailboxId, messageId);
        if (!message) throw refuse(call, (await addressOf(parts.db, messageId)) ? errors.forbidden : errors.noMessage);
        if (message.state !== 'acknowledged') throw refuse(call, errors.gone);
      }
      const body = versionOf(call) === 2 ? undefined : { messageId };
      return { status: 200, body, isAudited: isChanged };
    },
  };
}
