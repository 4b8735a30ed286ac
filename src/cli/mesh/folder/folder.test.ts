import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { heard } from '../../../../test/support/command.ts';
import { type foreignMesh as Foreign, foreignMesh } from '../../../../test/support/foreign-mesh.ts';
import { main } from '../../main.ts';
import { readControlFile, writeControlFile } from './control-file.ts';

type Mesh = Awaited<ReturnType<typeof Foreign>>;
const root = mkdtempSync(join(tmpdir(), 'openspine-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(): string {
  const directory = mkdtempSync(join(root, 'd-'));
  for (const name of ['out', 'sent', 'in', 'failed']) mkdirSync(join(directory, name));
  return directory;
}

const plain = { Version: '1.0', MessageType: 'Data', WorkflowId: 'WF_1', To_DTS: 'X26ABC2', From_DTS: 'X26ABC1' };
function pair(directory: string, name: string, fields: Record<string, string> = {}, content: string | null = name) {
  if (content !== null) writeFileSync(join(directory, 'out', `${name}.dat`), content);
  writeFileSync(join(directory, 'out', `${name}.ctl`), writeControlFile({ fields: { ...plain, ...fields } }));
}

async function round(there: Mesh, directory: string, mailbox = 'X26ABC1', ...more: string[]) {
  const args = ['mesh', 'folder', directory, '--once', ...more];
  const { code, out, err } = await heard(main, { MESH_URL: there.url, MESH_MAILBOX: mailbox }, args);
  return { code, said: out.join('\n'), complained: err.join('\n') };
}

const listed = (directory: string) =>
  Object.fromEntries(['out', 'sent', 'in', 'failed'].map((name) => [name, readdirSync(join(directory, name)).sort()]));
const control = (...path: string[]) => readControlFile(readFileSync(join(...path), 'utf8'));

test('what cannot be sent goes to failed, with the published code and text', async () => {
  const there = await foreignMesh();
  const directory = folder();
  pair(directory, 'a-nobody', { To_DTS: 'NOBODY', LocalId: 'L1' });
  pair(directory, 'b-foreign', { From_DTS: 'X26ABC9' });
  pair(directory, 'c-no-data', {}, null);
  utimesSync(join(directory, 'out', 'c-no-data.ctl'), 1, 1);
  pair(directory, 'd-empty', {}, '');
  pair(directory, 'e-broken');
  writeFileSync(join(directory, 'out', 'e-broken.ctl'), '<DTSControl><To_DTS>');
  pair(directory, 'f-subject', { Subject: 'κ' });
  const { code, said, complained } = await round(there, directory);
  expect({ code, said }).toEqual({ code: 1, said: '0 sent, 0 received, 6 failed' });
  expect(complained).toMatch(/a-nobody.ctl: failed: SEND 12 Unregistered to address/);
  expect(listed(directory)).toMatchObject({ out: [], sent: [] });
  const codes = ['a-nobody', 'b-foreign', 'c-no-data', 'd-empty', 'e-broken', 'f-subject'].map((name) => {
    const { Status, Event, StatusCode } = control(directory, 'failed', `${name}.ctl`).status ?? {};
    return [Status, Event, StatusCode].join(' ');
  });
  expect(codes).toEqual([
    'ERROR SEND 12',
    'ERROR SEND 07',
    'ERROR COLLECT 02',
    'ERROR COLLECT 02',
    'ERROR TRANSFER 06',
    'ERROR TRANSFER 06',
  ]);
  expect(control(directory, 'failed', 'a-nobody.ctl').fields).toMatchObject({ LocalId: 'L1', To_DTS: 'NOBODY' });
  expect(existsSync(join(directory, 'failed', 'a-nobody.dat'))).toBe(true);
  expect(there.messages).toEqual([]);
});

test('a control file waits for data that is late, and files that are no control files are left alone', async () => {
  const there = await foreignMesh();
  const directory = folder();
  pair(directory, 'late', {}, null);
  writeFileSync(join(directory, 'out', '.hidden.ctl'), 'being written');
  writeFileSync(join(directory, 'out', 'notes.txt'), 'notes');
  expect((await round(there, directory)).said).toBe('0 sent, 0 received, 0 failed');
  writeFileSync(join(directory, 'out', 'late.dat'), 'now');
  expect((await round(there, directory)).said).toBe('1 sent, 0 received, 0 failed');
  expect(listed(directory)).toEqual({
    out: ['.hidden.ctl', 'notes.txt'],
    sent: ['late.ctl', 'late.dat'],
    in: [],
    failed: [],
  });
});

test('a pair of a name that was sent before does not overwrite the former one', async () => {
  const there = await foreignMesh();
  const directory = folder();
  for (const content of ['monday', 'tuesday']) {
    pair(directory, 'results', {}, content);
    expect((await round(there, directory)).code).toBe(0);
  }
  expect(listed(directory).sent).toEqual(['results-2.ctl', 'results-2.dat', 'results.ctl', 'results.dat']);
  expect(readFileSync(join(directory, 'sent', 'results.dat'), 'utf8')).toBe('monday');
});

test('a report comes in as a control file alone, which names the message it is about', async () => {
  const there = await foreignMesh();
  const directory = folder();
  const id = there.put(
    'X26ABC1',
    {
      'mex-messagetype': 'REPORT',
      'mex-linkedmsgid': '20261125120000000001_AAAAAA',
      'mex-localid': 'L7',
      'mex-statussuccess': 'ERROR',
      'mex-statusevent': 'SEND',
      'mex-statuscode': '14',
      'mex-statusdescription': 'Message not collected by recipient after 5 days',
    },
    [Buffer.alloc(0)],
  );
  expect((await round(there, directory)).said).toBe('0 sent, 1 received, 0 failed');
  expect(listed(directory).in).toEqual([`${id}.ctl`]);
  expect(control(directory, 'in', `${id}.ctl`)).toMatchObject({
    fields: { MessageType: 'Report', LocalId: 'L7', DTSId: '20261125120000000001_AAAAAA' },
    status: { Status: 'ERROR', StatusCode: '14' },
  });
});

test('trouble on the way leaves the pair in out for the next round', async () => {
  const there = await foreignMesh();
  const directory = folder();
  pair(directory, 'a');
  there.next(/outbox/, { status: 503 });
  expect((await round(there, directory)).code).toBe(3);
  expect(listed(directory).out).toEqual(expect.arrayContaining(['a.ctl', 'a.dat']));
  there.next(/outbox/, 'cut-before');
  expect((await round(there, directory)).said).toBe('0 sent, 0 received, 0 failed');
  expect((await round(there, directory, 'X26ABC1', '--settle', '0')).said).toBe('1 sent, 0 received, 0 failed');
  expect(there.messages).toHaveLength(1);
});

test('a pair in doubt under a local id of its own ends in failed, for a person, and is not sent twice', async () => {
  const there = await foreignMesh();
  const directory = folder();
  pair(directory, 'a', { LocalId: 'L1' });
  there.next(/outbox/, 'cut-after');
  await round(there, directory);
  expect((await round(there, directory)).said).toBe('0 sent, 0 received, 1 failed');
  expect(control(directory, 'failed', 'a.ctl').status?.Description).toMatch(/not known whether MESH has taken/);
  expect(there.messages).toHaveLength(1);
});

const openspine = fileURLToPath(new URL('../../../../bin/openspine', import.meta.url));
const living = new Set<ChildProcess>();
afterAll(() => {
  for (const child of living) child.kill('SIGKILL');
});

function begin(there: Mesh, directory: string, mailbox: string): { child: ChildProcess; ended: Promise<void> } {
  const child = spawn(process.execPath, [openspine, 'mesh', 'folder', directory, '--settle', '0', '--every', '1'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, MESH_URL: there.url, MESH_MAILBOX: mailbox },
  });
  living.add(child);
  const ended = new Promise<void>((done) => child.once('close', () => done(void living.delete(child))));
  return { child, ended };
}

