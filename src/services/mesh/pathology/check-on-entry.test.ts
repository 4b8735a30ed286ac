import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resultsInterchange } from '../../../../test/support/results.ts';
import { checkOnEntry, isAcknowledgmentWorkflow, isResultWorkflow } from './check-on-entry.ts';

const check = (text: string, workflow = 'PATH_MEDRPT_V3') => checkOnEntry(workflow, [Buffer.from(text, 'latin1')]);

test('a whole interchange is taken, with all that is needed to follow each report to its clinician', async () => {
  const reports = [{ isAbnormal: true }, { organisation: 'c82001', clinician: 'C1234567', reportId: 'X?+1' }];
  expect(await check(resultsInterchange({ reports }))).toEqual({
    isAccepted: true,
    interchange: {
      sender: { id: 'LABORATORY01', qualifier: '80' },
      recipient: { id: 'SURGERY01', qualifier: '80' },
      preparedAt: '260314:1015',
      controlReference: '2041',
      applicationReference: 'MEDRPT',
      isAcknowledgmentAsked: true,
      isTest: false,
      doubts: [],
      messages: [
        {
          reference: '1',
          type: 'MEDRPT',
          association: 'NHS003',
          report: {
            reportId: 'R/1/1',
            nhsNumber: '9000000009',
            organisation: 'B81999',
            clinician: 'G7654321',
            clinicianName: "O'HARA",
            isAbnormal: true,
          },
        },
        {
          reference: '2',
          type: 'MEDRPT',
          association: 'NHS003',
          report: expect.objectContaining({
            reportId: 'X+1',
            organisation: 'C82001',
            clinician: 'C1234567',
            isAbnormal: false,
          }),
        },
      ],
    },
  });
});

const whole = resultsInterchange({ reports: [{}, {}] });
test.each([
  ['cut before its end', whole.slice(0, -20), 'unterminated'],
  ['without UNZ', whole.slice(0, whole.indexOf('UNZ')), 'UNZ'],
  ['that counts its messages wrong', whole.replace('UNZ+2', 'UNZ+3'), 'UNZ-count'],
  ['that counts them in words', whole.replace('UNZ+2', 'UNZ+two'), 'UNZ-count'],
  ['whose control references differ', whole.replace('UNZ+2+2041', 'UNZ+2+2042'), 'UNZ-reference'],
  ['with a message twice', whole.replace('UNH+2+', 'UNH+1+').replace("+2'\r\nUNZ", "+1'\r\nUNZ"), 'UNH'],
  ['with a message that has no UNT', whole.replace(/UNT\+20\+1'/, ''), 'UNT'],
  ['whose UNT is of another message', whole.replace("+1'\r\nUNH+2", "+9'\r\nUNH+2"), 'UNT'],
  ['with something after UNZ', `${whole}UNB+UNOC:3'`, 'after-UNZ'],
  ['with a segment between messages', whole.replace('UNH+2', "FTX+x'UNH+2"), 'UNH'],
  ['that is none', 'Dear colleague', 'unterminated'],
  ['that is empty', '', 'UNB'],
  ['without messages', "UNB+UNOC:3+A+B+260101:1200+1'UNZ+0+1'", 'empty'],
  ['in another syntax', whole.replace('UNOC', 'UNOY'), 'syntax'],
  ['of functional groups', whole.replace('UNH+1+', "UNG+1'UNH+1+"), 'UNG'],
  ['without sender', whole.replace('LABORATORY01:80', ''), 'UNB'],
  ['of another kind of message', whole.replaceAll('NHS003', 'NHS004'), 'message-type'],
])('an interchange %s is refused, and the rule is named', async (_, text, rule) => {
  const verdict = await check(text);
  expect(verdict).toEqual({ isAccepted: false, fault: { rule, text: expect.stringMatching(/\S/) } });
});

test('a wrong segment count is a doubt and holds no result back', async () => {
  const verdict = await check(whole.replace('UNT+20+1', 'UNT+19+1'));
  expect(verdict).toMatchObject({ isAccepted: true, interchange: { doubts: [{ rule: 'UNT-count' }] } });
});

test('screening results are NHS004 and nothing else', async () => {
  const text = resultsInterchange({ reports: [{ association: 'NHS004' }] });
  expect(await check(text, 'SCRN_BCS_MEDRPT_V4')).toMatchObject({ isAccepted: true });
  expect(await check(resultsInterchange(), 'SCRN_BCS_MEDRPT_V4')).toMatchObject({
    fault: { rule: 'message-type' },
  });
});

test('workflows of results are known in any case, and their acknowledgments apart from them', () => {
  expect(['PATH_MEDRPT_V3', 'path_medrpt_v3', 'SCRN_BCS_MEDRPT_V4'].every(isResultWorkflow)).toBe(true);
  expect(['PATH_MEDRPT_V3_ACK', 'PATH_MEDRPT_V2', '__proto__', ''].some(isResultWorkflow)).toBe(false);
  expect(isAcknowledgmentWorkflow('Path_Medrpt_V3_Ack')).toBe(true);
  expect(isAcknowledgmentWorkflow('PATH_MEDRPT_V3')).toBe(false);
});

test('a fault never tells anything of the patient', async () => {
  const secret = resultsInterchange({ reports: [{ nhsNumber: '9000000017' }] });
  await fc.assert(
    fc.asyncProperty(fc.nat(secret.length - 1), fc.nat(60), async (from, count) => {
      const verdict = await check(secret.slice(0, from) + secret.slice(from + count));
      if (!verdict.isAccepted) expect(verdict.fault.text).not.toMatch(/9000000017|WINDERMERE|ADA|HARA/);
    }),
  );
});

test('no piece that is cut from an interchange goes unnoticed, but for text inside a segment', async () => {
  const segments = whole.split("'\r\n");
  await fc.assert(
    fc.asyncProperty(fc.nat(segments.length - 2), async (index) => {
      const without = [...segments.slice(0, index), ...segments.slice(index + 1)].join("'\r\n");
      const verdict = await check(without);
      if (index === 0) return;
      expect(verdict.isAccepted ? verdict.interchange.doubts.length : 1).toBeGreaterThan(0);
    }),
  );
});

test('what is said of a fault can travel in a header, whatever stands in the file', async () => {
  const anything = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), anything, async (at, inserted) => {
      const verdict = await check(whole.slice(0, at) + inserted + whole.slice(at));
      if (!verdict.isAccepted) expect(verdict.fault.text).toMatch(/^[\x20-\x7e]{1,200}$/);
    }),
    { numRuns: 300 },
  );
  for (const reference of ['a\u0001b', 'a\rb', 'é'])
    expect(await check(whole.replace('UNH+1+', `UNH+${reference}+`))).toMatchObject({ fault: { rule: 'UNH' } });
});

const published = resolve(
  process.env.OPENSPINE_CONTRACTS ?? join(import.meta.dirname, '../../../../../shared/contracts'),
  'mesh/examples/payloads/edifact',
);
test.skipIf(!existsSync(published))('published interchanges are taken', async () => {
  for (const name of readdirSync(published)) {
    const text = readFileSync(join(published, name), 'latin1');
    if (!text.includes('UNZ') || name.includes('nhsack')) continue;
    const workflow = text.includes('NHS004') ? 'SCRN_BCS_MEDRPT_V4' : 'PATH_MEDRPT_V3';
    expect([name, await check(text, workflow)]).toMatchObject([name, { isAccepted: true }]);
  }
});
