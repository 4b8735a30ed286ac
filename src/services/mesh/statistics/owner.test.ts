import { expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

const spine = await startSpine();
const trust = meshClient(spine.url, 'X26ABC1');
const gp = meshClient(spine.url, 'X26ABC2');

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
type Answer = { status: number; body: any };

async function own(mailboxId: string, path: string, token = meshToken(mailboxId)): Promise<Answer> {
  const response = await fetch(`${spine.url}/mesh/mailboxes/${mailboxId}${path}`, {
    headers: { authorization: token },
  });
  return { status: response.status, body: await response.json() };
}
async function send(workflow: string, headers: Record<string, string> = {}, body = 'letter'): Promise<string> {
  const sent = { 'mex-to': 'X26ABC2', 'mex-workflowid': workflow, ...headers };
  const answer = await trust('/outbox', { method: 'POST', headers: sent, body });
  expect(answer.status).toBe(202);
  return answer.body.messageID;
}
const acknowledge = (id: string) => gp(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });

test('an owner sees what was sent, received and waits, by workflow and day', async () => {
  const ids = [await send('LETTER'), await send('LETTER'), await send('RESULT', {}, 'a longer one')];
  await acknowledge(ids[0] as string);
  const day = new Date().toISOString().slice(0, 10);
  const received = (await own('X26ABC2', '/statistics?days=1')).body;
  expect(received.totals).toMatchObject({ received: 3, sent: 0, undelivered: 0, waiting: 2, waitingBytes: 18 });
  expect(received.received).toEqual([
    { day, workflowId: 'LETTER', messages: 2, bytes: 12, acknowledged: 1, undeliverable: 0 },
    { day, workflowId: 'RESULT', messages: 1, bytes: 12, acknowledged: 0, undeliverable: 0 },
  ]);
  expect(received.waiting.map((one: { workflowId: string }) => one.workflowId)).toEqual(['LETTER', 'RESULT']);
  expect(Date.parse(received.totals.oldestWaitingSince)).toBeLessThanOrEqual(Date.now());
  const sent = (await own('X26ABC1', '/statistics')).body;
  expect(sent.totals).toMatchObject({ received: 0, sent: 3, waiting: 0 });
  expect(sent.sent).toContainEqual({ day, workflowId: 'LETTER', messages: 2 });
});

test('a local id is found however its client wrote it, a page at a time', async () => {
  const written = ['Zo\xeb', 'Zo\xc3\xab', 'Zo\xeb', 'Zo\xc3\xab', 'Zo\xeb'];
  const ids: string[] = [];
  for (const localId of written) ids.push(await send('WRITTEN', { 'mex-localid': localId }));
  for (const [mailbox, direction] of [
    ['X26ABC1', 'sent'],
    ['X26ABC2', 'received'],
  ] as const) {
    const found: string[] = [];
    let path: string | undefined = `/messages?direction=${direction}&localId=${encodeURIComponent('Zoë')}&_count=2`;
    while (path !== undefined) {
      const { messages, next }: Answer['body'] = (await own(mailbox, path)).body;
      expect(messages.map((one: { localId: string }) => one.localId)).toEqual(messages.map(() => 'Zoë'));
      found.push(...messages.map((one: { messageId: string }) => one.messageId));
      path = next?.replace(`/mesh/mailboxes/${mailbox}`, '');
    }
    expect(found).toEqual([...ids].reverse());
  }
});

