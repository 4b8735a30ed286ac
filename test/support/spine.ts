import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readConfig } from '../../src/platform/config/config.ts';
import { openSpine, type Spine } from '../../src/spine.ts';
import { testDatabaseUrl } from './database.ts';

export type SpineUnderTest = {
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  readonly spine: Spine;
  /** Calls `/sandbox/<name>`; the parsed answer. */
  control(name: string, body?: object): Promise<Record<string, unknown>>;
  /** A token, as `/sandbox/token` gives it. */
  token(request: object): Promise<string>;
  /** Calls a PDS path below the FHIR base with a token and a fresh request id. */
  pds(
    path: string,
    options: { token: string; method?: string; headers?: Record<string, string | undefined>; body?: unknown },
  ): Promise<PdsAnswer>;
};

export type PdsAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
  readonly body: any;
};

export const pdsBase = '/personal-demographics/FHIR/R4';

/** A whole sandbox Spine on a database of its own, listening on a free loopback port; ended with the test file. */
export async function startSpine(env: Record<string, string> = {}): Promise<SpineUnderTest> {
  const databaseUrl = await testDatabaseUrl();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'openspine-spine-'));
  const config = readConfig({ OPENSPINE_DATA: dataDirectory, OPENSPINE_LOG_LEVEL: 'warn', ...env });
  const spine = await openSpine(config, { databaseUrl });
  const port = await spine.listen({ port: 0, host: '127.0.0.1' });
  afterAll(async () => {
    await spine.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  const control = async (name: string, body: object = {}) => {
    const response = await fetch(`${url}/sandbox/${name}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`sandbox/${name}: ${response.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  };
  return {
    url,
    databaseUrl,
    dataDirectory,
    spine,
    control,
    token: async (request) => (await control('token', request)).access_token as string,
    pds: async (path, { token, method = 'GET', headers = {}, body }) => {
      const sent: Record<string, string> = {};
      const all = { authorization: `Bearer ${token}`, 'x-request-id': randomUUID(), ...headers };
      for (const [name, value] of Object.entries(all)) if (value !== undefined) sent[name] = value;
      const response = await fetch(`${url}${pdsBase}${path}`, {
        method,
        headers: sent,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parsed(text) };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
