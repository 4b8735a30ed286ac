import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { AuditLog } from '../../src/platform/audit/audit-log.ts';
import { sealerIn } from '../../src/platform/audit/seal.ts';
import { Clock } from '../../src/platform/clock/clock.ts';
import { InProcess } from '../../src/platform/http/in-process.ts';
import { LoadGate } from '../../src/platform/http/load-gate.ts';
import { type Call, header, type Operation, type Service } from '../../src/platform/http/operation.ts';
import { OwnAddress } from '../../src/platform/http/own-address.ts';
import { Refusal } from '../../src/platform/http/refusal.ts';
import { buildServer } from '../../src/platform/http/server.ts';
import { Applications } from '../../src/platform/identity/applications.ts';
import { Tokens } from '../../src/platform/identity/tokens.ts';
import { openVault } from '../../src/platform/identity/vault.ts';
import { Log } from '../../src/platform/telemetry/log.ts';
import { Metrics } from '../../src/platform/telemetry/metrics.ts';
import { openAuthenticators } from '../../src/services/cis/log-on/open-authenticators.ts';
import type { LogOnAttempt, LogOnWay, Proof } from '../../src/services/cis/log-on/way.ts';
import { pagesDialect } from '../../src/services/cis/pages/dialect.ts';
import type { CisParts } from '../../src/services/cis/parts.ts';
import type { StaffAccount, StaffDirectory } from '../../src/services/cis/staff-directory.ts';
import { testDatabase } from './database.ts';
import { release } from './token-service.ts';

/** The parts of CIS on a database of the test file's own, with a clock that can be moved. */
export async function cisParts() {
  const db = await testDatabase();
  const clock = new Clock();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'openspine-log-on-'));
  const audit = new AuditLog(db, clock, sealerIn(dataDirectory));
  afterAll(async () => {
    await audit.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const config = {
    mode: 'sandbox' as const,
    issuerBase: undefined,
    statusApiKey: 'monitoring',
    tls: undefined,
    dataDirectory,
    logoutAddresses: [],
    massLookUps: 100,
    passwordLogOn: 'on' as const,
    phoneLogOn: 'anywhere' as const,
  };
  const parts: CisParts = {
    config,
    db,
    clock,
    audit,
    tokens: new Tokens(db, clock),
    applications: new Applications(db, clock),
    vault: openVault(dataDirectory, undefined),
    address: new OwnAddress(undefined, 'http'),
    own: new InProcess(),
    release,
    demographics: async () => new Map(),
    identityOf: async () => undefined,
    isHealthy: async () => true,
  };
  return parts;
}

/** A directory of active members of staff, whose status a test may change. */
export function staffOf(userIds: readonly string[]): StaffDirectory & { status: Map<string, StaffAccount['status']> } {
  const status = new Map<string, StaffAccount['status']>(userIds.map((userId) => [userId, 'active']));
  const find = async (userId: string): Promise<StaffAccount | undefined> => {
    const found = status.get(userId);
    if (found === undefined) return undefined;
    return {
      userId,
      status: found,
      displayName: `Dr ${userId}`,
      idAssuranceLevel: 3,
      userInfo: {},
      idTokenClaims: {},
      roles: [],
      sandboxLevel: undefined,
    };
  };
  return { status, find, findByUsername: find };
}

export type Finished = { readonly attemptId: string; readonly proof: Proof };

/**
 * Serves ways of logging on below `/cis2/attempt/<id>`, each attempt bound to the browser that holds the cookie
 * `browser=<secret>`, as the identity provider does.
 */
export async function serveAttempts(
  parts: CisParts,
  ways: readonly LogOnWay[],
  operations: readonly Operation[] = [],
  asked: Partial<Pick<LogOnAttempt, 'levels' | 'only' | 'userId'>> = {},
) {
  const finished: Finished[] = [];
  const browsers = new Map<string, string>();
  const attemptOf = (call: Call): LogOnAttempt => {
    const id = call.params.id as string;
    const secret = /(?:^|; )browser=([^;]+)/.exec(header(call, 'cookie') ?? '')?.[1] ?? '';
    const browser = createHash('sha256').update(secret).digest('base64url');
    if (browsers.get(id) !== browser) throw new Refusal(403, 'ANOTHER_BROWSER', { error: 'ANOTHER_BROWSER' });
    return {
      id,
      browser,
      clientName: 'Ward <b>rounds</b>',
      levels: [3],
      only: undefined,
      userId: undefined,
      ...asked,
      address: `/cis2/attempt/${id}`,
      finish: async (_call, proof) => {
        finished.push({ attemptId: id, proof });
        return '/finished';
      },
    };
  };
  const routes = ways.flatMap((way) =>
    way.routes.map(
      (route): Operation => ({
        name: route.name,
        method: route.method,
        path: `/cis2/attempt/:id${route.path}`,
        summary: route.summary,
        access: 'open',
        audit: 'write',
        answers: {},
        handle: (call) => route.handle(call, attemptOf(call)),
      }),
    ),
  );
  const service: Service = {
    name: 'cis2',
    title: 'Log-on',
    dialect: pagesDialect('/cis2'),
    operations: [...operations, ...routes],
  };
  const gate = new LoadGate(1000);
  const app = buildServer({
    clock: parts.clock,
    audit: parts.audit,
    log: new Log({ level: 'silent', access: false }),
    metrics: new Metrics(),
    gate,
    limits: { bodyBytes: 200_000, headerBytes: 32_768 },
    tls: undefined,
    services: [service],
    fallback: service.dialect,
  });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  parts.address.listensOn(Number(new URL(base).port));
  afterAll(async () => {
    await app.close();
    gate.close();
  });
  return {
    base,
    finished,
    /** A browser with an attempt of its own; `cookies` are others that it sends. */
    begin(cookies = '') {
      const id = randomUUID();
      const secret = randomUUID();
      browsers.set(id, createHash('sha256').update(secret).digest('base64url'));
      const ask = (path: string, init: RequestInit = {}) =>
        fetch(path.startsWith('http') ? path : `${base}${path}`, {
          redirect: 'manual',
          ...init,
          headers: { cookie: `browser=${secret}; ${cookies}`, ...init.headers },
        });
      return { id, path: `/cis2/attempt/${id}`, ask };
    },
  };
}

/** Authenticators of these members of staff, without sessions; whether they may use passwords can be turned. */
export function authenticatorsOf(parts: CisParts, userIds: readonly string[]) {
  const passwords = { areAllowed: true };
  const directory = staffOf(userIds);
  const authenticators = openAuthenticators(parts, {
    directory,
    sessionOf: async () => undefined,
    endSession: async () => undefined,
    endSessionsIn: async () => 0,
    mayUsePassword: () => passwords.areAllowed,
  });
  return { directory, authenticators, passwords };
}
