import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvFault, CsvReader, writeCsvRecord } from './csv.ts';

function read(bytes: Uint8Array, cuts: readonly number[] = []): string[][] {
  const reader = new CsvReader();
  const records: string[][] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)) {
    records.push(...reader.push(bytes.subarray(from, to)));
    from = to;
  }
  return [...records, ...reader.end()];
}

const field = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ',', '"', 'a"b', '\r\n', ' ', '=1+1'));
const record = fc.array(
  field.filter((text) => text.isWellFormed() && !text.startsWith('\ufeff')),
  { minLength: 1, maxLength: 6 },
);

test('what is written reads back the same, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), fc.array(fc.nat(200)), (records, cuts) => {
      const bytes = Buffer.from(records.map(writeCsvRecord).join(''));
      const kept = records.filter((fields) => fields.length > 1 || fields[0] !== '');
      expect(read(bytes, cuts)).toEqual(kept);
    }),
    { numRuns: 500 },
  );
});

test('either line end will do, the last may be missing, empty lines and a byte order mark are passed over', () => {
  expect(read(Buffer.from('\ufeffa,b\n\r\n"c, ""d""",\r\ne,f'))).toEqual([
    ['a', 'b'],
    ['c, "d"', ''],
    ['e', 'f'],
  ]);
});

test.each([
  ['a\n"b', 2],
  ['a\n\n"b"c', 3],
  ['a"b', 1],
  ['a\rb', 1],
  ['a\r\rb', 1],
  ['a\r,b', 1],
  [`a\n${'x'.repeat(3_000)}`, 2],
  [','.repeat(300), 1],
])('%.12j… is refused in line %d', (text, line) => {
  expect(() => read(Buffer.from(text))).toThrow(CsvFault);
  try {
    read(Buffer.from(text));
  } catch (error) {
    expect((error as CsvFault).line).toBe(line);
  }
});

test('what is not UTF-8 is refused, never replaced: a name must not be changed', () => {
  expect(() => read(Buffer.from([0x61, 0xe9, 0x0a]))).toThrow('the file is not UTF-8');
  expect(() => read(Buffer.from([0x61, 0xc3]))).toThrow('the file is not UTF-8');
});
