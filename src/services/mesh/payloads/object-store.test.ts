import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { meshClient } from '../../../../test/support/mesh.ts';
import { standInCredentials, standInObjectStore } from '../../../../test/support/object-store.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { ObjectStorage } from '../../../platform/http/object-storage.ts';
import { PayloadDamaged, segmentBytes } from './cipher.ts';
import { ObjectStore } from './object-store.ts';
import { secretOf } from './payloads.ts';
import { NoRoom } from './store.ts';

const standIn = await standInObjectStore();
const storage = new ObjectStorage({ ...standInCredentials, url: standIn.url, wall: () => Date.now() });
const spine = await startSpine({
  OPENSPINE_MESH_S3: standIn.url,
  OPENSPINE_MESH_S3_REGION: standInCredentials.region,
  OPENSPINE_MESH_S3_KEY: `${standInCredentials.accessKey}:${standInCredentials.secretKey}`,
});
afterAll(async () => {
  storage.close();
  await standIn.close();
});
const store = new ObjectStore(storage, () => Date.now());
const secret = secretOf(randomBytes(32), 'M', 1);
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
const gathered = async (pieces: AsyncIterable<Buffer>) => {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
};

test('what was put is read again, small in one object, large in parts', async () => {
  for (const length of [0, 1, segmentBytes, 100_000, 8 * 2 ** 20, 20_000_001]) {
    const bytes = randomBytes(length);
    const stored = await store.put(inPieces(bytes), secret);
    expect(stored.length).toBe(length);
    expect((await gathered(store.read(stored, secret))).equals(bytes), String(length)).toBe(true);
    await store.remove(stored.reference);
  }
  expect([standIn.objects.size, standIn.uploads.size]).toEqual([0, 0]);
});

test('a changed or cut object is found before the reading ends; one that is gone is told', async () => {
  const stored = await store.put(inPieces(randomBytes(600_000)), secret);
  const [[key, kept]] = [...standIn.objects] as [[string, { bytes: Buffer; modifiedAt: number }]];
  const damaged = Buffer.from(kept.bytes);
  damaged[400_000] = (damaged[400_000] as number) ^ 1;
  standIn.objects.set(key, { ...kept, bytes: damaged });
  await expect(gathered(store.read(stored, secret))).rejects.toThrow(PayloadDamaged);
  standIn.objects.set(key, { ...kept, bytes: kept.bytes.subarray(0, 500_000) });
  await expect(gathered(store.read(stored, secret))).rejects.toThrow(PayloadDamaged);
  await store.remove(stored.reference);
  await expect(gathered(store.read(stored, secret))).rejects.toThrow(PayloadDamaged);
  await store.remove(stored.reference);
});

test('a store that is busy for a moment is asked again', async () => {
  standIn.failNext(3);
  const stored = await store.put(inPieces(randomBytes(100_000)), secret);
  standIn.failNext(2);
  expect(await gathered(store.read(stored, secret))).toHaveLength(100_000);
  await store.remove(stored.reference);
});

test.each([
  [507, 'XMinioStorageFull'],
  [403, 'QuotaExceeded'],
])('a store without room (%i %s) is told at once', async (status, code) => {
  standIn.failNext(2, status, code);
  await expect(store.put(inPieces(randomBytes(100_000)), secret)).rejects.toThrow(NoRoom);
  expect(standIn.failuresLeft()).toBe(1);
  standIn.failNext(0);
});

test('a store that takes a request and says nothing is not asked again', async () => {
  const impatient = new ObjectStorage({ ...standInCredentials, url: standIn.url, wall: Date.now, silentMillis: 100 });
  standIn.failNext(2, 0);
  await expect(impatient.put('payloads/x', randomBytes(10))).rejects.toThrow('silent for 100 ms');
  expect(standIn.failuresLeft()).toBe(1);
  standIn.failNext(0);
  impatient.close();
});

test('a reader may take longer than the store may be silent', async () => {
  const impatient = new ObjectStorage({ ...standInCredentials, url: standIn.url, wall: Date.now, silentMillis: 100 });
  const bytes = randomBytes(30_000_000);
  const stored = await store.put(inPieces(bytes), secret);
  const pieces: Buffer[] = [];
  for await (const piece of new ObjectStore(impatient, Date.now).read(stored, secret)) {
    if (pieces.length < 3) await pause(350);
    pieces.push(piece);
  }
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  await store.remove(stored.reference);
  impatient.close();
});

test('a store that cannot list uploads has none to remove', async () => {
  standIn.failNext(2, 501, 'NotImplemented');
  expect(await store.removeUnfinished(0)).toBe(0);
  expect(standIn.failuresLeft()).toBe(1);
  standIn.failNext(0);
});

test('of a payload that breaks off nothing is left, and what a crash left is found', async () => {
  async function* broken() {
    yield randomBytes(20_000_000);
    throw new Error('the line went dead');
  }
  await expect(store.put(broken(), secret)).rejects.toThrow('the line went dead');
  expect([standIn.objects.size, standIn.uploads.size]).toEqual([0, 0]);
  await storage.begin('payloads/left-by-a-crash');
  for (let count = 0; count < 5; count++) await store.put(inPieces(randomBytes(10)), secret);
  expect(await store.removeUnfinished(3_600_000)).toBe(0);
  expect(await store.removeUnfinished(0)).toBe(1);
  const found: string[] = [];
  for await (const reference of store.idle(0)) found.push(reference);
  expect(found).toHaveLength(5);
  for (const reference of found) await store.remove(reference);
  expect([standIn.objects.size, standIn.uploads.size]).toEqual([0, 0]);
});

test('MESH keeps large payloads there when it is told to', async () => {
  const payload = randomBytes(9_000_000);
  const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W' };
  const sent = await meshClient(spine.url, 'X26ABC1')('/outbox', { method: 'POST', headers, body: payload });
  expect(sent.status).toBe(202);
  expect(standIn.objects.size).toBe(1);
  const got = await meshClient(spine.url, 'X26ABC2')(`/inbox/${sent.body.messageID}`);
  expect(got.bytes.equals(payload)).toBe(true);
});

test('while the store is away, refuses us or is full, large messages wait and small ones go', async () => {
  const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'W' };
  const send = (size: number) =>
    meshClient(spine.url, 'X26ABC1')('/outbox', { method: 'POST', headers, body: randomBytes(size) });
  for (const [status, code] of [
    [403, 'SignatureDoesNotMatch'],
    [404, 'NoSuchBucket'],
    [507, 'StorageFull'],
  ] as const) {
    standIn.failNext(1, status, code);
    const refused = await send(100_000);
    expect(refused.status, code).toBe(503);
    expect(refused.headers.get('retry-after'), code).toMatch(/^\d+$/);
    standIn.failNext(1, status, code);
    expect((await send(1000)).status, code).toBe(202);
  }
  standIn.failNext(0);
  expect((await send(100_000)).status).toBe(202);
});
