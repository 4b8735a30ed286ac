import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { nameKey } from '../../pds/index.ts';
import { judgeMailboxes, type RoutingFacts } from './judge-patient-address.ts';
import { parseBirthDate, parsePatientAddress } from './patient-address.ts';
import { routeByPatient } from './route-by-patient.ts';

const number = '9000000009';
const facts: RoutingFacts = {
  state: 'active',
  confidentiality: 'U',
  bornOn: '1980-02-03',
  familyNames: ["O'Hara-Søndergård", 'Smith'],
  practice: 'B81999',
};
const receivers: Record<string, string[]> = { B81999: ['GP1'] };

async function route(
  to: string,
  { of = facts, workflow = 'TOC_FHIR_IP_DISCH' }: { of?: RoutingFacts; workflow?: string } = {},
) {
  const found = await routeByPatient(
    {
      factsOf: async (numbers) => new Map(numbers.filter((one) => one === number).map((one) => [one, of])),
      receiversAt: (ods) => receivers[ods] ?? [],
      nameKey,
    },
    to,
    workflow,
    '2026-03-14',
  );
  if (!found) return undefined;
  return 'failure' in found ? found.failure : found.mailboxId;
}

test('a date of birth is read in either order', () => {
  const days = fc.date({ noInvalidDate: true, min: new Date('1850-01-01'), max: new Date('2099-12-31') });
  fc.assert(
    fc.property(days, (date) => {
      const day = date.toISOString().slice(0, 10);
      const [year, month, ofMonth] = day.split('-') as [string, string, string];
      expect(parseBirthDate(year + month + ofMonth)).toBe(day);
      expect(parseBirthDate(ofMonth + month + year)).toBe(day);
    }),
    { numRuns: 2000 },
  );
});

test.each(['', '1980020', '19801302', '31021980', '00000000', '1980-02-03', '19800203x'])('%j is no day', (text) => {
  expect(parseBirthDate(text)).toBeUndefined();
});

test('an address is read whole, and nothing else is one', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string().filter((text) => !text.includes('_')),
      (name, digits) => {
        const address = parsePatientAddress(`GPPROVIDER_${digits}_19800203_${name}`);
        expect(address).toEqual({
          nhsNumber: digits,
          isNumberValid: isNhsNumber(digits),
          bornOn: '1980-02-03',
          familyName: name.trim(),
        });
      },
    ),
  );
  expect(parsePatientAddress('X26ABC1')).toBeUndefined();
  expect(parsePatientAddress('GPPROVIDER')).toBeUndefined();
});

test.each([
  `GPPROVIDER_${number}_19800203_O'HARA-SØNDERGÅRD`,
  `GPPROVIDER_${number}_03021980_OHARA SONDERGARD`,
  `gpprovider_${number}_19800203_smith`,
  `GPPROVIDER_${number}_19800203_O_HARA_SONDERGARD`,
])('%s finds the mailbox of the practice', async (to) => {
  expect(await route(to)).toBe('GP1');
});

test.each([
  ['GPPROVIDER_9000000008_19800203_SMITH', 'EPL-152'],
  ['GPPROVIDER_', 'EPL-152'],
  ['GPPROVIDER_9000000017_19800203_SMITH', 'EPL-153'],
  [`GPPROVIDER_${number}_19800204_SMITH`, 'EPL-154'],
  [`GPPROVIDER_${number}_19800203_SMYTH`, 'EPL-154'],
  [`GPPROVIDER_${number}_19800203_`, 'EPL-154'],
  [`GPPROVIDER_${number}_19800203_--`, 'EPL-154'],
  [`GPPROVIDER_${number}__SMITH`, 'EPL-154'],
  [`GPPROVIDER_${number}`, 'EPL-154'],
])('%s fails with %s', async (to, failure) => {
  expect(await route(to)).toBe(failure);
});

const right = `GPPROVIDER_${number}_19800203_SMITH`;
test('without a practice, a mailbox, or the workflow there is no mailbox; with two there are several', async () => {
  expect(await route(right, { of: { ...facts, practice: undefined } })).toBe('EPL-151');
  expect(await route(right, { of: { ...facts, practice: 'X99999' } })).toBe('EPL-151');
  expect(await route(right, { workflow: 'PATH_MEDRPT_V3' })).toBe('EPL-151');
  expect(judgeMailboxes(['A', 'B'])).toEqual({ failure: 'EPL-150' });
});

test('where a restricted patient is registered cannot be found out by sending to them', async () => {
  expect(await route(right, { of: { ...facts, confidentiality: 'R' } })).toBe('EPL-151');
  expect(await route(right, { of: { ...facts, confidentiality: 'V' } })).toBe('EPL-153');
  expect(await route(right, { of: { ...facts, state: 'invalidated' } })).toBe('EPL-153');
});
