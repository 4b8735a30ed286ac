import { setTimeout as pause } from 'node:timers/promises';
import { fastify } from 'fastify';
import { Counter, Registry } from 'prom-client';
import { Database } from '../../src/platform/db/database.ts';
import { sql } from '../../src/platform/db/sql.ts';
import { drain, listenOn, socketOf } from '../../src/platform/http/listening.ts';
import type { OpenSpine } from '../../src/process/be-worker.ts';

/** A Spine that does next to nothing, so that tests of the processes around it need no services. */
export const openStandIn: OpenSpine = async (_config, { databaseUrl, allMetrics }) => {
  const app = fastify({ keepAliveTimeout: 72_000, return503OnClosing: false });
  const registry = new Registry();
  const answered = new Counter({ name: 'stand_in_answers_total', help: 'Requests answered', registers: [registry] });
  const db = new Database({ url: databaseUrl, lanes: 1, transactions: 1 });
  app.get('/', async () => {
    answered.inc();
    return { pid: process.pid };
  });
  app.get<{ Querystring: { ms: string } }>('/slow', async (request) => {
    await pause(Number(request.query.ms));
    return { pid: process.pid };
  });
  app.get('/busy', async () => {
    const until = performance.now() + 3;
    while (performance.now() < until);
    return { pid: process.pid };
  });
  app.get('/database', async () => db.query(sql`select 1 as one`));
  app.get('/metrics', async () => allMetrics?.() ?? registry.metrics());
  return {
    app,
    listen: (options) => listenOn(app, options),
    cardPort: () => undefined,
    meshPort: () => undefined,
    socket: () => socketOf(app),
    drain: (options) => drain(app, options),
    async close() {
      await app.close();
      await db.close();
    },
    metricsText: () => registry.metrics(),
    metricsJson: () => registry.getMetricsAsJSON(),
  };
};
