import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine({ OPENSPINE_MAX_IN_FLIGHT: '32' });
const sockets: Socket[] = [];
afterAll(() => {
  for (const socket of sockets) socket.destroy();
});
const headers = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'TEST_WORKFLOW' };
const send = (mailboxId: string) => meshClient(spine.url, mailboxId)('/outbox', { method: 'POST', headers, body: 'x' });

/** Begins to send so many bytes, and stops after the first. */
function dawdle(mailboxId: string, bytes: number): Socket {
  const socket = connect(Number(new URL(spine.url).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    `POST /messageexchange/${mailboxId}/outbox HTTP/1.1\r\nhost: x\r\nauthorization: ${meshToken(mailboxId)}\r\nmex-to: X26ABC2\r\nmex-workflowid: W\r\ncontent-length: ${bytes}\r\n\r\nx`,
  );
  return socket;
}

test('a mailbox whose uploads dawdle is asked to wait, others are not; when they have ended it may send again', async () => {
  for (let begun = 0; begun < 4; begun++) dawdle('X26ABC1', 1_000);
  let refused = await send('X26ABC1');
  for (; refused.status !== 429; refused = await send('X26ABC1')) await pause(20);
  expect([refused.body.errorCode, refused.headers.get('retry-after')]).toEqual(['TooManyUploads', '5']);
  expect((await send('X26ABC3')).status).toBe(202);
  for (const socket of sockets) socket.destroy();
  while ((await send('X26ABC1')).status !== 202) await pause(20);
});
