import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openWhole, PayloadDamaged, sealSegment, sealWhole, segmentBytes } from './cipher.ts';
import { DirectoryStore } from './directory-store.ts';
import { secretOf } from './payloads.ts';
import { opened, sealed } from './sealed-stream.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-payloads-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const store = new DirectoryStore(directory, () => Date.now());
await store.prepare();
const secret = secretOf(randomBytes(32), 'M', 1);

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const gathered = async (pieces: AsyncIterable<Buffer>) => {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};
const fileOf = (reference: string) => join(directory, 'payloads', reference.slice(0, 2), reference);
const incoming = () => readdirSync(join(directory, 'incoming'));

test('what was put is read again, whatever its length and its pieces', async () => {
  for (const length of [0, 1, segmentBytes - 1, segmentBytes, segmentBytes + 1, 3 * segmentBytes, 700_001]) {
    const bytes = randomBytes(length);
    for (const size of [1000, segmentBytes, 1_000_003]) {
      const stored = await store.put(inPieces(bytes, size), secret);
      expect(stored.length).toBe(length);
      expect((await gathered(store.read(stored, secret))).equals(bytes), `${length} by ${size}`).toBe(true);
      await store.remove(stored.reference);
    }
  }
  expect(incoming()).toEqual([]);
});

test('a file holds nothing of what was put, and two of the same payload have nothing in common', async () => {
  const bytes = Buffer.alloc(100_000, 'a result of some patient ');
  const [one, two] = [await store.put(inPieces(bytes, 999), secret), await store.put(inPieces(bytes, 999), secret)];
  expect(readFileSync(fileOf(one.reference)).includes('patient')).toBe(false);
  expect(two.reference).not.toBe(one.reference);
});

test('what sealing has taken in and given out may be overwritten', async () => {
  const bytes = randomBytes(3 * segmentBytes + 5);
  async function* pieces() {
    for await (const piece of inPieces(bytes, 70_000)) {
      const own = Buffer.from(piece);
      yield own;
      own.fill(0);
    }
  }
  const kept: Buffer[] = [];
  const tally = { length: 0 };
  for await (const parts of sealed(pieces(), secret, tally)) {
    kept.push(...parts.map((part) => Buffer.from(part)));
    for (const part of parts) part.fill(0);
  }
  const all = Buffer.concat(kept);
  let at = 0;
  const fill = async (into: Buffer) => {
    at += all.copy(into, 0, at, at + into.length);
  };
  expect((await gathered(opened(fill, tally.length, secret))).equals(bytes)).toBe(true);
});

test('no nonce is made of a prefix whose memory is gone', () => {
  expect(() => sealSegment(secret, Buffer.alloc(0), 0, true, Buffer.alloc(1))).toThrow(RangeError);
});

test("a changed byte, a cut or another chunk's name is found before the reading ends", async () => {
  const bytes = randomBytes(2 * segmentBytes + 10);
  const stored = await store.put(inPieces(bytes, 5000), secret);
  const path = fileOf(stored.reference);
  const whole = readFileSync(path);
  for (const at of [0, 9, 100, segmentBytes + 50, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] as number) ^ 1;
    writeFileSync(path, damaged);
    await expect(gathered(store.read(stored, secret)), `byte ${at}`).rejects.toThrow(PayloadDamaged);
  }
  writeFileSync(path, whole);
  truncateSync(path, whole.length - segmentBytes);
  await expect(gathered(store.read(stored, secret))).rejects.toThrow(PayloadDamaged);
  // cut where a segment ends, and said to be as short: the last one left was not made as the last
  truncateSync(path, 8 + segmentBytes + 16);
  await expect(gathered(store.read({ ...stored, length: segmentBytes }, secret))).rejects.toThrow(PayloadDamaged);
  writeFileSync(path, whole);
  await expect(gathered(store.read(stored, secretOf(secret.key, 'M', 2)))).rejects.toThrow(PayloadDamaged);
  await expect(gathered(store.read({ reference: '../../etc/passwd', length: 1 }, secret))).rejects.toThrow(
    PayloadDamaged,
  );
});

test('nothing is kept of a payload that breaks off', async () => {
  const before = readdirSync(join(directory, 'payloads'), { recursive: true }).length;
  async function* broken() {
    yield randomBytes(400_000);
    throw new Error('the line went dead');
  }
  await expect(store.put(broken(), secret)).rejects.toThrow('the line went dead');
  expect(incoming()).toEqual([]);
  expect(readdirSync(join(directory, 'payloads'), { recursive: true })).toHaveLength(before);
});

test('what a crash left half written is removed, and counted', async () => {
  writeFileSync(join(directory, 'incoming', 'half'), 'x');
  expect(await store.removeUnfinished(3_600_000)).toBe(0);
  expect(await store.removeUnfinished(0)).toBe(1);
  expect(incoming()).toEqual([]);
});

test('a small payload is sealed likewise', () => {
  const sealed = sealWhole(secret, Buffer.from('small'));
  expect(openWhole(secret, sealed).toString()).toBe('small');
  expect(sealWhole(secret, Buffer.from('small')).equals(sealed)).toBe(false);
  expect(() => openWhole(secretOf(secret.key, 'N', 1), sealed)).toThrow(PayloadDamaged);
});
