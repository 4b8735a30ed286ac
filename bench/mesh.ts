import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from './http-client.ts';
import { freePort, nodeHttpLimit } from './limits.ts';
import { commit, machine } from './machine.ts';
import { transferLarge } from './mesh-large.ts';
import { answerArrived, compareAnswer, sendTraceFile } from './mesh-traces.ts';
import { ask, driveLives, headOf, payloadOf, sendHead, steps } from './mesh-traffic.ts';
import { usageOf } from './processes.ts';
import { answering } from './server.ts';

/*
 * npm run bench -- mesh [--quick] [--seconds 20] [--senders 16,64] [--waiting 100000] [--chunks 10] [--workers 1]
 *   [--rows 100000] [--patients 100000] [--only lives,large,inbox,traces] [--data DIR] [--json FILE]
 * Whole lives of 2 KB messages (send, list, download, acknowledge) over 1,000 mailboxes; a message of 100 MB chunks in and
 * out; the first page of a full inbox beside an empty one's; with --only traces, a batch trace file of so many rows about so many patients. Load and server share the machine.
 */

const usage =
  'npm run bench -- mesh [--quick] [--seconds 20] [--senders 16,64] [--waiting 100000] [--chunks 10] [--workers 1] [--rows 100000] [--patients 100000] [--only lives,large,inbox,traces] [--data DIR] [--json FILE]';
const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    senders: { type: 'string', default: '16,64' },
    waiting: { type: 'string' },
    chunks: { type: 'string' },
    rows: { type: 'string' },
    patients: { type: 'string' },
    workers: { type: 'string', default: '1' },
    only: { type: 'string', default: 'lives,large,inbox' },
    data: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
if (options.help) {
  say(usage);
  process.exit(0);
}
const root = resolve(import.meta.dirname, '..');
const runSeconds = Number(options.seconds ?? (options.quick ? 5 : 20));
const waiting = Number(options.waiting ?? (options.quick ? 10_000 : 100_000));
const chunks = Number(options.chunks ?? (options.quick ? 3 : 10));
const rows = Number(options.rows ?? (options.quick ? 10_000 : 100_000));
const patients = Number(options.patients ?? (options.quick ? 10_000 : 100_000));
const parts = options.only.split(',');
const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
say(`${command}\n${JSON.stringify(machine())} commit ${commit()}`);

