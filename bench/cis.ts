import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Clock } from '../src/platform/clock/clock.ts';
import { Database } from '../src/platform/db/database.ts';
import { Tokens } from '../src/platform/identity/tokens.ts';
import { clientAssertion } from '../src/services/cis/token-service/client-assertion.ts';
import { logOnsInBrowser } from './cis-browser.ts';
import { freePort } from './limits.ts';
import { drive } from './load.ts';
import { commit, machine } from './machine.ts';
import { usageOf } from './processes.ts';
import { answering, socketOf } from './server.ts';

/*
 * npm run bench -- cis [--quick] [--seconds 10] [--tokens 10000] [--log-ons 20] [--json FILE]
 * What checking a token costs, how many tokens a second are given to applications that sign, and how long a member of
 * staff takes from the log-on page to a picked role with a passkey in Chromium.
 */

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    tokens: { type: 'string', default: '10000' },
    'log-ons': { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
if (options.help) {
  say('npm run bench -- cis [--quick] [--seconds 10] [--tokens 10000] [--log-ons 20] [--json FILE]');
  process.exit(0);
}
const root = resolve(import.meta.dirname, '..');
const seconds = Number(options.seconds ?? (options.quick ? 4 : 10));
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
say(`${command}\n${JSON.stringify(machine())} commit ${commit()}`);

const data = mkdtempSync(join(tmpdir(), 'openspine-bench-'));
const port = await freePort();
const server = spawn(process.execPath, [join(root, 'bin/openspine'), 'start'], {
  env: {
    ...process.env,
    OPENSPINE_DATA: data,
    OPENSPINE_PORT: String(port),
    OPENSPINE_CARD_PORT: 'off',
    OPENSPINE_DEMO_PATIENTS: '100',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const gone = new Promise<void>((done) => server.once('exit', () => done()));
const results: object[] = [];
const told = (result: object, line: string) => {
  results.push(result);
  say(line);
};
try {
  await answering(port);
  await tokenChecks(Number(options.tokens));
  await clientCredentials();
  const log = await logOnsInBrowser(port, Number(options['log-ons'] ?? (options.quick ? 5 : 20)));
  told({ name: 'log-on', ...log }, log.line);
} finally {
  server.kill('SIGTERM');
  await gone;
  rmSync(data, { recursive: true, force: true });
}
if (options.json) {
  mkdirSync(resolve(options.json, '..'), { recursive: true });
  const document = { command, date: new Date().toISOString(), machine: machine(), commit: commit(), results };
  writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
  say(`written to ${options.json}`);
}

/** Resolves tokens at random, each known already, as a server does for every request; and each for the first time. */
async function tokenChecks(many: number): Promise<void> {
  const db = new Database({ url: socketOf(data) });
  const clock = new Clock();
  const issuing = new Tokens(db, clock);
  const principal = { mode: 'healthcare-worker' as const, appId: 'bench', scopes: [], attributes: {}, userId: 'bench' };
  const tokens: string[] = [];
  for (let i = 0; i < many; i += 500)
    tokens.push(...(await Promise.all(Array.from({ length: 500 }, () => issuing.issue(principal, 3600)))));
  const checking = new Tokens(db, clock);
  let began = performance.now();
  for (let i = 0; i < tokens.length; i += 64)
    await Promise.all(tokens.slice(i, i + 64).map((token) => checking.resolve(token)));
  const firstMicros = ((performance.now() - began) * 1000) / tokens.length;
  const rounds = 1_000_000;
  const order = Array.from({ length: rounds }, () => tokens[randomInt(tokens.length)] as string);
  let good = 0;
  began = performance.now();
  for (const token of order) {
    const resolution = checking.resolve(token);
    if (!(resolution instanceof Promise) && resolution.is === 'valid') good++;
  }
  const knownMicros = ((performance.now() - began) * 1000) / rounds;
  await db.close();
  told(
    { name: 'token-check', tokens: many, knownMicros, firstMicros, good },
    `token check at ${many} live tokens: ${knownMicros.toFixed(2)} µs when seen before, ${firstMicros.toFixed(0)} µs the first time (64 at once); ${good} of ${rounds} good`,
  );
}

/** `POST /oauth2/token` with assertions signed beforehand, each good once. */
async function clientCredentials(): Promise<void> {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'jwk' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const jwks = { keys: [{ ...(pair.publicKey as object), kid: 'bench' }] };
  const loaded = await fetch(`http://127.0.0.1:${port}/sandbox/load`, {
    method: 'POST',
    body: JSON.stringify({ cis: { applications: [{ apiKey: 'bench', jwks }] } }),
  });
  if (!loaded.ok) throw new Error(await loaded.text());
  const many = 2500 * (seconds + 2);
  const audience = `http://localhost:${port}/oauth2/token`;
  const requests = Array.from({ length: many }, () => {
    const now = Date.now();
    const assertion = clientAssertion({ privateKeyPem: pair.privateKey, kid: 'bench', appId: 'bench', audience, now });
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }).toString();
    return `POST /oauth2/token HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
  let next = 0;
  const serverPid = server.pid as number;
  const postgresPid = Number(readFileSync(join(data, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const before = { server: usageOf(serverPid, false).cpuSeconds, database: usageOf(postgresPid, true).cpuSeconds };
  const began = performance.now();
  const result = await drive({ host: '127.0.0.1', port, connections: 32, seconds, warmUp: 1 }, () => ({
    name: 'token',
    bytes: requests[next++ % many] as string,
  }));
  const elapsed = (performance.now() - began) / 1000;
  const serverCores = (usageOf(serverPid, false).cpuSeconds - before.server) / elapsed;
  const databaseCores = (usageOf(postgresPid, true).cpuSeconds - before.database) / elapsed;
  const perCore = Math.round(result.ratePerSecond / (serverCores + databaseCores));
  told(
    { name: 'client-credentials', ...result, serverCores, databaseCores, perCore },
    `client credentials: ${result.ratePerSecond}/s, p50 ${result.p50} p99 ${result.p99} ms, errors ${result.errors}; cores: server ${serverCores.toFixed(2)} database ${databaseCores.toFixed(2)}; ${perCore}/s a core${next > many ? ' (ran out of fresh assertions)' : ''}`,
  );
}
