import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideToken } from '../authorization/decide.ts';
import { tokenHash } from '../authorization/token.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { sandboxMailboxes } from '../mailboxes/published-sandbox.ts';
import { afterFailure, patienceMillis } from '../notices/retry.ts';
import { readWebhookAddress } from '../notices/webhook-address.ts';
import { isAdministratorOf } from './administrator.ts';
import { isClientName } from './certificate.ts';
import { beyondQuota } from './quota.ts';
import { stuckReason } from './stuck.ts';

const amount = fc.integer({ min: 0, max: 1000 });

test('whatever is sent within a quota adds up to no more than the quota', () => {
  fc.assert(
    fc.property(amount, amount, fc.array(amount), (messagesADay, bytesADay, sizes) => {
      const used = { messages: 0, bytes: 0 };
      for (const bytes of sizes) {
        const next = { messages: 1, bytes };
        if (beyondQuota({ messagesADay, bytesADay }, used, next)) continue;
        used.messages++;
        used.bytes += bytes;
      }
      expect(used.messages).toBeLessThanOrEqual(messagesADay);
      expect(used.bytes).toBeLessThanOrEqual(bytesADay);
    }),
  );
});

test('no quota refuses nothing', () => {
  fc.assert(
    fc.property(amount, amount, (messages, bytes) => {
      const none = { messagesADay: undefined, bytesADay: undefined };
      expect(beyondQuota(none, { messages, bytes }, { messages, bytes })).toBeUndefined();
    }),
  );
});

test('a receiver that never answers is asked less and less often, and not after three days', () => {
  let state: { failures: number; since: number | undefined } = { failures: 0, since: undefined };
  let now = 1_000_000;
  let pause = 0;
  let attempts = 0;
  for (;;) {
    const next = afterFailure(state, 'no answer', now);
    attempts++;
    if (next.isOver) break;
    expect(next.dueAt - now).toBeGreaterThanOrEqual(pause);
    pause = next.dueAt - now;
    expect(pause).toBeLessThanOrEqual(3_600_000);
    [state, now] = [next, next.dueAt];
  }
  expect(now - 1_000_000).toBeGreaterThanOrEqual(patienceMillis);
  expect(attempts).toBeLessThan(100);
});

test('the password before opens a mailbox until its time is over, any other never', () => {
  const now = Date.UTC(2026, 2, 14, 10, 15);
  const plain = sandboxMailboxes[0] as Mailbox;
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 100 }), fc.constantFrom('new', 'old', 'older'), (minutes, password) => {
      const mailbox = { ...plain, password: 'new', earlier: [{ password: 'old', until: now + minutes * 60_000 }] };
      const parts = { mailboxId: plain.mailboxId, nonce: 'n', nonceCount: '1', timestamp: '202603141015' };
      const hash = tokenHash(parts, password, 'key');
      const decision = decideToken({
        header: `NHSMESH ${plain.mailboxId}:n:1:${parts.timestamp}:${hash}`,
        mailboxId: plain.mailboxId,
        find: () => mailbox,
        sharedKey: 'key',
        nows: [now],
      });
      expect('mailbox' in decision).toBe(password === 'new' || (password === 'old' && minutes > 0));
    }),
  );
});

test('an administrator reaches the mailboxes of their organisation, nationally all, and without one none', () => {
  const code = fc.stringMatching(/^[A-Z0-9]{1,5}$/);
  fc.assert(
    fc.property(code, code, code, (mine, odsCode, orgCode) => {
      const isReached = isAdministratorOf({ odsCode: mine }, { odsCode, orgCode });
      expect(isReached).toBe(mine === 'X26' || mine === odsCode || mine === orgCode);
      expect(isAdministratorOf({ odsCode: '' }, { odsCode: '', orgCode: '' })).toBe(false);
    }),
  );
});

test('a client certificate is named for an organisation of its mailbox, and nothing may follow or precede', () => {
  expect(isClientName('ab-1.rxl01.api.mesh-client.nhs.uk', ['RXL01'])).toBe(true);
  for (const name of [
    'ab.rxl02.api.mesh-client.nhs.uk',
    'rxl01.api.mesh-client.nhs.uk',
    'x.ab.rxl01.api.mesh-client.nhs.uk',
    'ab.rxl01.api.mesh-client.nhs.uk.example.org',
    'ab.rxl01.api.mesh-client.nhs.uk\nO=x',
    'ab.rxl01.api-mesh-client.nhs.uk',
  ])
    expect(isClientName(name, ['RXL01']), name).toBe(false);
});

test('notices go to http and https addresses, in production to https only, never with a user name', () => {
  const isTaken = (text: string, isGuarded: boolean) => 'url' in readWebhookAddress(text, { isGuarded });
  expect([isTaken('https://example.org/x?y=1', true), isTaken('http://example.org/', true)]).toEqual([true, false]);
  expect([isTaken('http://example.org/', false), isTaken('file:///etc/hosts', false)]).toEqual([true, false]);
  expect(isTaken('https://a:b@example.org/', true)).toBe(false);
});

test('what is stuck has the first reason that holds', () => {
  const hour = 3_600_000;
  const now = 1000 * hour;
  const stuck = {
    isMailboxActive: true,
    state: 'accepted',
    messages: 3,
    isDownloaded: false,
    oldestAt: now - 30 * hour,
    calledAt: now - hour,
  } as const;
  expect(stuckReason({ ...stuck, isMailboxActive: false }, now)).toBe('mailbox-deactivated');
  expect(stuckReason({ ...stuck, state: 'uploading' }, now)).toBe('upload-incomplete');
  expect(stuckReason({ ...stuck, calledAt: undefined }, now)).toBe('never-called');
  expect(stuckReason({ ...stuck, calledAt: now - 25 * hour }, now)).toBe('not-called-since');
  expect(stuckReason(stuck, now)).toBe('called-not-collected');
  expect(stuckReason({ ...stuck, isDownloaded: true }, now)).toBe('downloaded-not-acknowledged');
});
