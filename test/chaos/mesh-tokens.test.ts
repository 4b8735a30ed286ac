import { setTimeout as pause } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { meshClient, meshToken } from '../support/mesh.ts';
import { dataDirectory, eventually, runOpenspine } from '../support/program.ts';

vi.setConfig({ testTimeout: 180_000 });

test('a token of a request that was answered is not good again after PostgreSQL was killed with -9', async () => {
  const directory = dataDirectory();
  const env = { OPENSPINE_DEMO_PATIENTS: '0', OPENSPINE_PORT: '0', OPENSPINE_LOG_LEVEL: 'silent' };
  const program = runOpenspine(['serve'], directory, { ...env, OPENSPINE_CARD_PORT: 'off' });
  const url = await program.url;
  const [sender, recipient] = [meshClient(url, 'X26ABC1'), meshClient(url, 'X26ABC2')];
  const spent: (readonly [string, string])[] = [];
  const token = (mailboxId: string) => {
    const made = meshToken(mailboxId);
    spent.push([mailboxId, made]);
    return made;
  };
  const postgres = () => findEmbedded(directory)?.pid;
  let killed: number | undefined;
  const kill = () => {
    killed = postgres();
    process.kill(killed as number, 'SIGKILL');
  };
  const refusesAll = async () => {
    await eventually('another PostgreSQL', () => ![undefined, killed].includes(postgres()));
    const isAnswered = async () => (await recipient('/count').catch(() => undefined))?.status === 200;
    // by each process, on each of its connections
    const isBack = async () => (await Promise.all(Array.from({ length: 20 }, isAnswered))).every(Boolean);
    await eventually('the database to be back', isBack);
    for (const [mailboxId, used] of spent) {
      const again = await meshClient(url, mailboxId)('/inbox', { token: used });
      expect([again.status, again.body.errorDescription]).toEqual([403, 'Error Duplicated Authentication Token']);
    }
  };

  // what only reads, and is not audited
  await Promise.all(Array.from({ length: 20 }, () => recipient('/inbox', { token: token('X26ABC2') })));
  // nobody else writes meanwhile: what is durable is so of itself
  kill();
  await refusesAll();
  await pause(500);
  // what writes: the last of it is the acknowledgment
  const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'KILLED' };
  const sent = await sender('/outbox', { method: 'POST', body: 'x', headers, token: token('X26ABC1') });
  expect(sent.status).toBe(202);
  const path = `/inbox/${sent.body.messageID}`;
  expect((await recipient(path, { token: token('X26ABC2') })).status).toBe(200);
  const done = await recipient(`${path}/status/acknowledged`, { method: 'PUT', token: token('X26ABC2') });
  expect(done.status).toBe(200);
  kill();
  await refusesAll();
  // what outlives the kill, since it is written again once PostgreSQL is back
  const outlived: (readonly [string, string])[] = [];
  for (let round = 0; round < 4; round++) {
    await pause(500);
    const sendings = Array.from({ length: 24 }, async () => {
      const used = meshToken('X26ABC1');
      const answer = await sender('/outbox', { method: 'POST', body: 'x', headers, token: used }).catch(
        () => undefined,
      );
      if (answer?.status === 202) outlived.push(['X26ABC1', used]);
    });
    await pause(2 + 2 * round);
    kill();
    await Promise.all(sendings);
    spent.push(...outlived.splice(0));
    await refusesAll();
  }
});
