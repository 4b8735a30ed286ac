import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { readControlFile, writeControlFile } from '../../src/cli/mesh/folder/control-file.ts';
import { heard } from '../support/command.ts';
import { cutLink } from '../support/cut-link.ts';
import { startSpine } from '../support/spine.ts';

const spine = await startSpine();
const root = mkdtempSync(join(tmpdir(), 'openspine-mesh-journey-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'd-'));
const laboratory = {
  mailbox_id: 'LAB01',
  mailbox_name: 'Laboratory',
  ods_code: 'RR8',
  org_code: 'RR8',
  password: 'password',
};
const practice = {
  mailbox_id: 'GP01',
  mailbox_name: 'Practice',
  ods_code: 'A20047',
  org_code: 'A20047',
  password: 'password',
};
const load = (...mailboxes: object[]) => spine.control('load', { mesh: { mailboxes, workflows: [] } });

beforeEach(async () => {
  await fetch(`${spine.url}/messageexchange/admin/reset`, { method: 'DELETE' });
  await load(laboratory, practice);
});

async function mesh(url: string, mailbox: string, ...args: string[]) {
  const { code, out, err } = await heard(main, { MESH_URL: url, MESH_MAILBOX: mailbox }, ['mesh', ...args]);
  return { code, said: out, complained: err.join('\n') };
}

test.for(['1', '2'])('a file goes from mailbox to mailbox by version %s', async (api) => {
  const file = join(fresh(), 'letter.txt');
  writeFileSync(file, 'Dear colleague');
  const sent = await mesh(spine.url, 'LAB01', 'send', file, '--to', 'GP01', '--workflow', 'W', '--api', api, '--json');
  expect(sent).toMatchObject({ code: 0, complained: '' });
  const { messageId } = JSON.parse(sent.said[0] ?? '');
  const directory = fresh();
  expect(await mesh(spine.url, 'GP01', 'fetch', directory, '--api', api)).toMatchObject({ code: 0, complained: '' });
  expect(readFileSync(join(directory, `${messageId}.dat`), 'utf8')).toBe('Dear colleague');
  expect((await mesh(spine.url, 'GP01', 'fetch', directory, '--api', api)).said).toEqual([]);
});

test('a file of 300 MB arrives as it was over a link that is cut again and again, each time resumed at the chunk', async () => {
  const megabytes = 300;
  const file = join(fresh(), 'large.bin');
  const whole = createHash('sha256');
  const target = openSync(file, 'w');
  for (let n = 0; n < megabytes; n++) {
    const piece = randomBytes(1_048_576);
    whole.update(piece);
    writeSync(target, piece);
  }
  closeSync(target);
  const link = await cutLink(spine.url);
  link.cutAfter(10_000_000, 90_000_000, 70_000_000, 1_000_000);
  const sent = await mesh(
    link.url,
    'LAB01',
    'send',
    file,
    '--to',
    'GP01',
    '--workflow',
    'W',
    '--chunk',
    '40',
    '--json',
  );
  expect(sent.code).toBe(0);
  expect(link.cuts()).toBe(4);
  const { messageId, chunks } = JSON.parse(sent.said[0] ?? '');
  expect(chunks).toBe(8);
  link.cutAfter(30_000_000, 60_000_000, 2_000_000);
  const directory = fresh();
  expect((await mesh(link.url, 'GP01', 'fetch', directory)).code).toBe(0);
  expect(link.cuts()).toBe(7);
  const came = createHash('sha256');
  for await (const piece of createReadStream(join(directory, `${messageId}.dat`))) came.update(piece as Buffer);
  expect(came.digest('hex')).toBe(whole.digest('hex'));
  expect(readdirSync(directory)).toHaveLength(2);
}, 300_000);

test('folders: a pair goes out, comes in at the other end, and is told of at both', async () => {
  const [ours, theirs] = [fresh(), fresh()];
  mkdirSync(join(ours, 'out'));
  writeFileSync(join(ours, 'out', 'batch.dat'), 'results');
  writeFileSync(
    join(ours, 'out', 'batch.ctl'),
    writeControlFile({
      fields: {
        Version: '1.0',
        MessageType: 'Data',
        WorkflowId: 'W',
        To_DTS: 'GP01',
        From_DTS: 'LAB01',
        LocalId: 'L-1',
        Compress: 'Y',
      },
    }),
  );
  expect((await mesh(spine.url, 'LAB01', 'folder', ours, '--once')).said).toEqual(['1 sent, 0 received, 0 failed']);
  expect(readdirSync(join(ours, 'out'))).toEqual([]);
  expect(readdirSync(join(ours, 'sent')).sort()).toEqual(['batch.ctl', 'batch.dat']);
  const sent = readControlFile(readFileSync(join(ours, 'sent', 'batch.ctl'), 'utf8'));
  expect(sent).toMatchObject({ fields: { IsCompressed: 'Y' }, status: { Status: 'SUCCESS', StatusCode: '00' } });
  expect((await mesh(spine.url, 'GP01', 'folder', theirs, '--once')).said).toEqual(['0 sent, 1 received, 0 failed']);
  const id = sent.fields.DTSId;
  expect(readFileSync(join(theirs, 'in', `${id}.dat`), 'utf8')).toBe('results');
  expect(readControlFile(readFileSync(join(theirs, 'in', `${id}.ctl`), 'utf8'))).toMatchObject({
    fields: { From_DTS: 'LAB01', To_DTS: 'GP01', LocalId: 'L-1', DTSId: id, WorkflowId: 'W', MessageType: 'Data' },
    status: { Status: 'SUCCESS' },
  });
});

test('an organisation is deactivated with mail waiting: its sender is told by a report, and it can neither fetch nor send', async () => {
  const file = join(fresh(), 'letter.txt');
  writeFileSync(file, 'Dear colleague');
  const sent = await mesh(
    spine.url,
    'LAB01',
    'send',
    file,
    '--to',
    'GP01',
    '--workflow',
    'W',
    '--local-id',
    'L-2',
    '--json',
  );
  const { messageId } = JSON.parse(sent.said[0] ?? '');
  await load({ ...practice, active: false });
  const denied = await mesh(spine.url, 'GP01', 'fetch', fresh());
  expect(denied).toMatchObject({
    code: 1,
    complained: 'openspine mesh: MESH refused: 403 Request Received from Inactive Mailbox',
  });
  const directory = fresh();
  await expect
    .poll(async () => (await mesh(spine.url, 'LAB01', 'fetch', directory)).said, { timeout: 20_000 })
    .toEqual([
      expect.stringContaining(`report on ${messageId}: 14 Message was not collected as the mailbox is deactivated`),
    ]);
  await load(practice);
  expect((await mesh(spine.url, 'GP01', 'fetch', fresh())).said).toEqual([]);
});

test('a first send whose answer is lost makes one message, and the client is told of it', async () => {
  const file = join(fresh(), 'letter.txt');
  writeFileSync(file, 'Dear colleague');
  const link = await cutLink(spine.url);
  link.cutAnswerTo(/^POST .*\/outbox HTTP/);
  const sent = await mesh(link.url, 'LAB01', 'send', file, '--to', 'GP01', '--workflow', 'W', '--json');
  expect(sent.code).toBe(0);
  expect(link.cuts()).toBe(1);
  const { messageId } = JSON.parse(sent.said[0] ?? '');
  const fetched = await mesh(spine.url, 'GP01', 'fetch', fresh(), '--json');
  expect(fetched.said.map((line) => JSON.parse(line).messageId)).toEqual([messageId]);
});

test('a client killed in the middle of sending, and of fetching, goes on at the chunk and ends with the same content', async () => {
  const source = fresh();
  const file = join(source, 'large.bin');
  const content = randomBytes(60 * 1_048_576);
  writeFileSync(file, content);
  const directory = fresh();
  const send = ['send', file, '--to', 'GP01', '--workflow', 'W', '--chunk', '2', '--json'];
  const hasState = (where: string, words: RegExp) => () =>
    readdirSync(where).some((name) => {
      try {
        return name.startsWith('.') && words.test(readFileSync(join(where, name), 'latin1'));
      } catch {
        return false;
      }
    });
  await killWhen(hasState(source, /"done":[3-9]\b/), 'LAB01', send);
  const sent = await mesh(spine.url, 'LAB01', ...send);
  const { messageId, isResumed, chunks } = JSON.parse(sent.said[0] ?? '');
  expect({ isResumed, chunks }).toEqual({ isResumed: true, chunks: 30 });
  await killWhen(hasState(directory, /"chunks":\[(\{[^}]*\},?){3}/), 'GP01', ['fetch', directory]);
  expect(readdirSync(directory).filter((name) => !name.startsWith('.'))).toEqual([]);
  expect(await mesh(spine.url, 'GP01', 'fetch', directory, '--quiet')).toMatchObject({ code: 0, complained: '' });
  expect(readFileSync(join(directory, `${messageId}.dat`)).equals(content)).toBe(true);
  expect(readdirSync(directory).sort()).toEqual([`${messageId}.dat`, `${messageId}.json`]);
  expect(readdirSync(source)).toEqual(['large.bin']);
}, 120_000);

const openspine = fileURLToPath(new URL('../../bin/openspine', import.meta.url));

/** Runs the client in a process of its own, and kills it as soon as it is so far. */
async function killWhen(isSoFar: () => boolean, mailbox: string, args: string[]): Promise<void> {
  const env = { PATH: process.env.PATH, MESH_URL: spine.url, MESH_MAILBOX: mailbox };
  const child = spawn(process.execPath, [openspine, 'mesh', ...args], { stdio: 'ignore', env });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('close', (_code, signal) => done(signal)));
  while (!isSoFar() && child.exitCode === null) await pause(2);
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}
