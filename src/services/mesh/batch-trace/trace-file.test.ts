import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Traced, TracedPatient, TraceRequest } from '../../pds/index.ts';
import { requestColumns, responseColumns, responseFileName } from './columns.ts';
import { CsvReader } from './csv.ts';
import { traceFile, UnreadableFile } from './trace-file.ts';

const ada: TracedPatient = {
  nhsNumber: '9000000009',
  familyName: 'Windermere',
  givenName: 'Ada',
  otherGivenNames: 'Jane Lou',
  gender: 'female',
  bornOn: '1980-02-03',
  diedOn: '',
  addressLines: ['1, High Street', '', 'Leeds'],
  postcode: 'LS1 6AE',
  practice: 'B81999',
  registeredOn: '2001-05-06',
  telephone: '01130000000',
  mobile: '07700900000',
  email: 'ada@example.com',
  isRestricted: false,
};
const traced = async ({ nhsNumber, familyName }: TraceRequest): Promise<Traced> => {
  if (nhsNumber === ada.nhsNumber) return { outcome: 'found', by: 'cross-check', patient: ada };
  if (familyName === 'Windermere') return { outcome: 'found', by: 'alphanumeric', patient: ada };
  return { outcome: familyName === 'Twin' ? 'several' : 'none' };
};

async function answer(text: string): Promise<{ rows: Record<string, string>[]; recorded: string[] }> {
  const recorded: string[] = [];
  const csv = new CsvReader();
  const lines: string[][] = [];
  const parts = {
    traceOne: traced,
    record: async (found: readonly { nhsNumber: string }[]) => {
      recorded.push(...found.map((one) => one.nhsNumber));
    },
  };
  for await (const piece of traceFile(parts, [Buffer.from(text)])) lines.push(...csv.push(Buffer.from(piece)));
  lines.push(...csv.end());
  expect(lines[0]).toEqual([...responseColumns]);
  const rows = lines.slice(1).map((fields) => {
    expect(fields.length).toBe(responseColumns.length);
    return Object.fromEntries(responseColumns.map((column, index) => [column, fields[index] as string]));
  });
  return { rows, recorded };
}

const header = 'UNIQUE REFERENCE,NHS_NO,FAMILY_NAME,GENDER,DATE_OF_BIRTH,LOCAL_PATIENT_ID\n';
const codes = ({ rows }: { rows: Record<string, string>[] }) =>
  rows.map((row) => [row['ERROR/SUCCESS_CODE'], row.MATCHED_NHS_NO, row.MATCHED_ALGORITHM_INDICATOR]);

test('a record by number is answered with the demographics, and recorded', async () => {
  const { rows, recorded } = await answer(`${header}7,9000000009,,,19800203,L-1\n`);
  expect(rows).toEqual([
    {
      'UNIQUE REFERENCE': '7',
      REQ_NHS_NUMBER: '9000000009',
      FAMILY_NAME: 'Windermere',
      GIVEN_NAME: 'Ada',
      OTHER_GIVEN_NAME: 'Jane Lou',
      GENDER: '2',
      DATE_OF_BIRTH: '19800203',
      DATE_OF_DEATH: '',
      ADDRESS_LINE1: '1, High Street',
      ADDRESS_LINE2: '',
      ADDRESS_LINE3: 'Leeds',
      ADDRESS_LINE4: '',
      ADDRESS_LINE5: '',
      POSTCODE: 'LS1 6AE',
      GP_PRACTICE_CODE: 'B81999',
      GP_REGISTRATION_DATE: '20010506',
      NHAIS_POSTING_ID: '',
      AS_AT_DATE: '',
      LOCAL_PATIENT_ID: 'L-1',
      INTERNAL_ID: '',
      TELEPHONE_NUMBER: '01130000000',
      MOBILE_NUMBER: '07700900000',
      EMAIL_ADDRESS: 'ada@example.com',
      SENSITIVITY_FLAG: '',
      MPS_ID: '',
      'ERROR/SUCCESS_CODE': '00',
      MATCHED_NHS_NO: '9000000009',
      MATCHED_ALGORITHM_INDICATOR: '1',
      MATCHED_CONFIDENCE_PERCENTAGE: '100',
    },
  ]);
  expect(recorded).toEqual(['9000000009']);
});

