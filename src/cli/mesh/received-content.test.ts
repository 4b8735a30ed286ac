import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type ReceivedChunk, unpack } from './received-content.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-unpack-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const [from, to] = [join(directory, 'part'), join(directory, 'whole')];

async function unpacked(content: Buffer, chunks: ReceivedChunk[]): Promise<Buffer> {
  writeFileSync(from, content);
  const { bytes, sha256 } = await unpack(from, to, chunks);
  const whole = readFileSync(to);
  expect({ bytes, sha256 }).toEqual({ bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') });
  return whole;
}

const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 6 });

test('chunks that are each a gzip stream, or plain, become the content', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), async (list, kinds) => {
      const stored = list.map((piece, index) => (kinds[index] ? gzipSync(piece) : Buffer.from(piece)));
      const chunks = stored.map((one, index) => ({ bytes: one.length, isGzip: kinds[index] === true }));
      expect(await unpacked(Buffer.concat(stored), chunks)).toEqual(Buffer.concat(list));
    }),
    { numRuns: 40 },
  );
});

test('one gzip stream cut anywhere becomes the content', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 5000 }),
      fc.array(fc.nat(5000)),
      async (content, cuts) => {
        const stored = gzipSync(content);
        const at = [0, ...cuts.map((cut) => cut % stored.length).sort((a, b) => a - b), stored.length];
        const chunks = at.slice(1).map((end, index) => ({ bytes: end - (at[index] ?? 0), isGzip: true }));
        expect(await unpacked(stored, chunks)).toEqual(Buffer.from(content));
      },
    ),
    { numRuns: 40 },
  );
});

test('many gzip streams of large chunks, each ending where a piece that is read ends, become the content', async () => {
  const stored = Array.from({ length: 3 }, (_, index) => gzipSync(Buffer.alloc(1 << 20, index), { level: 0 }));
  const chunks = stored.map(({ length }) => ({ bytes: length, isGzip: true }));
  expect((await unpacked(Buffer.concat(stored), chunks)).length).toBe(3 << 20);
});

test('compressed content that is cut short, damaged, or followed by what is none, is refused', async () => {
  const whole = gzipSync(Buffer.from('results '.repeat(500)));
  const second = gzipSync(Buffer.from('more results'));
  second[0] = 0;
  const damaged = Buffer.from(whole);
  damaged[20] = (damaged[20] ?? 0) ^ 0xff;
  for (const content of [whole.subarray(0, -4), damaged, Buffer.concat([whole, second]), Buffer.from('not gzip')])
    await expect(unpacked(content, [{ bytes: content.length, isGzip: true }])).rejects.toThrow(/is damaged/);
});
