import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EdifactFault, segmentsOf } from './edifact.ts';
import { readAcknowledgments, writeAcknowledgment } from './nhsack.ts';

const party = fc.record({ id: fc.stringMatching(/^[!-~]{1,15}$/), qualifier: fc.constantFrom('80', '', 'ZZZ') });
const reference = fc.stringMatching(/^[A-Za-z0-9+:'?]{1,12}$/);
const answered = fc.record({ sender: party, recipient: party, controlReference: reference });
const outcomes = fc.uniqueArray(fc.record({ reference, isAccepted: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
  selector: (one) => one.reference,
});

test('what is written reads back: who, which, how', () => {
  fc.assert(
    fc.property(
      answered,
      outcomes,
      reference,
      fc.date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2099-12-31') }),
      (of, messages, own, at) => {
        const [read] = readAcknowledgments(Buffer.from(writeAcknowledgment(of, messages, own, at.getTime()), 'latin1'));
        const accepted = messages.filter((one) => one.isAccepted).length;
        expect(read).toEqual({
          ...of,
          outcome: accepted === messages.length ? 'IAF' : accepted === 0 ? 'IRA' : 'IAP',
          rejected: messages.filter((one) => !one.isAccepted).map((one) => one.reference),
        });
      },
    ),
  );
});

test('it goes from who had the results to who sent them, and counts right', () => {
  const of = {
    sender: { id: 'LAB', qualifier: '80' },
    recipient: { id: 'GP', qualifier: '80' },
    controlReference: '7',
  };
  const text = writeAcknowledgment(
    of,
    [{ reference: '1', isAccepted: true }],
    '88',
    Date.parse('2026-03-14T10:15:30Z'),
  );
  const segments = segmentsOf(Buffer.from(text, 'latin1'));
  expect(segments[0]).toEqual({
    tag: 'UNB',
    elements: [['UNOC', '3'], ['GP', '80'], ['LAB', '80'], ['260314', '1015'], ['88'], [''], ['NHSACK']],
  });
  expect(segments.map((one) => one.tag)).toEqual(['UNB', 'UNH', 'BGM', 'DTM', 'NIR', 'NMR', 'UNT', 'UNZ']);
  expect(segments[6]?.elements).toEqual([['6'], ['1']]);
});

const written = writeAcknowledgment(
  { sender: { id: 'LAB', qualifier: '80' }, recipient: { id: 'GP', qualifier: '80' }, controlReference: '7' },
  [{ reference: '1', isAccepted: true }],
  '88',
  0,
);
test.each([
  ['an outcome nobody published', written.replace('+IAF', '+IXX')],
  ['no outcome', written.replace(/NIR[^']*'/, '')],
  ['another kind of message', written.replace('NHSACK:D', 'MEDRPT:D')],
  ['a wrong control reference', written.replace('UNZ+1+88', 'UNZ+1+89')],
])('an acknowledgment with %s is none', (_, text) => {
  expect(() => readAcknowledgments(Buffer.from(text, 'latin1'))).toThrow(EdifactFault);
});
