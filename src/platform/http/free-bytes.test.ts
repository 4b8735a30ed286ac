import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { freeBytes } from './free-bytes.ts';

test('bytes that have their memory to themselves are empty afterwards', () => {
  const plain = Buffer.alloc(100_000);
  const encrypted = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12)).update(plain);
  freeBytes(encrypted);
  freeBytes(encrypted);
  expect(encrypted).toHaveLength(0);
});

test('a part of something, and what is small, stay as they are', () => {
  const whole = Buffer.alloc(100_000, 7);
  freeBytes(whole.subarray(0, 50_000));
  freeBytes(whole.subarray(1));
  expect(whole.equals(Buffer.alloc(100_000, 7))).toBe(true);
  const small = Buffer.from(new Uint8Array(8));
  freeBytes(small);
  expect(small).toHaveLength(8);
});

test('memory through which a gigabyte goes does not grow', () => {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let count = 0; count < 4000; count++) {
    const bytes = Buffer.allocUnsafeSlow(2 ** 18);
    freeBytes(bytes);
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  expect(most - before).toBeLessThan(2 ** 20);
});