test('each record has its own outcome, and one that cannot be read stops none of the others', async () => {
  const found = await answer(
    `${header}${[
      '1,,Windermere,2,19800203,',
      '2,,Twin,2,19800203,',
      '3,,Nobody,2,19800203,',
      '4,,Windermere,,19800203,',
      '5,9000000009,,,,',
      '6,,Windermere,2,19801303,',
      '7,,Windermere,female,19800203,',
      '8,90000,Windermere,2,19800203,',
      ',,Windermere,2,19800203,',
      '10,,Windermere,2,19800203',
      '11,9000000008,Windermere,2,19800203,',
    ].join('\n')}`,
  );
  expect(codes(found)).toEqual([
    ['00', '9000000009', '3'],
    ['92', '9999999999', '0'],
    ['91', '0000000000', '0'],
    ['93', '0000000000', '0'],
    ['93', '0000000000', '0'],
    ['94', '0000000000', '0'],
    ['94', '0000000000', '0'],
    ['94', '0000000000', '0'],
    ['95', '0000000000', '0'],
    ['94', '0000000000', '0'],
    ['00', '9000000009', '3'],
  ]);
  expect(found.recorded).toEqual(['9000000009', '9000000009']);
});

test.each([
  ['', 'there is no record'],
  [header, 'there is no record'],
  ['NHS_NO\n1', 'the header row has no UNIQUE REFERENCE'],
  ['UNIQUE REFERENCE,SHOE_SIZE\n1,2', 'column 2 of the header row is none of the published ones'],
  ['UNIQUE REFERENCE,NHS_NO,NHS_NO\n1,2,3', 'the header row has a column twice'],
  [`${header}1,"9`, 'line 2: a quoted field has no end'],
])('%j cannot be answered', async (text, why) => {
  await expect(answer(text)).rejects.toThrow(new UnreadableFile(why));
});

test('whatever stands in the fields, each record gets one line, in its order, with its reference', async () => {
  const cell = fc.stringMatching(/^[^",\r\n]{0,12}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 23, maxLength: 23 }), { minLength: 1, maxLength: 450 }),
      async (cells) => {
        const lines = cells.map((row, index) => `ref${index},${row.join(',')}`);
        const { rows } = await answer(`${requestColumns.join(',')}\r\n${lines.join('\r\n')}`);
        expect(rows.map((row) => row['UNIQUE REFERENCE'])).toEqual(cells.map((_, index) => `ref${index}`));
      },
    ),
    { numRuns: 20 },
  );
});

test('memory does not grow with the file: lines go out while the file comes in', async () => {
  let given = 0;
  let taken = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(header);
    for (let piece = 0; piece < 100; piece++) {
      given += 1_000;
      yield Buffer.from('r,9000000009,,,19800203,\n'.repeat(1_000));
    }
  }
  const parts = { traceOne: traced, record: async () => {} };
  for await (const lines of traceFile(parts, pieces())) {
    taken += lines.split('\r\n').length - 1;
    expect(given - taken).toBeLessThanOrEqual(1_001);
  }
  expect(taken).toBe(100_001);
});

test('a file of more records than can be answered in good time is refused', async () => {
  const parts = { traceOne: traced, record: async () => {} };
  const answers = (most: number) => Array.fromAsync(traceFile(parts, [Buffer.from(`${header}1,,,,,\n2,,,,,\n`)], most));
  expect((await answers(2)).length).toBe(2);
  await expect(answers(1)).rejects.toThrow('there are more than 1 records');
});

test('the answer is named after the request', () => {
  const at = Date.parse('2026-03-14T10:15:30.999Z');
  expect(responseFileName('MYFILE.csv', at)).toBe('RESP_MYFILE_20260314101530.csv');
  expect(responseFileName('../a b"\r\n.dat', at)).toBe('RESP_.._a_b____20260314101530.csv');
});
