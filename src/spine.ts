import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { AuditLog } from './platform/audit/audit-log.ts';
import { sealerIn } from './platform/audit/seal.ts';
import { auditService } from './platform/audit/wire/audit-service.ts';
import { Clock } from './platform/clock/clock.ts';
import { asksForCertificates, type Config, ConfigError, describeConfig } from './platform/config/config.ts';
import { Database } from './platform/db/database.ts';
import type { CertificateListener } from './platform/http/certificate-listener.ts';
import { docsService } from './platform/http/docs.ts';
import { ExtraListener } from './platform/http/extra-listener.ts';
import { InProcess } from './platform/http/in-process.ts';
import {
  closeOf,
  type DrainOptions,
  drain,
  type ListeningSocket,
  type ListenOptions,
  listenOn,
  socketOf,
} from './platform/http/listening.ts';
import { LoadGate } from './platform/http/load-gate.ts';
import type { Service } from './platform/http/operation.ts';
import { opsService } from './platform/http/ops.ts';
import { OwnAddress } from './platform/http/own-address.ts';
import { RateLimit } from './platform/http/rate-limit.ts';
import { buildServer } from './platform/http/server.ts';
import { Applications } from './platform/identity/applications.ts';
import { Tokens } from './platform/identity/tokens.ts';
import { openVault } from './platform/identity/vault.ts';
import { Housekeeping } from './platform/jobs/housekeeping.ts';
import { Log } from './platform/telemetry/log.ts';
import { Metrics } from './platform/telemetry/metrics.ts';
import { release } from './release.ts';
import { sandboxService } from './sandbox/sandbox.ts';
import { SharedClock } from './sandbox/shared-clock.ts';
import { openCis } from './services/cis/index.ts';
import { openMesh } from './services/mesh/index.ts';
import { openPds } from './services/pds/index.ts';

/** A Spine at work in this process. */
export type Spine = {
  /** Begins to listen; the port. */
  listen(options: ListenOptions): Promise<number>;
  /** The port that asks for card certificates, where it is open. */
  cardPort(): number | undefined;
  /** The port at which only MESH answers, where it is open. */
  meshPort(): number | undefined;
  /** The socket it listens on, for a successor. */
  socket(): ListeningSocket | undefined;
  /** Stops accepting and answers what is in flight. */
  drain(options: DrainOptions): Promise<void>;
  /** Drains, seals the audit log and lets go of the database. */
  close(): Promise<void>;
  /** This process's metrics in the Prometheus text form. */
  metricsText(): Promise<string>;
  /** This process's metrics for adding up over several processes. */
  metricsJson(): Promise<object>;
  readonly app: FastifyInstance;
};

export type SpineSurroundings = {
  readonly databaseUrl: string;
  /** The metrics of all processes, where there are several. */
  readonly allMetrics?: () => Promise<string>;
};

