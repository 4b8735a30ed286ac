import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decideToken } from '../../src/services/mesh/authorization/decide.ts';
import { instantOf } from '../../src/services/mesh/authorization/token.ts';
import { sandboxMailboxes } from '../../src/services/mesh/mailboxes/published-sandbox.ts';
import { meshClient } from '../support/mesh.ts';
import { startSpine } from '../support/spine.ts';
import type { KnownMismatch } from './known.ts';
import { openLedger } from './ledger.ts';
import { type Exchange, Replay } from './mesh-replay.ts';
import { publishedExamples } from './published.ts';

const examples = publishedExamples('mesh');
const fullReport: KnownMismatch = {
  because: 'the live service tells in a report what failed and why; its sandbox leaves that out',
  differences: [
    'mex-linkedmsgid: wanted undefined, got <id>',
    'mex-statuscode: wanted undefined, got 14',
    'mex-statusevent: wanted undefined, got SEND',
    'mex-statusdescription: wanted undefined, got Message not collected by recipient after 5 days',
  ],
};
const known: Readonly<Record<string, KnownMismatch>> = {
  'v1: sender downloads the report': fullReport,
  'v2: sender downloads the report': fullReport,
  'other: ping /_ping': {
    because: 'all of the Spine answers there, so it says more',
    differences: [
      ': wanted env,build_label,status,outcome, got env,build_label,status,outcome,version,revision,releaseId,commitId',
    ],
  },
};

if (!examples.isThere) {
  test.skip(`MESH conformance: no published examples in ${examples.directory} (set OPENSPINE_CONTRACTS)`, () => {});
} else {
  const spine = await startSpine({ OPENSPINE_MESH_ENVIRONMENT: 'local' });
  describe('MESH answers as published', () => {
    const ledger = openLedger('MESH', known, {});
    const replay = new Replay(spine.url);
    for (const file of ['v1', 'v2', 'other']) {
      const exchanges: Exchange[] = examples.read(`exchanges/${file}.json`);
      for (const exchange of exchanges) {
        ledger.replays(`${file}: ${exchange.name}`, async () => {
          if (exchange.name === 'inbox page 1 of 10') await fillInbox();
          const isWrong = exchange.name === 'wrong password in token';
          return replay.differences(exchange, isWrong ? 'wrong' : undefined);
        });
      }
    }
  });

  /** Twelve messages that the published exchanges find there without telling how they came. */
  const fillInbox = async () => {
    const send = meshClient(spine.url, 'X26ABC1');
    for (let count = 0; count < 12; count++) {
      const headers = { 'mex-to': 'X26ABC3', 'mex-workflowid': 'TEST_WORKFLOW_ACK' };
      expect((await send('/outbox', { method: 'POST', headers, body: 'x' })).status).toBe(202);
    }
  };
}

const vectors = join(examples.directory, '../data/auth-vectors.json');
if (existsSync(vectors)) {
  const { valid, rejected } = JSON.parse(readFileSync(vectors, 'utf8'));
  const asHeader = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const decide = (header: string, one: { mailbox: string; password: string; timestamp: string; sharedKey: string }) =>
    decideToken({
      header: asHeader(header),
      mailboxId: one.mailbox,
      find: (mailboxId) =>
        mailboxId === one.mailbox ? { ...sandboxMailboxes[0]!, mailboxId, password: one.password } : undefined,
      sharedKey: one.sharedKey,
      nows: [instantOf(one.timestamp) as number],
    });

  test('every published token is accepted, its digits in either case', () => {
    for (const one of valid) {
      expect(decide(one.header, one)).toHaveProperty('token');
      const upper = one.header.replace(one.hmacSha256Hex, one.hmacSha256Hex.toUpperCase());
      expect(decide(upper, one)).toHaveProperty('token');
      expect(createHmac('sha256', one.sharedKey).update(one.message).digest('hex')).toBe(one.hmacSha256Hex);
    }
    process.stdout.write(`MESH authorization: ${valid.length} published tokens accepted\n`);
  });

  test('every token published as wrong is refused', () => {
    const [first] = valid;
    const given = rejected.filter((one: { header: string }) => !one.header.startsWith('('));
    for (const one of given) expect(decide(one.header, first), one.why).toHaveProperty('text');
    const late = { ...first, timestamp: '202012291313' };
    expect(decide(first.header, late)).toHaveProperty('text', 'Invalid Authentication Token');
    expect(given.length).toBeGreaterThan(5);
  });
}
