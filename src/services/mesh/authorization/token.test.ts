import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sandboxMailboxes } from '../mailboxes/published-sandbox.ts';
import { decideToken, inactive, invalid, noMailbox, otherMailbox, unreadable } from './decide.ts';
import { instantOf, readToken, tokenHash } from './token.ts';

const now = Date.parse('2026-03-15T12:00:00Z');
const alice = { ...sandboxMailboxes[3]!, password: 'her password' };
const good = { mailboxId: 'ALICE', nonce: 'n', nonceCount: '1', timestamp: '202603151200' };
const headerOf = (token: typeof good, password = alice.password, key = 'TestKey') =>
  `NHSMESH ${token.mailboxId}:${token.nonce}:${token.nonceCount}:${token.timestamp}:${tokenHash(token, password, key)}`;
const decide = (header: string | undefined, mailbox: typeof alice | undefined = alice, mailboxId = 'ALICE') =>
  decideToken({ header, mailboxId, find: () => mailbox, sharedKey: 'TestKey', nows: [now] });

test('nothing a header may hold is mistaken for a token, or breaks the reading of it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const header of [text, `NHSMESH ${text}`, `NHSMESH ALICE:${text}`, `NHSMESH ALICE:n:1:${text}`])
        expect(decide(header)).not.toHaveProperty('token');
    }),
  );
});

test('every token that was made rightly is read as it was made', () => {
  const part = fc.string({ minLength: 1 }).map((text) => text.replaceAll(/[:\s]/g, '_').toWellFormed());
  fc.assert(
    fc.property(part, part, fc.nat(), (mailboxId, nonce, count) => {
      const token = { mailboxId, nonce, nonceCount: String(count), timestamp: '202603151200' };
      const header = Buffer.from(headerOf(token), 'utf8').toString('latin1');
      expect(readToken(header)).toMatchObject(token);
    }),
  );
});

test('the checks come in the published order: each flaw is named before those that follow', () => {
  const late = { ...good, timestamp: '202603150959' };
  expect(decide(undefined)).toEqual(unreadable);
  expect(decide(headerOf(good).replace('NHSMESH', 'Bearer'))).toEqual(unreadable);
  expect(decide(headerOf({ ...good, nonceCount: 'x', mailboxId: 'BOB' }))).toEqual(unreadable);
  expect(decide('NHSMESH nonsense')).toEqual(otherMailbox);
  expect(decide(headerOf({ ...late, mailboxId: 'alice' }), undefined)).toEqual(otherMailbox);
  const nobody = decideToken({
    header: headerOf(late),
    mailboxId: 'ALICE',
    find: () => undefined,
    sharedKey: '',
    nows: [],
  });
  expect(nobody).toEqual(noMailbox);
  expect(decide(headerOf(late, 'wrong'), { ...alice, isActive: false })).toEqual(inactive);
  expect(decide(headerOf(late))).toEqual(invalid);
  expect(decide(headerOf(good, 'wrong'))).toEqual(invalid);
  expect(decide(headerOf(good, alice.password, 'other key'))).toEqual(invalid);
  expect(decide(headerOf(good))).toMatchObject({ token: good });
});

test('two hours before and after are in time, a minute more is not', () => {
  for (const [timestamp, isInTime] of [
    ['202603151000', true],
    ['202603150959', false],
    ['202603151400', true],
    ['202603151401', false],
    ['20260315120', false],
    ['abcdefghijkl', false],
  ] as const)
    expect('token' in decide(headerOf({ ...good, timestamp })), timestamp).toBe(isInTime);
});

test('a timestamp is UTC, to the minute', () => {
  expect(instantOf('202603151200')).toBe(now);
  expect(instantOf('2026031512000')).toBeUndefined();
});
