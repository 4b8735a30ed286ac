import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../src/platform/db/database.ts';
import { type Statement, sql } from '../src/platform/db/sql.ts';
import { drive } from './load.ts';

export type Limit = { readonly name: string; readonly ratePerSecond: number; readonly how: string };

/** PostgreSQL's own load generator, from PATH or Debian's directories. */
function pgbench(): string | undefined {
  const roots = [
    '/usr/bin',
    ...(existsSync('/usr/lib/postgresql')
      ? readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin`)
      : []),
  ];
  return roots.map((root) => join(root, 'pgbench')).find((file) => existsSync(file));
}

const readScript = (table: string) => `\\set n random(1, :people)
select record from pds.patient where nhs_number = (select nhs_number from ${table} where n = :n);
`;

const updateScript = `\\set n random(1, :people)
with u as (update pds.patient set version = version + 1 where nhs_number = (select nhs_number from bench_people where n = :n) returning nhs_number),
     a as (insert into bench_audit (nhs_number, at, what) select nhs_number, clock_timestamp(), 'x' from u)
insert into bench_history (nhs_number, at, what) select nhs_number, clock_timestamp(), 'x' from u;
`;

/** What the database alone does on this machine: the same primary-key read, and update with audit and history rows. */
export async function databaseLimits(databaseUrl: string, people: number, seconds: number): Promise<Limit[]> {
  const program = pgbench();
  if (!program) return ownLimits(databaseUrl, people, seconds);
  const host = decodeURIComponent(/[?&]host=([^&]+)/.exec(databaseUrl)?.[1] ?? 'localhost');
  const database = /\/([^/?]+)(\?|$)/.exec(databaseUrl)?.[1] ?? 'openspine';
  const directory = mkdtempSync(join(tmpdir(), 'openspine-pgbench-'));
  const run = (script: string, clients: number): number => {
    const file = join(directory, 'script.sql');
    writeFileSync(file, script);
    const said = execFileSync(
      program,
      [
        '-h',
        host,
        '-U',
        'postgres',
        '-n',
        '-M',
        'prepared',
        '-c',
        String(clients),
        '-j',
        '2',
        '-T',
        String(seconds),
        '-D',
        `people=${people}`,
        '-f',
        file,
        database,
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return Math.round(Number(/tps = ([0-9.]+)/.exec(said)?.[1] ?? 0));
  };
  try {
    return [
      {
        name: 'pgbench-read',
        ratePerSecond: run(readScript('bench_people'), 8),
        how: 'pgbench, 8 clients, prepared, one read by primary key (and one to draw it)',
      },
      {
        name: 'pgbench-update-audit',
        ratePerSecond: run(updateScript, 16),
        how: 'pgbench, 16 clients, prepared, one statement: update, audit insert, history insert; durable',
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same two statements from this process, where there is no pgbench: a lower limit than its. */
async function ownLimits(databaseUrl: string, people: number, seconds: number): Promise<Limit[]> {
  const db = new Database({ url: databaseUrl, lanes: 8 });
  const run = async (clients: number, statement: (n: number) => Statement): Promise<number> => {
    const end = performance.now() + seconds * 1000;
    let done = 0;
    const client = async () => {
      for (; performance.now() < end; done++) await db.query(statement(1 + Math.floor(Math.random() * people)));
    };
    await Promise.all(Array.from({ length: clients }, client));
    return Math.round(done / seconds);
  };
  try {
    const how = 'no pgbench on this machine: the same statement from this process, pipelined over 8 connections';
    return [
      {
        name: 'pgbench-read',
        ratePerSecond: await run(
          64,
          (n) =>
            sql`select record from pds.patient where nhs_number = (select nhs_number from public.bench_people where n = ${n})`,
        ),
        how,
      },
      {
        name: 'pgbench-update-audit',
        ratePerSecond: await run(
          64,
          (n) => sql`
          with u as (update pds.patient set version = version + 1 where nhs_number = (select nhs_number from public.bench_people where n = ${n}) returning nhs_number),
               a as (insert into public.bench_audit (nhs_number, at, what) select nhs_number, clock_timestamp(), 'x' from u)
          insert into public.bench_history (nhs_number, at, what) select nhs_number, clock_timestamp(), 'x' from u`,
        ),
        how,
      },
    ];
  } finally {
    await db.close();
  }
}

/** What node:http alone does here: an answer of the same size and nothing else. */
export async function nodeHttpLimit(bodyBytes: number, seconds: number): Promise<Limit> {
  const program = `
    const body = Buffer.alloc(${bodyBytes}, 120);
    const server = require('node:http').createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': body.length });
      response.end(body);
    });
    server.listen(0, '127.0.0.1', () => process.send(server.address().port));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve) => child.once('message', (message) => resolve(message as number)));
  const bytes = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const result = await drive({ host: '127.0.0.1', port, connections: 64, seconds, warmUp: 1 }, () => ({
    name: 'bare',
    bytes,
  }));
  child.kill('SIGKILL');
  return {
    name: 'node-http',
    ratePerSecond: result.ratePerSecond,
    how: `node:http answering ${bodyBytes} bytes, 64 connections, the same load generator`,
  };
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
