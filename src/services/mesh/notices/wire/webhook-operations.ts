import { z } from 'zod';
import type { Operation } from '../../../../platform/http/operation.ts';
import { owned, ownerPath } from '../../administration/wire/dialect.ts';
import { noteFor } from '../../administration/wire/mailbox-operations.ts';
import { bodyAs } from '../../administration/wire/read.ts';
import { refuse } from '../../administration/wire/refusals.ts';
import type { Directory } from '../../mailboxes/directory.ts';
import { selectWebhook, type WebhookRow } from '../queries-notices.ts';
import { registerWebhook, removeWebhook, type WebhookParts } from '../register-webhook.ts';
import { readWebhookAddress } from '../webhook-address.ts';

const path: '/mesh/mailboxes/:mailbox/webhook' = `${ownerPath}/webhook`;
const shape = z.strictObject({ url: z.string().max(2000) });
const refused = { 403: { summary: 'Refused, in the form of MESH' } };

export type WebhookWireParts = WebhookParts & { readonly directory: Directory; readonly isGuarded: boolean };

/** Owners say where they are told that mail waits. */
export function webhookOperations(parts: WebhookWireParts): Operation[] {
  return [putOperation(parts), getOperation(parts), deleteOperation(parts)];
}

function putOperation(parts: WebhookWireParts): Operation {
  const name = 'mesh.register-webhook';
  return {
    name,
    method: 'PUT',
    path,
    summary:
      'Be told at this address that mail waits; the secret that signs notices is in the answer, and nowhere else',
    access: 'open',
    audit: 'write',
    input: { body: shape },
    answers: { 200: { summary: 'Address and secret' }, 400: { summary: 'What is wrong with the address' }, ...refused },
    async handle(call) {
      const { mailboxId } = owned((id) => parts.directory.find(id), call);
      const address = readWebhookAddress(bodyAs(shape, call).url, parts);
      if ('fault' in address) throw refuse(400, 'field', `url: ${address.fault}`, 'url');
      const secret = await registerWebhook(parts, mailboxId, address.url, noteFor(call, name, mailboxId));
      return { status: 200, body: { url: address.url, secret }, isAudited: true };
    },
  };
}

function getOperation(parts: WebhookWireParts): Operation {
  return {
    name: 'mesh.view-webhook',
    method: 'GET',
    path,
    summary: 'Where the owner is told, and whether that works',
    access: 'open',
    audit: 'read',
    answers: { 200: { summary: 'Address and state' }, ...refused, 404: { summary: 'There is none' } },
    async handle(call) {
      const { mailboxId } = owned((id) => parts.directory.find(id), call);
      const [row] = await parts.db.query<WebhookRow>(selectWebhook(mailboxId));
      if (!row) throw refuse(404, 'webhook', 'There is no address for notices', 'mailbox');
      return {
        status: 200,
        body: {
          url: row.url,
          isEnabled: row.is_enabled,
          registeredAt: row.registered_at.toISOString(),
          lastToldAt: row.told_at?.toISOString(),
          failures: row.failures,
          failingSince: row.failing_since_at?.toISOString(),
          fault: row.fault === '' ? undefined : row.fault,
        },
      };
    },
  };
}

function deleteOperation(parts: WebhookWireParts): Operation {
  const name = 'mesh.remove-webhook';
  return {
    name,
    method: 'DELETE',
    path,
    summary: 'Be told nothing any more',
    access: 'open',
    audit: 'write',
    answers: { 204: { summary: 'Done' }, ...refused, 404: { summary: 'There is none' } },
    async handle(call) {
      const { mailboxId } = owned((id) => parts.directory.find(id), call);
      const note = noteFor(call, name, mailboxId, 204);
      if (!(await removeWebhook(parts, mailboxId, note)))
        throw refuse(404, 'webhook', 'There is no address for notices', 'mailbox');
      return { status: 204, isAudited: true };
    },
  };
}