/** Puts a Spine together from its configuration: the one place where things are wired. */
export async function openSpine(config: Config, surroundings: SpineSurroundings): Promise<Spine> {
  const log = new Log({ level: config.logLevel, access: config.accessLog });
  log.info('configuration', { given: describeConfig() });
  const clock = new Clock();
  const metrics = new Metrics();
  const db = new Database({
    url: surroundings.databaseUrl,
    onError: (error) => log.warn('a database connection was lost', { why: error.message }),
  });
  const audit = new AuditLog(db, clock, sealerIn(config.dataDirectory));
  const tokens = new Tokens(db, clock);
  const applications = new Applications(db, clock);
  const vault = openVault(config.dataDirectory, config.masterKey);
  const own = new InProcess();
  const address = new OwnAddress(config.issuerBase, config.tls ? 'https' : 'http');
  const gate = new LoadGate(config.maxInFlight);
  const limit = (contract: number) =>
    config.rateLimit === 'off'
      ? undefined
      : new RateLimit((config.rateLimit === 'contract' ? contract : config.rateLimit) / config.workers);
  const isHealthy = async () => {
    try {
      await db.query({ text: 'select 1', values: [], name: 'health' });
      return true;
    } catch {
      return false;
    }
  };

  const pds = openPds({ config, db, clock, audit, tokens, applications, limit, isHealthy, release });
  const cis = openCis({
    config,
    db,
    clock,
    audit,
    tokens,
    applications,
    vault,
    address,
    demographics: pds.factsOf,
    identityOf: pds.identityOf,
    own,
    release,
    isHealthy,
  });
  const mesh = openMesh({
    config,
    db,
    clock,
    audit,
    vault,
    release,
    tokens,
    address,
    demographics: pds.factsOf,
    traceOne: pds.traceOne,
  });
  const housekeeping = new Housekeeping({
    db,
    clock,
    log,
    chores: [pds.chore, ...cis.chores, ...mesh.chores],
    ...(config.services.includes('mesh') && { apart: { 'mesh-payloads': mesh.payloadChores } }),
  });
  const services: Service[] = [];
  if (config.services.includes('pds')) services.push(...pds.services);
  if (config.services.includes('cis')) services.push(...cis.services);
  if (config.services.includes('mesh')) services.push(...mesh.services);
  if (config.services.includes('mesh') && !asksForCertificates(config)) services.push(...mesh.clientServices);
  services.push(auditService({ db, tokens }));
  const sharedClock = new SharedClock(db, clock, config.workers);
  if (config.mode === 'sandbox') {
    await sharedClock.start();
    services.push(sandboxService({ db, clock, sharedClock, tokens, doors: [pds.sandbox, cis.sandbox, mesh.sandbox] }));
  }
  const ops = opsService({
    release,
    isHealthy,
    metricsText: () => surroundings.allMetrics?.() ?? metrics.registry.metrics(),
    ...(config.services.includes('mesh') && { pingAlso: mesh.ping }),
  });
  services.push(ops);
  services.push(docsService([...services], release));

  const limits = { bodyBytes: config.bodyBytes, headerBytes: config.headerBytes };
  const tls = config.tls && { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) };
  const serverParts = { clock, audit, log, metrics, gate, limits, fallback: ops.dialect };
  const app = buildServer({ ...serverParts, tls, services });
  own.servedBy(app);
  tokens.watch();
  audit.watch();
  housekeeping.start();
  if (config.services.includes('cis'))
    cis.start((error) => log.warn('the privacy watch cannot go on', { why: error.message }));
  if (config.services.includes('mesh'))
    await mesh.start((error) => log.warn('MESH messages are looked through later', { why: error.message }));

  let cardPort: CertificateListener | undefined;
  const openCardPort = async ({ host, reusePort }: ListenOptions) => {
    if (config.cardPort === undefined || !config.services.includes('cis')) return;
    const onError = (error: unknown) => log.warn('the card port failed', { why: (error as Error).message });
    try {
      cardPort = await cis.listenForCards({ port: config.cardPort, host, reusePort, onError });
    } catch (error) {
      // everything else works without it, so that a port in use stops no sandbox
      if (config.mode === 'production')
        throw new ConfigError(`The card port ${config.cardPort} cannot be used: ${(error as Error).message}.`);
      log.warn('smartcards are off: the card port cannot be used', { why: (error as Error).message });
    }
  };

  let meshPort: ExtraListener | undefined;
  const openMeshPort = async ({ host, reusePort = false }: ListenOptions) => {
    const { port, clientAuthorities } = config.mesh;
    if (port === undefined || !config.services.includes('mesh')) return;
    const ca = asksForCertificates(config) ? { ca: readFileSync(clientAuthorities as string) } : {};
    const { cert, key } = tls ?? (await cis.localhostCertificate());
    meshPort = new ExtraListener(
      buildServer({
        ...serverParts,
        tls: { cert: Buffer.from(cert), key: Buffer.from(key), ...ca },
        services: [...mesh.clientServices, mesh.rootService],
        fallback: mesh.rootService.dialect,
      }),
    );
    await meshPort.listen({ port, host, reusePort });
  };

  return {
    app,
    async listen(options) {
      const port = await listenOn(app, options);
      address.listensOn(port);
      await openCardPort(options);
      await openMeshPort(options);
      return port;
    },
    cardPort: () => cardPort?.port,
    meshPort: () => meshPort?.port,
    socket: () => socketOf(app),
    async drain(options) {
      mesh.letGo();
      await cardPort?.close();
      await Promise.all([drain(app, options), meshPort?.drain(options)]);
    },
    async close() {
      mesh.letGo();
      await cardPort?.close();
      await closeOf(app);
      await meshPort?.close();
      housekeeping.stop();
      await cis.stop();
      await mesh.stop();
      tokens.close();
      sharedClock.close();
      gate.close();
      await audit.close();
      await db.close();
    },
    metricsText: () => metrics.registry.metrics(),
    metricsJson: () => metrics.registry.getMetricsAsJSON(),
  };
}
