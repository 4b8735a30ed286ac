import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { resultsInterchange } from '../../../../test/support/results.ts';
import { type Message, plainMessage } from '../messages/message.ts';
import { type InterchangeOutcome, interchangeOutcomes, writeAcknowledgment } from './nhsack.ts';
import { dueResults, forgetSettledResults, resultsOf } from './queries-results.ts';
import { Results } from './results.ts';
import { afterAnswer, reasonOf, type TrackedResult } from './tracked-result.ts';

const db = await testDatabase();
const hour = 3_600_000;
const start = Date.parse('2026-03-14T10:00:00Z');
const results = new Results({ db, odsCodesOf: (id) => (id === 'GP' ? ['B81999'] : []), dueMillis: 24 * hour });
let count = 0;

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += 100) yield bytes.subarray(from, from + 100);
}

const message = (more: Partial<Message>): Message => ({
  ...plainMessage,
  mailboxId: 'GP',
  messageId: `m${++count}`,
  state: 'accepted',
  sender: 'LAB',
  workflowId: 'PATH_MEDRPT_V3',
  fileName: '',
  sentOrder: start * 1000,
  expiresAt: start + 120 * hour,
  ...more,
});

/** What came of a message; written where anything is to be. */
async function enter(text: string | Buffer, more: Partial<Message> = {}, now = start) {
  const one = message(more);
  const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
  const outcome = await results.check(one, piecesOf(bytes), now);
  if ('failing' in outcome) return { id: one.messageId, failing: outcome.failing, events: [] };
  for (const statement of outcome.statements) await db.query(statement);
  return { id: one.messageId, failing: undefined, events: outcome.events.map((event) => event.kind) };
}

const answer = (controlReference: string, accepted: readonly boolean[], more: Partial<Message> = {}, now = start) =>
  enter(
    writeAcknowledgment(
      {
        sender: { id: 'LABORATORY01', qualifier: '80' },
        recipient: { id: 'SURGERY01', qualifier: '80' },
        controlReference,
      },
      accepted.map((isAccepted, index) => ({ reference: String(index + 1), isAccepted })),
      'A1',
      now,
    ),
    { workflowId: 'PATH_MEDRPT_V3_ACK', mailboxId: 'LAB', sender: 'GP', ...more },
    now,
  );

async function acknowledge(id: string, now = start): Promise<void> {
  for (const statement of results.acknowledged([message({ messageId: id })], now)) await db.query(statement);
}
const due = async (mailbox: string, now: number) =>
  (await dueResults(db, [mailbox], now, { after: undefined, clinician: undefined, limit: 100 })).map((one) => [
    one.messageId,
    reasonOf(one),
  ]);
const isOpen = async (id: string) => (await resultsOf(db, 'GP', id)).map((one) => one.isOpen);

test('a reference that comes round again is answered for the latest that is open, the other stays', async () => {
  const first = await enter(resultsInterchange({ controlReference: 'A' }), {}, start - hour);
  const second = await enter(resultsInterchange({ controlReference: 'A' }));
  await answer('A', [true]);
  expect([await isOpen(first.id), await isOpen(second.id)]).toEqual([[true], [false]]);
  await answer('A', [true]);
  expect(await isOpen(first.id)).toEqual([false]);
});

test('an answer of other addresses, to another mailbox or about nothing changes nothing', async () => {
  const { id } = await enter(resultsInterchange({ controlReference: 'B' }));
  expect((await answer('B', [true], { mailboxId: 'OTHER' })).events).toEqual([]);
  expect((await answer('B', [true], { sender: 'OTHER' })).events).toEqual([]);
  expect((await answer('C', [true])).events).toEqual([]);
  expect(await isOpen(id)).toEqual([true]);
  expect((await answer('B', [true])).events).toEqual(['mesh.result-answered']);
});

test('an acknowledgment that cannot be read is carried, and settles nothing', async () => {
  const { id } = await enter(resultsInterchange({ controlReference: 'D' }));
  for (const text of ['', 'Received with thanks', "UNB+UNOC:3+A+B+260101:1200+1'UNZ+0+1'"]) {
    const more = { workflowId: 'PATH_MEDRPT_V3_ACK', mailboxId: 'LAB', sender: 'GP' };
    expect(await enter(text, more)).toMatchObject({ failing: undefined, events: [] });
  }
  expect(await isOpen(id)).toEqual([true]);
});

test('whatever bytes are sent, nothing but a refusal or what can be kept comes of it', async () => {
  const whole = resultsInterchange({ controlReference: 'Z', reports: [{}, {}] });
  const piece = fc.tuple(fc.nat(whole.length), fc.uint8Array({ maxLength: 6 }));
  const workflows = [
    { workflowId: 'PATH_MEDRPT_V3' },
    { workflowId: 'PATH_MEDRPT_V3_ACK', mailboxId: 'LAB', sender: 'GP' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 4 }), fc.constantFrom(...workflows), async (pieces, more) => {
      let bytes = Buffer.from(whole, 'latin1');
      for (const [at, inserted] of pieces)
        bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + inserted.length)]);
      await enter(bytes, more);
    }),
    { numRuns: 200 },
  );
});

