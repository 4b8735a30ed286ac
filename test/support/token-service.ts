import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportPKCS8, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { AuditLog } from '../../src/platform/audit/audit-log.ts';
import { sealerIn } from '../../src/platform/audit/seal.ts';
import { Clock } from '../../src/platform/clock/clock.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { InProcess } from '../../src/platform/http/in-process.ts';
import { LoadGate } from '../../src/platform/http/load-gate.ts';
import type { Service } from '../../src/platform/http/operation.ts';
import type { Outbound } from '../../src/platform/http/outbound.ts';
import { OwnAddress } from '../../src/platform/http/own-address.ts';
import { buildServer } from '../../src/platform/http/server.ts';
import { Applications, type Registration, registerApplication } from '../../src/platform/identity/applications.ts';
import { Tokens } from '../../src/platform/identity/tokens.ts';
import { openVault } from '../../src/platform/identity/vault.ts';
import { Log } from '../../src/platform/telemetry/log.ts';
import { Metrics } from '../../src/platform/telemetry/metrics.ts';
import { type CisParts, openCis } from '../../src/services/cis/index.ts';
import { testDatabase } from './database.ts';

export const release = { version: 'v1', revision: '1', releaseId: 'r-1', commitId: 'c0ffee' };
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export type TokenService = Awaited<ReturnType<typeof tokenService>>;

/** A token service of the test file's own: real HTTP on a free port, real database. */
export async function tokenService(
  given: { config?: Partial<CisParts['config']>; outbound?: Outbound; identityOf?: CisParts['identityOf'] } = {},
) {
  const db = await testDatabase();
  const clock = new Clock();
  const tokens = new Tokens(db, clock);
  const applications = new Applications(db, clock);
  const directory = mkdtempSync(join(tmpdir(), 'openspine-cis-'));
  const audit = new AuditLog(db, clock, sealerIn(directory));
  const gate = new LoadGate(1000);
  const config = {
    mode: 'sandbox' as const,
    issuerBase: undefined,
    statusApiKey: 'monitoring',
    tls: undefined,
    dataDirectory: directory,
    logoutAddresses: [],
    massLookUps: 100,
    passwordLogOn: 'on' as const,
    phoneLogOn: 'anywhere' as const,
    ...given.config,
  };
  const own = new InProcess();
  const address = new OwnAddress(config.issuerBase, 'http');
  const { services } = openCis({
    config,
    db,
    clock,
    audit,
    tokens,
    applications,
    vault: openVault(directory, undefined),
    address,
    demographics: async () => new Map(),
    identityOf: given.identityOf ?? (async () => undefined),
    own,
    release,
    isHealthy: async () => true,
    ...(given.outbound ? { outbound: given.outbound } : {}),
  });
  const app = buildServer({
    clock,
    audit,
    log: new Log({ level: 'silent', access: false }),
    metrics: new Metrics(),
    gate,
    limits: { bodyBytes: 200_000, headerBytes: 32_768 },
    tls: undefined,
    services: [...services],
    fallback: (services[0] as Service).dialect,
  });
  own.servedBy(app);
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  address.listensOn(Number(new URL(base).port));
  afterAll(async () => {
    await app.close();
    gate.close();
    await audit.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { base, url: `${base}/oauth2/token`, db, clock, tokens, applications };
}

/** A client's key pair. */
export async function clientKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('RS512', { modulusLength: 2048, extractable: true });
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS512' };
  return { kid, privateKey, publicJwk, pem: await exportPKCS8(privateKey) };
}
export type ClientKey = Awaited<ReturnType<typeof clientKey>>;

/** Registers an application that may get application-restricted tokens, unless told otherwise. */
export function registered(db: Database, registration: Partial<Registration> = {}) {
  return registerApplication(
    db,
    { name: 'Test', odsCode: 'A81001', asid: '200000000123', mode: 'application-restricted', ...registration },
    1_700_000_000_000,
  );
}

/** What an assertion says; a member given as undefined is left out. */
export type Wanted = { header?: Record<string, unknown>; claims?: Record<string, unknown> };

/** An assertion made by an independent library; `header` and `claims` change the well-formed one. */
export async function assertionOf(
  key: ClientKey,
  facts: { appId: string; audience: string; now: number },
  wanted: Wanted = {},
): Promise<string> {
  const header = present({ alg: 'RS512', typ: 'JWT', kid: key.kid, ...wanted.header });
  const claims = present({
    iss: facts.appId,
    sub: facts.appId,
    aud: facts.audience,
    jti: crypto.randomUUID(),
    exp: Math.floor(facts.now / 1000) + 290,
    ...wanted.claims,
  });
  if (header.alg === 'RS512' && header.crit === undefined)
    return new SignJWT(claims).setProtectedHeader(header as { alg: string }).sign(key.privateKey);
  return `${encode(header)}.${encode(claims)}.${Buffer.from('no signature').toString('base64url')}`;
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const present = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** The form of the client-credentials grant, changed by `fields`; a field given as undefined is left out. */
export function credentialsForm(assertion: string, fields: Record<string, string | undefined> = {}): string {
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: jwtBearer,
    client_assertion: assertion,
    ...fields,
  };
  return new URLSearchParams(present(form) as Record<string, string>).toString();
}

/** Posts a form and reads the answer. */
export async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

export type TokenAnswer = Awaited<ReturnType<typeof post>>;
/** One published error: its step, when it comes, how to bring it about, and what is answered. */
export type ErrorRow = readonly [
  step: number,
  when: string,
  ask: () => Promise<TokenAnswer>,
  status: number,
  error: string,
  description: string,
];

/** Tests each row: exactly the published status and body, with a message id. */
export function answersAsPublished(rows: readonly ErrorRow[]): void {
  test.each(rows)('step %i: %s', async (_step, _when, ask, status, error, error_description) => {
    const { status: got, body } = await ask();
    const message_id = expect.stringMatching(/^\S{8,}$/);
    expect({ status: got, ...body }).toEqual({ status, error, error_description, message_id });
  });
}

/** Asks the service for tokens in the name of one client, with assertions that `wanted` and `fields` change. */
export function asker(service: TokenService, key: ClientKey, client: { readonly appId: string }) {
  const facts = (appId = client.appId) => ({ appId, audience: service.url, now: service.clock.now() });
  return {
    facts,
    seconds: () => Math.floor(service.clock.now() / 1000),
    async ask(
      wanted: Wanted = {},
      fields: Record<string, string | undefined> = {},
      signer = key,
      appId = client.appId,
    ) {
      return post(service.url, credentialsForm(await assertionOf(signer, facts(appId), wanted), fields));
    },
    /** Sends an assertion exactly as given. */
    send: (assertion: string) => post(service.url, credentialsForm(assertion)),
  };
}

/** A token service and one client of it, known by one key, with what `asker` has. */
export async function serviceWithClient(registration: Partial<Registration> = {}) {
  const service = await tokenService();
  const key = await clientKey('test-1');
  const client = await registered(service.db, { jwks: { keys: [key.publicJwk] }, ...registration });
  return { service, key, client, ...asker(service, key, client) };
}
