import { randomBytes } from 'node:crypto';
import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Database } from '../../../platform/db/database.ts';
import { skipToEnd } from '../../../platform/events/outbox.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { auditedChange, type ChangeNote, mailboxEvent } from '../administration/audited-change.ts';
import { noticesConsumer, secretContext } from './notices.ts';
import { deleteWebhook, putWebhook, selectOthersEnabled } from './queries-notices.ts';

export type WebhookParts = { readonly db: Database; readonly audit: AuditLog; readonly vault: Vault };

/** Registers where the owner of a mailbox is told of mail; the secret notices are signed with, told here and nowhere else. */
export async function registerWebhook(
  parts: WebhookParts,
  mailboxId: string,
  url: string,
  { notes, now }: ChangeNote,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await auditedChange(parts, { notes }, async (tx) => {
    // nobody was told of anything until now: what happened meanwhile need not be read
    const others = await tx.query(selectOthersEnabled(mailboxId));
    if (others.length === 0) await skipToEnd(tx, noticesConsumer, now);
    await tx.query(putWebhook(mailboxId, url, parts.vault.seal(secret, secretContext(mailboxId)), now));
    return mailboxEvent(mailboxId, 'webhook-registered', now, { host: new URL(url).host });
  });
  return secret;
}

/** Takes the address out; false where there is none. */
export function removeWebhook(parts: WebhookParts, mailboxId: string, { notes, now }: ChangeNote): Promise<boolean> {
  return auditedChange(parts, { notes }, async (tx) => {
    const gone = await tx.query(deleteWebhook(mailboxId));
    return gone.length === 0 ? undefined : mailboxEvent(mailboxId, 'webhook-removed', now);
  });
}
