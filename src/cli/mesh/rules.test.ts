import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Authorizations, authorizationOf } from './authorization.ts';
import { chunksOf } from './chunks.ts';
import { baseOf } from './connection.ts';
import { headersOf, travelling } from './envelope.ts';
import { amount, barOf } from './progress.ts';
import { runsOf } from './received-content.ts';
import { waitBefore } from './retries.ts';
import { complaintIn, Refusal, UsageError } from './trouble.ts';

const vectors = new URL('../../../../shared/contracts/mesh/data/auth-vectors.json', import.meta.url);
const published = (): { valid: Record<string, string>[] } | undefined => {
  try {
    return JSON.parse(
      readFileSync(
        process.env.OPENSPINE_CONTRACTS ? `${process.env.OPENSPINE_CONTRACTS}/mesh/data/auth-vectors.json` : vectors,
        'utf8',
      ),
    );
  } catch {
    return undefined;
  }
};

test('authorization is the keyed hash that the published vectors have', (context) => {
  const found = published();
  if (!found) return context.skip('the published contracts are not here');
  for (const {
    mailbox = '',
    password = '',
    sharedKey = '',
    nonce = '',
    nonceCount = '',
    timestamp = '',
    header,
  } of found.valid) {
    expect(authorizationOf({ mailbox, password, sharedKey }, nonce, nonceCount, timestamp)).toBe(header);
  }
});

test('no two authorizations of a run are the same, and they share a nonce', () => {
  const all = new Authorizations({ mailbox: 'X26ABC1', password: 'p', sharedKey: 'k' });
  const given = Array.from({ length: 1200 }, () => all.next(0));
  expect(new Set(given).size).toBe(given.length);
  expect(new Set(given.map((one) => one.split(':')[1])).size).toBe(1);
});

test('chunks cover a file from its first byte to its last, without gap or overlap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 500 }), (bytes, chunkBytes) => {
      const chunks = chunksOf(bytes, chunkBytes);
      let at = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk).toMatchObject({ number: index + 1, from: at });
        expect(chunk.bytes).toBeGreaterThan(0);
        expect(chunk.bytes).toBeLessThanOrEqual(chunkBytes);
        at += chunk.bytes;
      }
      expect(at).toBe(bytes);
    }),
  );
  expect(chunksOf(0, 10)).toEqual([]);
});

test('runs keep every byte and its kind', () => {
  const chunk = fc.record({ bytes: fc.nat(100), isGzip: fc.boolean() });
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const kinds = (list: typeof chunks) => list.flatMap(({ bytes, isGzip }) => Array(bytes).fill(isGzip));
      const runs = runsOf(chunks);
      expect(kinds(runs)).toEqual(kinds(chunks));
      expect(runs.every((run, index) => index === 0 || run.isGzip !== runs[index - 1]?.isGzip)).toBe(true);
    }),
  );
});

test('waits double up to a minute, and are as long as MESH asks', () => {
  expect([1, 2, 3, 4].map((failures) => waitBefore(failures, undefined))).toEqual([250, 500, 1000, 2000]);
  expect(waitBefore(40, undefined)).toBe(60_000);
  expect(waitBefore(1, 7)).toBe(7000);
  expect(waitBefore(1, 1e9)).toBe(600_000);
});

test('headers name what cannot travel', () => {
  const envelope = { to: 'X26ABC2', workflowId: 'WF', localId: 'L', fileName: 'a.txt' };
  expect(headersOf(envelope)).toEqual({
    'mex-to': 'X26ABC2',
    'mex-workflowid': 'WF',
    'mex-localid': 'L',
    'mex-filename': 'a.txt',
  });
  const wrong = (more: object, words: RegExp) => expect(() => headersOf({ ...envelope, ...more })).toThrow(words);
  wrong({ to: '' }, /mex-to is missing/);
  wrong({ subject: 'a\r\nmex-to: X' }, /mex-subject holds a control character/);
  wrong({ subject: 'κ' }, /mex-subject holds a character/);
  wrong({ localId: 'x'.repeat(301) }, /mex-localid has more than 300/);
  wrong({ checksum: 'a=b' }, /mex-content-checksum/);
});

test('a file name of any characters becomes one that travels', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const headers = headersOf({ to: 'A', workflowId: 'W', localId: '', fileName: travelling(name) });
      expect(headers['mex-filename'] ?? '').toHaveLength(travelling(name).length);
    }),
  );
});

test('an address is a base address, over TLS unless it is this machine', () => {
  expect(baseOf('https://mesh.example').href).toBe('https://mesh.example/messageexchange/');
  expect(baseOf('https://mesh.example/messageexchange/').href).toBe('https://mesh.example/messageexchange/');
  expect(baseOf('http://localhost:8600').href).toBe('http://localhost:8600/messageexchange/');
  for (const bad of [
    'mesh.example',
    'ftp://mesh.example',
    'http://mesh.example',
    'https://a:b@mesh.example',
    'http://localhost.evil.example',
  ])
    expect(() => baseOf(bad), bad).toThrow(UsageError);
});

test('errors of both versions, of validation and of strangers are read', () => {
  expect(
    complaintIn('{"errorEvent":"SEND","errorCode":"12","errorDescription":"Unregistered","messageID":"M"}'),
  ).toEqual({
    event: 'SEND',
    code: '12',
    words: 'Unregistered',
    messageId: 'M',
  });
  expect(complaintIn('{"message_id":"M","detail":[{"event":"SEND","code":"12","msg":"Unregistered"}]}')).toEqual({
    event: 'SEND',
    code: '12',
    words: 'Unregistered',
    messageId: 'M',
  });
  expect(complaintIn('{"detail":[{"type":"missing","loc":["header","mex-to"],"msg":"Field required"}]}').words).toBe(
    'header mex-to: Field required',
  );
  expect(complaintIn('<h1>\u001b[31mBad\nGateway</h1>').words).toBe('<h1> [31mBad Gateway</h1>');
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void complaintIn(body).words.length));
  expect([425, 429, 502, 503, 504].every((status) => new Refusal(status, complaintIn('')).isPassing)).toBe(true);
  expect([400, 403, 404, 410, 417, 500].some((status) => new Refusal(status, complaintIn('')).isPassing)).toBe(false);
});

test('a bar is as long whatever the share; amounts are in decimal units', () => {
  const lengths = [0, 1, 50, 99, 100, 120].map((bytes) => barOf(bytes, 100).split(']')[0]?.length);
  expect(new Set(lengths).size).toBe(1);
  expect([amount(0), amount(999), amount(1000), amount(2_500_000_000)]).toEqual(['0 B', '999 B', '1.0 kB', '2.5 GB']);
});
