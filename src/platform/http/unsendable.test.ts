import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { sealerIn } from '../audit/seal.ts';
import { Clock } from '../clock/clock.ts';
import { Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { LoadGate } from './load-gate.ts';
import type { Answer, Operation } from './operation.ts';
import { Refusal } from './refusal.ts';
import { refuseByRule, ruledDialect } from './ruled-dialect.ts';
import { buildServer } from './server.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-unsendable-'));
const clock = new Clock();
const gate = new LoadGate(10);
const dialect = ruledDialect('', refuseByRule('https://spine.example/rule'), async () => {});
const unsendable: Record<string, () => Answer> = {
  type: () => ({ status: 200, contentType: 'text/plain; a=\u2028', body: 'x' }),
  header: () => ({ status: 200, headers: { 'x-name': 'a\nb' } }),
  refusal: () => {
    throw new Refusal(404, 'none', {}, { location: '\u20ac' });
  },
};
const operation: Operation = {
  name: 'test.say',
  method: 'GET',
  path: '/:what',
  summary: 'Say what no header can',
  access: 'open',
  audit: 'none',
  answers: {},
  handle: async (call) => unsendable[call.params.what as string]?.() ?? { status: 204 },
};
const app = buildServer({
  clock,
  audit: new AuditLog(await testDatabase(), clock, sealerIn(directory)),
  log: new Log({ level: 'silent', access: false }),
  metrics: new Metrics(),
  gate,
  limits: { bodyBytes: 1000, headerBytes: 16_384 },
  tls: undefined,
  services: [{ name: 'test', title: 'Test', dialect, operations: [operation] }],
  fallback: dialect,
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
afterAll(async () => {
  app.server.closeAllConnections();
  await app.close();
  gate.close();
  rmSync(directory, { recursive: true });
});

test.each(Object.keys(unsendable))('an answer whose %s cannot be sent is a 500, not none', async (what) => {
  const answer = await fetch(`${url}/${what}`, { signal: AbortSignal.timeout(10_000) });
  expect([answer.status, await answer.json()]).toMatchObject([500, { resourceType: 'OperationOutcome' }]);
});
