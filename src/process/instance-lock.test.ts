import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { holderOf, takeInstanceLock } from './instance-lock.ts';
import { StartRefused } from './start-refused.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openspine-lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});
const file = () => join(directory, 'instance.lock');

test('one holder at a time; free again after release, with nothing left in the directory', () => {
  const lock = takeInstanceLock(directory);
  expect(lock.wasLeftBehind).toBe(false);
  expect(holderOf(directory)).toBe(process.pid);
  expect(() => takeInstanceLock(directory)).toThrow(StartRefused);
  lock.release();
  expect(holderOf(directory)).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
  takeInstanceLock(directory).release();
});

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((done) => child.once('exit', done));
  writeFileSync(file(), JSON.stringify({ pid: child.pid, began: 'before' }));
  expect(holderOf(directory)).toBeUndefined();
  const lock = takeInstanceLock(directory);
  expect(lock.wasLeftBehind).toBe(true);
  expect(holderOf(directory)).toBe(process.pid);
  lock.release();
});

test('a later process with the number of the dead holder does not count as the holder', () => {
  writeFileSync(file(), JSON.stringify({ pid: process.pid, began: 'another boot 1' }));
  expect(holderOf(directory)).toBeUndefined();
  expect(takeInstanceLock(directory).wasLeftBehind).toBe(true);
});

test.for(['', '{', '{}', 'null', '[1]'])('a lock file cut short (%j) is taken over', (text) => {
  writeFileSync(file(), text);
  takeInstanceLock(directory).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('release leaves the lock of somebody who took it over', () => {
  const lock = takeInstanceLock(directory);
  const others = JSON.stringify({ pid: 1, began: 'x' });
  writeFileSync(file(), others);
  lock.release();
  expect(readFileSync(file(), 'utf8')).toBe(others);
});

test('of many that race for a stale lock exactly one gets it', async () => {
  writeFileSync(file(), JSON.stringify({ pid: 999_999_999, began: 'gone' }));
  const source = new URL('./instance-lock.ts', import.meta.url).href;
  const script = `const { takeInstanceLock } = await import(${JSON.stringify(source)});
    while (Date.now() < Number(process.argv[2]));
    try { takeInstanceLock(process.argv[1]); console.log('got it'); await new Promise((r) => process.stdin.once('end', r).resume()); }
    catch (error) { console.log(error.name); }`;
  const racers = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, directory, String(Date.now() + 1500)]),
  );
  const said = await Promise.all(
    racers.map(
      (racer) => new Promise<string>((done) => racer.stdout.once('data', (text) => done(String(text).trim()))),
    ),
  );
  for (const racer of racers) racer.stdin.end();
  expect(said.filter((word) => word === 'got it')).toHaveLength(1);
});