const data = options.data ?? mkdtempSync(join(tmpdir(), 'openspine-bench-'));
const port = await freePort();
const at = { host: '127.0.0.1', port };
const mailboxes = Array.from({ length: 1000 }, (_, index) => `BENCH${String(index).padStart(4, '0')}`);
/** Beside the thousand: what waits there disturbs nobody. */
const [full, empty] = ['BENCHFULL', 'BENCHEMPTY'] as const;
const env = { ...process.env, OPENSPINE_DATA: data, OPENSPINE_DEMO_PATIENTS: '0' };
if (parts.includes('traces')) {
  const seeded = spawnSync(process.execPath, [join(root, 'bin/openspine'), 'seed', '--patients', String(patients)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (seeded.status !== 0) throw new Error('seeding failed');
}
// `node --cpu-prof bench/run.ts …` profiles the server too
const server = spawn(process.execPath, [...process.execArgv, join(root, 'bin/openspine'), 'start'], {
  env: {
    ...env,
    OPENSPINE_PORT: String(port),
    OPENSPINE_WORKERS: options.workers,
    OPENSPINE_CARD_PORT: 'off',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const gone = new Promise<void>((done) => server.once('exit', () => done()));
const serverPid = server.pid as number;
const results: object[] = [];
const told = (result: object, line: string) => {
  results.push(result);
  say(line);
};
try {
  await answering(port);
  const rows = [...mailboxes, full, empty].map((id) => ({ mailbox_id: id, password: 'password' }));
  const loaded = await fetch(`http://127.0.0.1:${port}/sandbox/load`, {
    method: 'POST',
    body: JSON.stringify({ mesh: { mailboxes: rows } }),
  });
  if (!loaded.ok) throw new Error(await loaded.text());
  if (parts.includes('lives')) for (const senders of options.senders.split(',').map(Number)) await lives(senders);
  if (parts.includes('large')) await large();
  if (parts.includes('inbox')) await inboxes();
  if (parts.includes('traces')) await traces();
} finally {
  server.kill('SIGTERM');
  await gone;
  if (options.data === undefined) rmSync(data, { recursive: true, force: true });
}
if (options.json) {
  mkdirSync(resolve(options.json, '..'), { recursive: true });
  const document = { command, date: new Date().toISOString(), machine: machine(), commit: commit(), results };
  writeFileSync(options.json, `${JSON.stringify(document, null, 1)}\n`);
  say(`written to ${options.json}`);
}

/** CPU seconds so far, and peak memory of the server since `forgetPeak`. */
function used(): { server: number; database: number; load: number; megabytes: number } {
  const postgresPid = Number(readFileSync(join(data, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const database = usageOf(postgresPid, true).cpuSeconds;
  const { cpuSeconds, peakMegabytes } = usageOf(serverPid, options.workers !== '1');
  return { server: cpuSeconds, database, load: process.cpuUsage().user / 1e6, megabytes: peakMegabytes };
}

/** From now on the server's peak memory is measured anew. */
function forgetPeak(): void {
  writeFileSync(`/proc/${serverPid}/clear_refs`, '5');
}

function quantiles(millis: number[]): { p50: number; p99: number } {
  millis.sort((a, b) => a - b);
  const of = (share: number) => round(millis[Math.floor(millis.length * share)] ?? 0);
  return { p50: of(0.5), p99: of(0.99) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Lives, and in the same minute what node:http alone answers, with the same load: a busy machine slows both. */
async function lives(senders: number): Promise<void> {
  forgetPeak();
  const began = performance.now();
  const before = used();
  const countFrom = began + (options.quick ? 1000 : 3000);
  const end = countFrom + runSeconds * 1000;
  const run = await driveLives({ ...at, mailboxes }, { senders, bytes: 2048, countFrom, end });
  const elapsed = (performance.now() - began) / 1000;
  const after = used();
  const fifth = (end - countFrom) / 5;
  const rate = (from: number, to: number) =>
    Math.round((run.endedAt.filter((time) => time >= from && time < to).length / (to - from)) * 1000);
  const perSecond = rate(countFrom, end);
  const firstFifth = rate(countFrom, countFrom + fifth);
  const lastFifth = rate(end - fifth, end);
  const millis = Object.fromEntries(steps.map((step) => [step, quantiles(run.millis[step])]));
  const whole = quantiles(run.whole);
  const cores = {
    server: round((after.server - before.server) / elapsed),
    database: round((after.database - before.database) / elapsed),
    load: round((after.load - before.load) / elapsed),
  };
  const { megabytes } = after;
  const nodeHttp = (await nodeHttpLimit(2048, options.quick ? 2 : 4)).ratePerSecond;
  const ratio = round((perSecond * steps.length) / nodeHttp);
  const perCore = Math.round(perSecond / (cores.server + cores.database));
  told(
    {
      name: 'lives',
      senders,
      perSecond,
      firstFifth,
      lastFifth,
      millis,
      whole,
      cores,
      perCore,
      megabytes,
      errors: run.errors,
    },
    `lives, ${senders} senders: ${perSecond}/s (first fifth ${firstFifth}, last ${lastFifth}); p50/p99 ms: ${steps
      .map((step) => `${step} ${millis[step]?.p50}/${millis[step]?.p99}`)
      .join(
        ', ',
      )}, whole ${whole.p50}/${whole.p99}; cores ${JSON.stringify(cores)}, ${perCore}/s a core; node:http alone ${nodeHttp}/s, requests of lives to that ${ratio}; server peak ${Math.round(megabytes)} MB; errors ${run.errors.length} ${run.errors.join(' | ')}`,
  );
}

async function large(): Promise<void> {
  forgetPeak();
  const began = performance.now();
  const before = used();
  const [from, to] = mailboxes as [string, string];
  const { inMegabytesPerSecond, outMegabytesPerSecond } = await transferLarge(at, {
    from,
    to,
    chunks,
    piece: payloadOf(2 ** 20),
  });
  const after = used();
  const serverCores = round((after.server - before.server) / ((performance.now() - began) / 1000));
  const rates = {
    inMegabytesPerSecond: Math.round(inMegabytesPerSecond),
    outMegabytesPerSecond: Math.round(outMegabytesPerSecond),
  };
  told(
    { name: 'large', chunks, ...rates, serverCores, megabytes: after.megabytes },
    `${chunks} chunks of 100 MB: in ${rates.inMegabytesPerSecond} MB/s, out ${rates.outMegabytesPerSecond} MB/s; server ${serverCores} cores, peak ${Math.round(after.megabytes)} MB`,
  );
}

/** One file to PDS's mailbox and its answer back; measured from the one's arrival to the other's, with nothing beside it. */
async function traces(): Promise<void> {
  const plan = { from: mailboxes[0] as string, rows, patients, seed: 1 };
  const requestMegabytes = round((await sendTraceFile(at, plan)) / 1e6);
  forgetPeak();
  const [began, before] = [performance.now(), used()];
  const id = await answerArrived(at, plan.from);
  const [elapsed, after] = [(performance.now() - began) / 1000, used()];
  const { bytes, chunks: answerChunks, codes } = await compareAnswer(at, plan, id);
  const answerMegabytes = round(bytes / 1e6);
  const [perSecond, seconds] = [Math.round(rows / elapsed), round(elapsed)];
  const cores = {
    server: round((after.server - before.server) / elapsed),
    database: round((after.database - before.database) / elapsed),
  };
  const { megabytes } = after;
  told(
    {
      name: 'traces',
      rows,
      patients,
      perSecond,
      seconds,
      requestMegabytes,
      answerMegabytes,
      answerChunks,
      codes,
      cores,
      megabytes,
    },
    `batch trace of ${rows} rows (${requestMegabytes} MB) about ${patients} patients: ${perSecond} rows/s, ${seconds} s; answer ${answerMegabytes} MB in ${answerChunks} chunks, compared, codes ${JSON.stringify(codes)}; cores ${JSON.stringify(cores)}; server peak ${Math.round(megabytes)} MB`,
  );
}

/** Fills one inbox and lists its first page in turn with an empty one's; pages of ten, and of the default 500. */
async function inboxes(): Promise<void> {
  const payload = payloadOf(64);
  let left = waiting;
  await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const connection = new Connection(at.host, at.port);
      while (left-- > 0) {
        const head = sendHead(mailboxes[index] as string, full, payload.length);
        const { status } = await ask(connection, Buffer.concat([Buffer.from(head), payload]));
        if (status !== 202) throw new Error(`filling the inbox: ${status}`);
      }
      connection.close();
    }),
  );
  const connection = new Connection(at.host, at.port);
  const listed = async (mailboxId: string, path: string, accept: string, wanted: number) => {
    const began = performance.now();
    const { status, body } = await ask(connection, headOf('GET', mailboxId, path, `Accept: ${accept}\r\n`));
    const taken = performance.now() - began;
    const { messages } = JSON.parse(body.toString()) as { messages: string[] };
    if (status !== 200 || messages.length !== wanted)
      throw new Error(`listing: ${status}, ${messages.length} messages`);
    return taken;
  };
  for (const [name, path, accept, size] of [
    ['10, version 1', '/inbox?max_results=10', 'application/vnd.mesh.v1+json', 10],
    ['500, version 1', '/inbox', 'application/vnd.mesh.v1+json', 500],
    ['500, version 2', '/inbox', 'application/vnd.mesh.v2+json', 500],
  ] as const) {
    const [ofFull, ofEmpty]: [number[], number[]] = [[], []];
    for (let round = 0; round < 300; round++) {
      ofFull.push(await listed(full, path, accept, Math.min(size, waiting)));
      ofEmpty.push(await listed(empty, path, accept, 0));
    }
    const [mine, others] = [quantiles(ofFull), quantiles(ofEmpty)];
    told(
      { name: 'inbox', page: name, waiting, full: mine, empty: others },
      `first page of ${name}: ${waiting} waiting p50 ${mine.p50} p99 ${mine.p99} ms, none waiting p50 ${others.p50} p99 ${others.p99} ms`,
    );
  }
  connection.close();
}
