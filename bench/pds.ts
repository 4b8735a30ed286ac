import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Database } from '../src/platform/db/database.ts';
import { raw, sql } from '../src/platform/db/sql.ts';
import type { NhsNumber } from '../src/platform/nhs/nhs-number.ts';
import { decodeRecord } from '../src/services/pds/record/record-codec.ts';
import { databaseLimits, freePort, type Limit, nodeHttpLimit } from './limits.ts';
import { drive, type LoadResult } from './load.ts';
import { commit, machine } from './machine.ts';
import { matchingQuality, type Quality, qualityLines } from './matching.ts';
import { PdsTraffic, type Person, type Target } from './pds-traffic.ts';
import { usageOf } from './processes.ts';
import { answering, socketOf, tokenFrom } from './server.ts';

/*
 * npm run bench -- pds [--quick] [--patients N] [--json FILE] [--data DIR]
 * Seeds a nation, starts a server on it as it would run, drives the traffic from this process on the same cores, and
 * prints what came out beside what the database and node:http alone do in the same run.
 */

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    patients: { type: 'string' },
    json: { type: 'string' },
    data: { type: 'string' },
    seconds: { type: 'string' },
    workers: { type: 'string', default: '1' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The most people that limits are measured on. */
const mostDrawn = 1_000_000;

type Row = LoadResult & {
  name: string;
  patients: number;
  serverCpu: number;
  serverMegabytes: number;
  databaseCpu: number;
  loadCpu: number;
};

const root = resolve(import.meta.dirname, '..');
const say = (line: string) => process.stdout.write(`${line}\n`);

if (options.help) {
  say(
    'npm run bench -- pds [--quick] [--patients 10000,100000,1000000] [--seconds 10] [--workers 1] [--only retrieve,patch] [--json FILE] [--data DIR]',
  );
  process.exit(0);
}

const seconds = Number(options.seconds ?? (options.quick ? 4 : 10));
const sizes = (options.patients ?? (options.quick ? '10000' : '10000,100000,1000000')).split(',').map(Number);
const rows: Row[] = [];
/** The limits at each size, measured beside the traffic: a noisy machine moves both. */
const limitsAt = new Map<number, Limit[]>();
let quality: Quality[] = [];
/** Whom the matching is tried on. */
let drawn: string[] = [];
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
say(`${command}\n${JSON.stringify(machine())} commit ${commit()}`);

async function measure(patients: number, withLimits: boolean): Promise<void> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'openspine-bench-'));
  const port = await freePort();
  const env = {
    ...process.env,
    OPENSPINE_DATA: data,
    OPENSPINE_PORT: String(port),
    OPENSPINE_WORKERS: options.workers,
    OPENSPINE_RATE_LIMIT: 'off',
  };
  try {
    say(`\n== ${patients.toLocaleString('en')} patients`);
    const seeded = spawnSync(process.execPath, [join(root, 'bin/openspine'), 'seed', '--patients', String(patients)], {
      env,
      stdio: ['ignore', patients >= 1_000_000 ? 'inherit' : 'ignore', 'inherit'],
    });
    if (seeded.status !== 0) throw new Error('seeding failed');
    const startedAt = performance.now();
    const server = spawn(process.execPath, [join(root, 'bin/openspine'), 'serve'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const gone = new Promise<void>((done) => server.once('exit', () => done()));
    try {
      await answering(port);
      say(`start to first answer: ${Math.round(performance.now() - startedAt)} ms`);
      await scenarios(patients, port, data, server.pid as number);
      if (withLimits) await matching(port, data);
      limitsAt.set(patients, await limitsOf(data, patients));
      for (const text of ratios(patients)) say(text);
    } finally {
      server.kill('SIGTERM');
      await gone;
    }
  } finally {
    if (options.data === undefined) rmSync(data, { recursive: true, force: true });
  }
}

async function scenarios(patients: number, port: number, data: string, serverPid: number): Promise<void> {
  const db = new Database({ url: socketOf(data), lanes: 1, transactions: 1 });
  const { people, targets } = await sample(db, patients, 50_000);
  drawn = people.slice(0, 5000).map((person) => person.nhsNumber);
  await db.query(sql`create table if not exists public.bench_people (n bigint primary key, nhs_number text not null)`);
  await db.query(
    sql`create table if not exists public.bench_audit (nhs_number text, at timestamptz, what text, primary key (nhs_number, at))`,
  );
  await db.query(
    sql`create table if not exists public.bench_history (nhs_number text, at timestamptz, what text, primary key (nhs_number, at))`,
  );
  await db.query(
    sql`insert into public.bench_people select row_number() over (), nhs_number from pds.patient limit ${mostDrawn} on conflict do nothing`,
  );
  await db.query(sql`analyze ${raw('public.bench_people')}`);
  await db.close();
  const token = await tokenFrom(port);
  const traffic = new PdsTraffic(token, people, targets);
  const postgresPid = Number(readFileSync(join(data, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const plan = { host: '127.0.0.1', port, connections: 64, seconds, warmUp: options.quick ? 1 : 3 };
  const all: [string, () => Promise<LoadResult>][] = [
    ['retrieve', () => drive(plan, () => traffic.retrieve())],
    ['search-exact', () => drive(plan, () => traffic.searchExact())],
    ['search-fuzzy', () => drive(plan, () => traffic.searchFuzzy())],
    ['patch', () => drive(plan, () => traffic.patch())],
    [
      'mix',
      () =>
        drive({ ...plan, connections: 256, rate: 6000, seconds: options.quick ? 10 : Math.max(seconds, 60) }, () =>
          traffic.mix(),
        ),
    ],
    ['mix-closed', () => drive(plan, () => traffic.mix())],
  ];
  const wanted = options.only?.split(',');
  for (const [name, run] of all) {
    if (wanted && !wanted.includes(name)) continue;
    const before = { server: usageOf(serverPid, true), database: usageOf(postgresPid, true), load: process.cpuUsage() };
    const began = performance.now();
    const result = await run();
    const elapsed = (performance.now() - began) / 1000;
    const server = usageOf(serverPid, false);
    const row: Row = {
      name,
      patients,
      ...result,
      serverCpu: share(usageOf(serverPid, true).cpuSeconds - before.server.cpuSeconds, elapsed),
      serverMegabytes: Math.round(server.peakMegabytes),
      databaseCpu: share(usageOf(postgresPid, true).cpuSeconds - before.database.cpuSeconds, elapsed),
      loadCpu: share((process.cpuUsage(before.load).user + process.cpuUsage(before.load).system) / 1e6, elapsed),
    };
    rows.push(row);
    say(line(row));
    for (const said of row.samples ?? []) say(`  ${said}`);
  }
}

async function matching(port: number, data: string): Promise<void> {
  const db = new Database({ url: socketOf(data), lanes: 1, transactions: 1 });
  try {
    quality = await matchingQuality(db, port, await tokenFrom(port), drawn, options.quick ? 50 : 400);
    for (const text of qualityLines(quality)) say(text);
  } finally {
    await db.close();
  }
}

const share = (cpuSeconds: number, elapsed: number): number => Math.round((cpuSeconds / elapsed) * 100) / 100;

function line(row: Row): string {
  return `${row.name.padEnd(14)} ${String(row.ratePerSecond).padStart(7)}/s  p50 ${row.p50} p95 ${row.p95} p99 ${row.p99} max ${row.max} ms  errors ${row.errors}${row.behind > 0 ? ` behind ${row.behind}` : ''}  cores: server ${row.serverCpu} database ${row.databaseCpu} load ${row.loadCpu}  server peak ${row.serverMegabytes} MB`;
}

/** People of the nation as their records write them, and those whose home address the updates change. */
async function sample(db: Database, patients: number, most: number): Promise<{ people: Person[]; targets: Target[] }> {
  const rows = await db.query<{ nhs_number: NhsNumber; version: number; record: string }>(sql`
    select nhs_number, version, record from pds.patient ${raw(patients > 2 * mostDrawn ? `tablesample system (${(200 * most) / patients})` : '')}
     where state = 'a' and security = 'U' order by hashtext(nhs_number) limit ${most}`);
  const people: Person[] = [];
  const targets: Target[] = [];
  for (const { nhs_number: nhsNumber, version, record } of rows) {
    const { name, gender, birthDate, address } = decodeRecord(record, nhsNumber, version, 'U');
    const usual = name?.find((one) => one.use === 'usual');
    const given = usual?.given?.[0];
    if (!usual?.family || !given || !birthDate || (gender !== 'male' && gender !== 'female')) continue;
    people.push({
      nhsNumber,
      family: usual.family,
      given,
      birthDate,
      gender,
      postcode: address?.[0]?.postalCode ?? '',
    });
    const home = address?.[0];
    if (home?.id !== undefined && home.use === 'home' && (home.line?.length ?? 0) >= 2) {
      targets.push({ nhsNumber, version, addressId: home.id });
    }
  }
  return { people, targets };
}

async function limitsOf(data: string, patients: number): Promise<Limit[]> {
  const url = socketOf(data);
  const found = await databaseLimits(url, Math.min(patients, mostDrawn), options.quick ? 3 : 8);
  found.push(await nodeHttpLimit(1500, options.quick ? 3 : 8));
  for (const limit of found)
    say(`limit ${limit.name.padEnd(22)} ${String(limit.ratePerSecond).padStart(7)}/s  ${limit.how}`);
  return found;
}

/** Each rate as a share of the limit it cannot pass. */
function ratios(patients: number): string[] {
  const limit = (name: string) => limitsAt.get(patients)?.find((one) => one.name === name)?.ratePerSecond;
  return (
    [
      ['retrieve', 'pgbench-read'],
      ['retrieve', 'node-http'],
      ['patch', 'pgbench-update-audit'],
    ] as const
  ).flatMap(([name, of]) => {
    const row = rows.find((one) => one.patients === patients && one.name === name);
    const most = limit(of);
    return row && most ? [`ratio ${name} / ${of}: ${(row.ratePerSecond / most).toFixed(2)}`] : [];
  });
}

function report(): void {
  const limits = limitsAt.get(sizes.at(-1) as number) ?? [];
  const largest = rows.filter((row) => row.patients === sizes.at(-1));
  const document = {
    command,
    date: new Date().toISOString(),
    machine: machine(),
    commit: commit(),
    dataset: `${sizes.at(-1)} synthetic patients`,
    workers: Number(options.workers),
    results: [...largest, ...limits.map(({ name, ratePerSecond }) => ({ name, ratePerSecond }))],
    limits,
    matching: quality,
    datasets: sizes.map((patients) => ({
      patients,
      results: rows.filter((row) => row.patients === patients),
      limits: limitsAt.get(patients) ?? [],
      ratios: ratios(patients),
    })),
  };
  if (options.json) {
    mkdirSync(resolve(options.json, '..'), { recursive: true });
    writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
    say(`written to ${options.json}`);
  }
}

for (const patients of sizes) await measure(patients, patients === sizes.at(-1));
report();