test('characters that cannot be kept are no reason to fail', async () => {
  const odd = "NIR+SIR:\u0000+A:80+B:80+IAF'";
  const text = writeAcknowledgment(
    { sender: { id: 'A', qualifier: '' }, recipient: { id: 'B', qualifier: '' }, controlReference: '1' },
    [],
    'X',
    start,
  );
  const more = { workflowId: 'PATH_MEDRPT_V3_ACK', mailboxId: 'LAB', sender: 'GP' };
  expect(await enter(text.replace(/NIR[^']*'/, odd), more)).toMatchObject({ failing: undefined, events: [] });
  const { failing } = await enter(resultsInterchange({ reports: [{ reportId: 'a\u0000b' }] }));
  expect(failing?.text).toContain('a character that cannot be kept');
});

test('collected, without an acknowledgment asked for, is settled; not where there is a doubt', async () => {
  const options = { isAcknowledgmentAsked: false, controlReference: 'E' };
  const plain = await enter(resultsInterchange(options));
  const doubtful = await enter(resultsInterchange(options).replace('UNT+20', 'UNT+21'));
  await acknowledge(plain.id);
  await acknowledge(doubtful.id);
  expect([await isOpen(plain.id), await isOpen(doubtful.id)]).toEqual([[false], [true]]);
  expect(await due('GP', start)).toContainEqual([doubtful.id, 'doubtful']);
});

test('turned down without being asked, and collected afterwards, stays on the worklist', async () => {
  const { id } = await enter(resultsInterchange({ controlReference: 'J', isAcknowledgmentAsked: false }));
  await answer('J', [false]);
  await acknowledge(id);
  expect(await due('GP', start)).toContainEqual([id, 'rejected']);
});

test('a test interchange and an encrypted file are followed to nobody', async () => {
  const forTest = resultsInterchange({ controlReference: 'F' }).replace("MEDRPT++1'", "MEDRPT++1++1'");
  expect(await enter(forTest)).toMatchObject({ failing: undefined, events: [] });
  expect(await enter('secret', { isEncrypted: true })).toMatchObject({ failing: undefined, events: [] });
});

test('compressed or not, whole or in members, it reads the same; broken gzip is refused', async () => {
  const plain = Buffer.from(resultsInterchange({ controlReference: 'G' }), 'latin1');
  const zipped = gzipSync(plain);
  const members = Buffer.concat([gzipSync(plain.subarray(0, 90)), gzipSync(plain.subarray(90))]);
  for (const bytes of [plain, zipped, members])
    expect(await enter(bytes)).toMatchObject({ failing: undefined, events: ['mesh.result-sent'] });
  for (const bytes of [zipped.subarray(0, -10), Buffer.concat([zipped.subarray(0, 20), Buffer.from('x'), zipped])])
    expect((await enter(bytes)).failing).toMatchObject({ event: 'SEND', code: '11' });
});

test('a gzip bomb is refused without being unpacked', async () => {
  const { failing } = await enter(gzipSync(Buffer.alloc(80 * 2 ** 20, "A'")));
  expect(failing?.code).toBe('11');
  const blanks = await enter(gzipSync(Buffer.alloc(80 * 2 ** 20, ' ')));
  expect(blanks.failing?.text).toContain('more than 67108864 bytes');
});

test('what is settled is forgotten after its time, what is open never', async () => {
  const old = start - 40 * 24 * hour;
  const settled = await enter(resultsInterchange({ controlReference: 'H' }), {}, old);
  await answer('H', [true], {}, old);
  const open = await enter(resultsInterchange({ controlReference: 'I' }), {}, old);
  await db.query(forgetSettledResults(start - 30 * 24 * hour));
  expect([(await isOpen(settled.id)).length, (await isOpen(open.id)).length]).toEqual([0, 1]);
});

test('whatever happens in whatever order: settled only by full acceptance, or collection where nothing more is asked', async () => {
  const step = fc.oneof(
    fc.constant('collect' as const),
    fc.constant('undelivered' as const),
    fc.constantFrom<InterchangeOutcome>('IAF', 'IAP', 'IRA'),
  );
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 5 }), async (isAsked, steps) => {
      const controlReference = `P${++count}`;
      const { id } = await enter(
        resultsInterchange({ controlReference, isAcknowledgmentAsked: isAsked, reports: [{}, {}] }),
      );
      const accepted = { IAF: [true, true], IAP: [true, false], IRA: [false, false] } as Record<string, boolean[]>;
      for (const one of steps) {
        if (one === 'collect') await acknowledge(id);
        else if (one === 'undelivered')
          for (const statement of results.undelivered([message({ messageId: id })], start)) await db.query(statement);
        else await answer(controlReference, accepted[one] as boolean[]);
      }
      const [[mine], [theirs]] = [await resultsOf(db, 'GP', id), await resultsOf(db, 'LAB', id)] as [
        [TrackedResult],
        [TrackedResult],
      ];
      expect({ ...theirs, mailboxId: 'GP', side: 'recipient', otherMailbox: 'LAB' }).toEqual(mine);
      const answers = steps.filter((one) => one !== 'collect' && one !== 'undelivered');
      if (isAsked) expect(mine.isOpen).toBe(answers.at(-1) !== 'IAF');
      if (!isAsked && steps.length === 0) expect(mine.isOpen).toBe(true);
      // who turned it down without being asked still has to collect it: that is no second thought
      if (!isAsked && answers.length > 0) expect(mine.isOpen && answers.at(-1) === 'IAF').toBe(false);
      if (answers.length > 0 && answers.at(-1) !== 'IAF') expect(mine.isOpen).toBe(true);
      if (answers.length > 0 && answers.at(-1) !== 'IAF') {
        expect(mine.dueAt).toBeLessThanOrEqual(start);
      }
    }),
    { numRuns: 60 },
  );
});

test('only full acceptance settles', () => {
  for (const outcome of interchangeOutcomes) expect(afterAnswer(outcome).isOpen).toBe(outcome !== 'IAF');
});