test('what was sent and received is found by local id, workflow, correspondent and time, a page at a time', async () => {
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push(await send('FOUND', { 'mex-localid': `found-${n % 2}` }));
  const found = async (mailbox: string, query: string) =>
    (await own(mailbox, `/messages?${query}`)).body.messages.map((one: { messageId: string }) => one.messageId);
  expect(await found('X26ABC1', 'direction=sent&localId=found-0')).toEqual([ids[2], ids[0]]);
  expect(await found('X26ABC2', 'direction=received&localId=found-1&workflow=FOUND')).toEqual([ids[1]]);
  expect(await found('X26ABC1', 'direction=sent&workflow=FOUND&correspondent=x26abc2')).toEqual([...ids].reverse());
  expect(await found('X26ABC1', 'direction=sent&workflow=FOUND&correspondent=X26ABC3')).toEqual([]);
  expect(await found('X26ABC2', `direction=received&workflow=FOUND&to=2020-01-01T00:00:00Z`)).toEqual([]);
  const first = (await own('X26ABC1', '/messages?direction=sent&workflow=FOUND&_count=2')).body;
  expect(first.messages).toHaveLength(2);
  const { pathname, search } = new URL(first.next, spine.url);
  const second = (await own('X26ABC1', (pathname + search).replace('/mesh/mailboxes/X26ABC1', ''))).body;
  expect(second.messages.map((one: { messageId: string }) => one.messageId)).toEqual([ids[0]]);
  expect(second.next).toBeUndefined();
  await acknowledge(ids[0] as string);
  const [one] = (await own('X26ABC1', '/messages?direction=sent&localId=found-0&_count=1&to=2999-01-01T00:00:00Z')).body
    .messages;
  expect(one).toMatchObject({ state: 'accepted', recipient: 'X26ABC2', workflowId: 'FOUND' });
});

test('a page is its owner’s: no other mailbox, no token of an application, no used token opens it', async () => {
  expect((await own('X26ABC2', '/statistics', meshToken('X26ABC1'))).status).toBe(403);
  expect((await own('X26ABC2', '/messages?direction=sent', meshToken('X26ABC2', { password: 'guess' }))).status).toBe(
    403,
  );
  const token = meshToken('X26ABC2');
  expect((await own('X26ABC2', '/statistics', token)).status).toBe(200);
  expect((await own('X26ABC2', '/statistics', token)).status).toBe(403);
  const application = await spine.token({ mode: 'application-restricted', appId: 'X26ABC2' });
  expect((await own('X26ABC2', '/statistics', `Bearer ${application}`)).status).toBe(403);
});

test('what is asked wrongly is refused with the parameter', async () => {
  for (const [query, field] of [
    ['direction=sideways', 'direction'],
    ['direction=sent&from=yesterday', 'from'],
    ['direction=sent&_cursor=!!', '_cursor'],
    ['direction=sent&_count=0', '_count'],
    ['direction=sent&localId=%00', 'query'],
    ['direction=sent&what=1', 'query'],
  ] as const) {
    const answer = await own('X26ABC1', `/messages?${query}`);
    expect([query, answer.status, answer.body.issue[0].expression]).toEqual([query, 400, [field]]);
  }
});

test('a sender who asks has a receipt when the message is acknowledged, once; nobody else has one', async () => {
  const receipts = async () =>
    (await trust('/inbox?workflow_filter=OPENSPINE_DELIVERY_RECEIPT')).body.messages as string[];
  const asked = await send('LETTER', { 'mex-localid': 'mine', 'openspine-delivery-receipt': 'requested' });
  const unasked = await send('LETTER');
  expect(await receipts()).toEqual([]);
  for (const id of [asked, unasked, asked]) expect((await acknowledge(id)).status).toBe(200);
  const [receipt, ...more] = await receipts();
  expect(more).toEqual([]);
  const { status, headers, bytes } = await trust(`/inbox/${receipt}`);
  expect([status, bytes.length]).toEqual([200, 0]);
  expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith('mex-')))).toMatchObject({
    'mex-messagetype': 'REPORT',
    'mex-linkedmsgid': asked,
    'mex-localid': 'mine',
    'mex-statussuccess': 'SUCCESS',
    'mex-statusevent': 'RECEIPT',
    'mex-statuscode': '00',
    'mex-to': 'X26ABC1',
  });
  expect((await trust(`/inbox/${receipt}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);
  expect(await receipts()).toEqual([]);
  expect((await own('X26ABC1', '/statistics')).body.totals.undelivered).toBe(0);
});
