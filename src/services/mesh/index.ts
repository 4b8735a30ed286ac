import { join } from 'node:path';
import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Config } from '../../platform/config/config.ts';
import type { Database, Queryable } from '../../platform/db/database.ts';
import { insertEvents } from '../../platform/events/outbox.ts';
import { ObjectStorage } from '../../platform/http/object-storage.ts';
import type { Dialect, Operation, Service } from '../../platform/http/operation.ts';
import type { OwnAddress } from '../../platform/http/own-address.ts';
import type { Tokens } from '../../platform/identity/tokens.ts';
import type { Vault } from '../../platform/identity/vault.ts';
import { LeasedWorker, type OnTrouble } from '../../platform/jobs/leased-worker.ts';
import { nameKey, type Traced, type TraceRequest } from '../pds/index.ts';
import { Contacts } from './administration/contacts.ts';
import { openAdministration } from './administration/open-administration.ts';
import { Quotas } from './administration/quotas.ts';
import { UsedTokens } from './authorization/used-tokens.ts';
import { isTraceMailboxThere, putTraceMailbox } from './batch-trace/own-mailbox.ts';
import { traceWorker } from './batch-trace/trace-worker.ts';
import { Directory } from './mailboxes/directory.ts';
import { isOf } from './mailboxes/mailbox.ts';
import { Acknowledgments } from './messages/acknowledge.ts';
import { Arrivals } from './messages/arrivals.ts';
import { Chunks } from './messages/chunks.ts';
import { DownloadTimes } from './messages/download.ts';
import { MessageIds } from './messages/ids.ts';
import { Inboxes } from './messages/inboxes.ts';
import { forgetTokens, liveOn } from './messages/life.ts';
import { retentionMillis } from './messages/message.ts';
import type { MessageParts } from './messages/parts.ts';
import { Outgate } from './messages/send.ts';
import { type ServiceMessage, sendIn } from './messages/send-in.ts';
import { Writer } from './messages/writer.ts';
import { emptyResults, forgetSettledResults } from './pathology/queries-results.ts';
import { Results } from './pathology/results.ts';
import { worklistService } from './pathology/wire/worklist.ts';
import { DirectoryStore } from './payloads/directory-store.ts';
import { ObjectStore } from './payloads/object-store.ts';
import { Payloads } from './payloads/payloads.ts';
import { reconcile } from './payloads/reconcile.ts';
import type { PayloadStore } from './payloads/store.ts';
import type { RoutingParts } from './routing/route-by-patient.ts';
import { loadMesh, loadPublished, type MeshLoad, meshLoad, resetMesh } from './sandbox-load.ts';
import { acknowledgeOperation } from './wire/acknowledge.ts';
import { adminOperations } from './wire/admin.ts';
import { downloadOperations } from './wire/download.ts';
import { admitMailbox, base, meshDialect } from './wire/frame.ts';
import { handshakeOperations, updateOperation } from './wire/handshake.ts';
import { countOperation, inboxOperation } from './wire/inbox.ts';
import { lookupOperations } from './wire/lookup.ts';
import { pingBody, pingOperations, rootPings } from './wire/ping.ts';
import { richOperations } from './wire/rich.ts';
import { sendOperation } from './wire/send.ts';
import { sendChunkOperation } from './wire/send-chunk.ts';
import { StreamedDownloads } from './wire/streamed-downloads.ts';
import { trackingOperations } from './wire/tracking.ts';
import { Transfers } from './wire/transfers.ts';
import { limited } from './wire/uploads.ts';

export type { ChangeNote as MailboxNote } from './administration/audited-change.ts';
export { fingerprintOf, readCertificate } from './administration/certificate.ts';
export { readCertificateRequest } from './administration/certificate-request.ts';
export { changePassword } from './administration/change-password.ts';
export { createMailbox } from './administration/create-mailbox.ts';
export { issueCertificate } from './administration/issue-certificate.ts';
export {
  openRegister,
  type Register as MailboxRegister,
  readNewMailbox,
  readQuota,
  readWorkflowId,
} from './administration/register.ts';
export { registerCertificate, withdrawCertificate } from './administration/register-certificate.ts';
export { registerWorkflow } from './administration/register-workflow.ts';
export { setActive } from './administration/set-active.ts';
export { setQuota } from './administration/set-quota.ts';
export { shownCertificates } from './administration/shown-certificates.ts';

