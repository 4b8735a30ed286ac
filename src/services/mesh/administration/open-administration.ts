import type { Clock } from '../../../platform/clock/clock.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Call, Service } from '../../../platform/http/operation.ts';
import { outbound } from '../../../platform/http/outbound.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import { retentionMillis } from '../messages/message.ts';
import { Notices } from '../notices/notices.ts';
import { webhookOperations } from '../notices/wire/webhook-operations.ts';
import { administratorStatistics, ownerStatistics } from '../statistics/wire/statistics-operations.ts';
import type { RegisterParts } from './change-register.ts';
import { ClientAuthority } from './client-authority.ts';
import { forgetUsage } from './queries-administration.ts';
import { forgetWithdrawn } from './queries-certificates.ts';
import { emptyAdministration } from './queries-sandbox.ts';
import type { Quotas } from './quotas.ts';
import { certificateOperations } from './wire/certificate-operations.ts';
import { administrationDialect, openDialect, ownerDialect } from './wire/dialect.ts';
import { mailboxOperations } from './wire/mailbox-operations.ts';
import { pkiOperations } from './wire/pki-operations.ts';
import { viewOperations } from './wire/view-operations.ts';

export type AdministrationParts = RegisterParts & {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly tokens: Tokens;
  readonly quotas: Quotas;
  /** For what takes long, so that no message waits behind it. */
  readonly counts: Queryable;
  /** MESH's own authorization of a mailbox, for the path parameter `mailbox`. */
  readonly admitMailbox: (call: Call) => Promise<void>;
  /** Scheme, host and port under which this Spine is reached. */
  readonly base: () => string;
  /** Production: notices go out by https to public addresses only. */
  readonly isGuarded: boolean;
};

/** What owners and administrators of mailboxes have beyond the published interface; all of it ours. */
export function openAdministration(parts: AdministrationParts) {
  const { db, counts, clock, vault, isGuarded } = parts;
  const authority = new ClientAuthority(db, vault, parts.base);
  const notices = new Notices({ db, clock, vault, ask: outbound({ isGuarded }) });
  const owners: Service = {
    name: 'mesh-owners',
    title: 'MESH: a mailbox and its owner (ours)',
    dialect: ownerDialect(parts.admitMailbox),
    operations: [...ownerStatistics(parts), ...webhookOperations(parts)],
  };
  const administrators: Service = {
    name: 'mesh-administration',
    title: 'MESH: administration of mailboxes (ours)',
    dialect: administrationDialect(parts.tokens),
    operations: [
      ...mailboxOperations(parts),
      ...certificateOperations({ ...parts, authority }),
      ...viewOperations(parts),
      ...administratorStatistics(parts),
    ],
  };
  const pki: Service = {
    name: 'mesh-pki',
    title: 'MESH: authority of client certificates (ours)',
    dialect: openDialect('/mesh/pki'),
    operations: pkiOperations({ db, clock, authority }),
  };
  return {
    owners,
    administrators,
    pki,
    async chore(now: number): Promise<void> {
      await counts.query(forgetUsage(dayOf(now - retentionMillis)));
      await counts.query(forgetWithdrawn(now));
    },
    /** Back to no webhooks, certificates and counts, as a sandbox begins. */
    async reset(): Promise<void> {
      for (const statement of emptyAdministration()) await db.query(statement);
    },
    start: (onError: (error: Error) => void) => notices.start(onError),
    stop: () => notices.stop(),
  };
}
