import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EdifactFault, type Segment, SegmentReader, segmentsOf, writeSegment } from './edifact.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const latin1 = fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) });
const anySegment: fc.Arbitrary<Segment> = fc.record({
  tag: fc.stringMatching(/^[A-TV-Z][A-Z0-9]{2}$/),
  elements: fc.array(fc.array(latin1, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
});

/** A segment as it reads after empty ends were left out. */
function trimmed({ tag, elements }: Segment): Segment {
  const cut = <Item>(list: readonly Item[], isEmpty: (item: Item) => boolean): Item[] => {
    let end = list.length;
    while (end > 0 && isEmpty(list[end - 1] as Item)) end--;
    return list.slice(0, end);
  };
  const inner = elements.map((components) => cut(components, (one) => one === ''));
  return { tag, elements: cut(inner, (one) => one.length === 0).map((one) => (one.length === 0 ? [''] : one)) };
}

test('what is written reads back the same, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(anySegment, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(300)), (segments, cuts) => {
      const whole = bytes(segments.map((segment) => `${writeSegment(segment)}\r\n`).join(''));
      const reader = new SegmentReader();
      const read: Segment[] = [];
      let from = 0;
      for (const to of [...cuts, whole.length].map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b)) {
        read.push(...reader.push(whole.subarray(from, to)));
        from = to;
      }
      read.push(...reader.end());
      expect(read).toEqual(segments.map(trimmed));
    }),
  );
});

test('service characters are those of UNA', () => {
  const own = { component: '*', element: '|', release: '\\', terminator: '~' };
  const segment: Segment = { tag: 'ABC', elements: [['a*b', 'c|d'], ["e'f+g:h?i"], ['\\~']] };
  expect(segmentsOf(bytes(`UNA*|.\\ ~\n${writeSegment(segment, own)}`))).toEqual([segment]);
  expect(segmentsOf(bytes("UNA:+.?'ABC+what??'"))).toEqual([{ tag: 'ABC', elements: [['what?']] }]);
  expect(segmentsOf(bytes("UNA:+.  'ABC+what?'"))).toEqual([{ tag: 'ABC', elements: [['what?']] }]);
});

test('letters beyond ASCII are ISO 8859-1', () => {
  expect(segmentsOf(Buffer.from([0x41, 0x42, 0x43, 0x2b, 0xe9, 0xdf, 0x27]))).toEqual([
    { tag: 'ABC', elements: [['éß']] },
  ]);
});

test.each([
  ['ABC+unfinished', 'unterminated'],
  ["ABC+released?'", 'unterminated'],
  ["abc+1'", 'segment-tag'],
  ["+1'", 'segment-tag'],
  ["ABC+\u0000'", 'character'],
  ["UNA:::: 'ABC'", 'UNA'],
  ["UNAABCDEFABC'", 'UNA'],
  [`ABC+${'x'.repeat(40_000)}'`, 'segment-length'],
  [`ABC${'+'.repeat(1_000)}'`, 'segment-length'],
])('%.20s… breaks the rule %s', (text, rule) => {
  expect(() => segmentsOf(bytes(text))).toThrow(EdifactFault);
  try {
    segmentsOf(bytes(text));
  } catch (error) {
    expect((error as EdifactFault).fault.rule).toBe(rule);
  }
});

test('whatever bytes come, they are segments or a named fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (anything) => {
      try {
        segmentsOf(anything);
      } catch (error) {
        expect(error).toBeInstanceOf(EdifactFault);
      }
    }),
    { numRuns: 500 },
  );
});