export type MeshOptions = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly vault: Vault;
  readonly release: { readonly version: string };
  readonly tokens: Tokens;
  readonly address: OwnAddress;
  /** What PDS says of patients, on a day (yyyy-mm-dd). */
  readonly demographics: RoutingParts['factsOf'];
  readonly traceOne: (request: TraceRequest, day: string) => Promise<Traced>;
};

/** Payloads without a message are left alone for so long: the parts of a long trace's answer are there hours before its row. */
const graceMillis = 24 * 3_600_000;
/** Who takes nothing of a download for so long has gone. */
const idleReaderMillis = 120_000;

/** MESH: mailboxes, messages, and what a sandbox may do to them. */
export function openMesh(options: MeshOptions) {
  const { config, db, clock, audit, vault, release } = options;
  const isSandbox = config.mode === 'sandbox';
  const { mesh } = config;
  const directory = new Directory(db, vault, {
    hasLiveReports: mesh.liveReports,
    enforcesWorkflows: mesh.enforcesWorkflows,
  });
  const store = payloadStore(config, () => clock.wall());
  const writer = new Writer(db, audit);
  const counts = db.reader({ isLong: true });
  const parts: MessageParts = {
    db,
    clock,
    directory,
    writer,
    chunks: new Chunks(db),
    inboxes: new Inboxes(db, clock),
    ids: new MessageIds(() => clock.now()),
    payloads: new Payloads(vault, store),
    arrivals: new Arrivals(db, Math.floor(config.maxInFlight / 2)),
    entry: new Results({
      db,
      odsCodesOf: (id) => [directory.find(id)].flatMap((one) => (one ? [one.odsCode, one.orgCode] : [])),
      dueMillis: mesh.resultMillis,
    }),
    routing: {
      factsOf: options.demographics,
      nameKey,
      receiversAt: (odsCode, workflowId) => directory.receivers(workflowId, odsCode).map((one) => one.mailboxId),
    },
    quotas: new Quotas(db),
  };
  const traces = traceWorker({ ...parts, audit, traceOne: options.traceOne });
  const life = new LeasedWorker({
    db,
    clock,
    lease: 'mesh-life',
    leaseMillis: 2 * mesh.roundMillis + 1000,
    everyMillis: mesh.roundMillis,
    round: (goesOn) => liveOn(parts, goesOn),
  });
  const outgate = new Outgate(writer, parts.arrivals);
  const acknowledgments = new Acknowledgments(writer, clock, parts.entry, parts.ids);
  const used = new UsedTokens(db, () => clock.wall());
  const contacts = new Contacts(db);
  const seesCertificates = mesh.clientAuthorities !== 'proxy';
  const frame = { directory, used, clock, sharedKey: mesh.sharedKey, contacts, seesCertificates };
  const ping = { environment: mesh.environment, buildLabel: isSandbox ? 'latest' : release.version };
  const dialect = meshDialect(frame);
  const limits = {
    ofMailbox: Math.ceil(config.maxInFlight / 8),
    largeOfMailbox: Math.ceil(Math.min(32, config.maxInFlight / 16)),
    large: Math.ceil(Math.min(128, config.maxInFlight / 4)),
  };
  const uploads = new Transfers(limits);
  const streamed = new StreamedDownloads(new Transfers(limits), idleReaderMillis);
  const service: Service = {
    name: 'mesh',
    title: 'MESH: Message Exchange for Social Care and Health',
    dialect,
    operations: [
      ...handshakeOperations(directory),
      inboxOperation(parts),
      countOperation(parts),
      ...downloadOperations(parts, { times: new DownloadTimes(parts), streamed }),
      acknowledgeOperation(parts, acknowledgments),
      limited(sendOperation(parts, outgate), uploads),
      limited(sendChunkOperation(parts), uploads),
      ...trackingOperations(parts),
      ...richOperations(parts),
      ...lookupOperations(directory),
      updateOperation(),
      ...pingOperations(ping),
      ...(isSandbox ? adminOperations(parts, outgate, `${base}/admin`) : []),
    ],
  };
  const worklist = worklistService({
    db,
    counts: db.reader({ isLong: true }),
    audit,
    tokens: options.tokens,
    admitMailbox: (call) => admitMailbox(frame, call),
    mailboxesOf: (odsCode) => directory.all().flatMap((one) => (isOf(one, odsCode) ? [one.mailboxId] : [])),
  });
  const administration = openAdministration({
    ...options,
    ...parts,
    counts,
    admitMailbox: (call) => admitMailbox(frame, call),
    isGuarded: !isSandbox,
    base: () => options.address.base,
  });
  const rootService = (at: string, paths: readonly string[], more: readonly Operation[] = []): Service => ({
    name: 'mesh-root',
    title: 'MESH: pings at the root',
    dialect: meshDialect(frame, at),
    operations: [...rootPings(ping, paths), ...more],
  });
  const testCalls = isSandbox ? adminOperations(parts, outgate, '/admin') : [];
  const services = [
    worklist,
    administration.administrators,
    administration.pki,
    rootService('/healthcheck', ['/health', '/healthcheck']),
  ];
  if (isSandbox) services.push(adminService(meshDialect(frame, '/admin'), testCalls));

  const ensureTraceMailbox = async () => {
    if (isTraceMailboxThere(directory)) return;
    await db.transaction((tx) => putTraceMailbox(tx, directory, clock.now()));
    await directory.refresh(true);
  };

  return {
    /** What clients of MESH talk to; it may have an address of its own. */
    clientServices: [service, administration.owners],
    /** The root of an address that is MESH's alone: pings, and in a sandbox the published calls for tests. */
    rootService: rootService('', ['/_ping', '/health', '/_status', '/healthcheck'], testCalls),
    /** What staff and tests talk to. */
    services,
    /** Sends a message of another service in that service's transaction; its id. */
    sendIn: (tx: Queryable, message: ServiceMessage) => sendIn(parts, tx, message),
    /** What its clients expect of a ping at the root of the address. */
    ping: pingBody(ping),
    sandbox: {
      key: 'mesh',
      shape: meshLoad,
      load: async (section: unknown) => {
        const counts = await loadMesh(parts, section as MeshLoad);
        await ensureTraceMailbox();
        return counts;
      },
      reset: async () => {
        await administration.reset();
        await resetMesh(parts);
        await db.query(emptyResults());
        await ensureTraceMailbox();
      },
    },
    /** Hourly, by any process: used tokens are forgotten, and so on. */
    chores: [
      () => forgetTokens(counts, clock.wall()),
      administration.chore,
      () => counts.query(forgetSettledResults(clock.now() - retentionMillis)),
    ],
    /** Hourly, by a process that sees the payloads, as each that serves MESH does: those without a message are removed. */
    payloadChores: [
      async () => {
        const { orphaned, unfinished } = await reconcile(db, store, graceMillis);
        if (orphaned + unfinished === 0) return;
        const body = { orphaned, unfinished };
        const event = { subject: 'MESH', kind: 'mesh.orphans-removed', happenedAt: clock.now(), body };
        await db.query(insertEvents([event]));
      },
    ],
    /** Reads mailboxes; in a sandbox makes the published ones where there are none. Then keeps time for messages. */
    async start(onError: OnTrouble): Promise<void> {
      if (store instanceof DirectoryStore) await store.prepare();
      await directory.refresh(true);
      if (isSandbox && directory.all().length === 0) {
        await db.transaction((tx) => loadPublished(tx, directory, clock.now()));
        await directory.refresh(true);
      }
      await ensureTraceMailbox();
      directory.watch();
      traces.start(onError);
      administration.start(onError);
      life.start(onError);
    },
    /** Answers those who wait for a message, so that nobody holds up the end of the process. */
    letGo: () => parts.arrivals.close(),
    async stop(): Promise<void> {
      directory.close();
      await Promise.all([life.stop(), traces.stop(), administration.stop(), contacts.flush().catch(() => undefined)]);
    },
  };
}

/** Where large payloads go: the object store given, or a directory. */
function payloadStore({ mesh, dataDirectory }: Config, wall: () => number): PayloadStore {
  if (mesh.objectStore) return new ObjectStore(new ObjectStorage({ ...mesh.objectStore, wall }), wall);
  return new DirectoryStore(mesh.directory ?? join(dataDirectory, 'mesh'), wall);
}

function adminService(dialect: Dialect, operations: readonly Operation[]): Service {
  return {
    name: 'mesh-admin',
    title: 'MESH, calls for tests (sandbox)',
    dialect,
    operations,
  };
}
