import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { Quotas } from '../administration/quotas.ts';
import type { Directory } from '../mailboxes/directory.ts';
import type { Payloads } from '../payloads/payloads.ts';
import type { RoutingParts } from '../routing/route-by-patient.ts';
import type { Arrivals } from './arrivals.ts';
import type { Chunks } from './chunks.ts';
import type { EntryCheck } from './entry.ts';
import type { MessageIds } from './ids.ts';
import type { Inboxes } from './inboxes.ts';
import type { Writer } from './writer.ts';

/** What the verbs of messages work with. */
export type MessageParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ids: MessageIds;
  readonly payloads: Payloads;
  readonly writer: Writer;
  readonly chunks: Chunks;
  readonly inboxes: Inboxes;
  /** Who waits for messages. */
  readonly arrivals: Arrivals;
  readonly entry: EntryCheck;
  readonly routing: RoutingParts;
  readonly quotas: Quotas;
};
