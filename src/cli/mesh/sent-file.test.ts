import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { chunksOf } from './chunks.ts';
import { factsOf, openChunk } from './sent-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-sent-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, 'file');

test.for([false, true])('chunks, read one after the other, are the file; compressed: %s', async (isGzip) => {
  const content = randomBytes(2_500_000);
  writeFileSync(path, content);
  const facts = await factsOf(path);
  const read = await Promise.all(
    chunksOf(content.length, 1_100_000).map((chunk) => buffer(openChunk(path, facts, chunk, isGzip, () => {}))),
  );
  expect(Buffer.concat(isGzip ? read.map((one) => gunzipSync(one)) : read).equals(content)).toBe(true);
});

test.for([
  ['grows', () => appendFileSync(path, 'more'), false],
  ['grows, compressed,', () => appendFileSync(path, 'more'), true],
  ['is written anew', () => writeFileSync(path, randomBytes(3_000_000)), false],
  ['is cut short', () => truncateSync(path, 1_500_000), false],
] as const)('a chunk of a file that %s while it is read fails before its last byte', async ([, change, isGzip]) => {
  writeFileSync(path, randomBytes(3_000_000));
  const facts = await factsOf(path);
  const [chunk] = chunksOf(facts.bytes, 3_000_000);
  let isChanged = false;
  const stream = openChunk(path, facts, chunk as NonNullable<typeof chunk>, isGzip, () => {
    if (!isChanged) change();
    isChanged = true;
  });
  await expect(buffer(stream)).rejects.toThrow(/changed while it was being sent/);
});