test('killed again and again, it sends each pair once and lands each message once', async () => {
  const there = await foreignMesh();
  const directory = folder();
  const count = 40;
  for (let n = 0; n < count; n++) {
    pair(directory, `p${n}`);
    there.put('X26ABC1', { 'mex-workflowid': 'W' }, [Buffer.from(`for us ${n}`)]);
  }
  const isOver = () =>
    there.messages.every(({ from, status }) => from !== '' || status === 'acknowledged') &&
    readdirSync(join(directory, 'sent')).filter((name) => name.endsWith('.ctl')).length === count;
  for (let kills = 0; kills < 60 && !isOver(); kills++) {
    const before = there.asked.length;
    const { child, ended } = begin(there, directory, 'X26ABC1');
    // somewhere in its work, which begins with its first request
    while (there.asked.length === before && child.exitCode === null) await pause(10);
    await pause(Math.random() * 700);
    child.kill('SIGKILL');
    await ended;
  }
  const { child, ended } = begin(there, directory, 'X26ABC1');
  const isTidy = () => ['out', 'in'].every((name) => readdirSync(join(directory, name)).every((one) => one[0] !== '.'));
  const asked = there.asked.length;
  await expect
    .poll(() => there.asked.length > asked && isOver() && isTidy(), { timeout: 60_000, interval: 200 })
    .toBe(true);
  child.kill('SIGTERM');
  await ended;
  expect(child.exitCode).toBe(0);
  const sent = there.messages.filter(({ from }) => from === 'X26ABC1').map(({ chunks }) => String(chunks[0]));
  expect(sent.sort()).toEqual(Array.from({ length: count }, (_, n) => `p${n}`).sort());
  const { out, in: come, failed } = listed(directory);
  expect({ out, failed }).toEqual({ out: [], failed: [] });
  const contents = (come ?? [])
    .filter((name) => name.endsWith('.dat'))
    .map((name) => readFileSync(join(directory, 'in', name), 'utf8'));
  expect(contents.sort()).toEqual(Array.from({ length: count }, (_, n) => `for us ${n}`).sort());
  expect((come ?? []).filter((name) => name.startsWith('.'))).toEqual([]);
}, 240_000);
