import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import { raw, sql } from '../db/sql.ts';
import { AuditLog } from './audit-log.ts';
import type { AuditNote } from './entry.ts';
import { searchEntries } from './queries.ts';
import { publishedSeals, sealerIn } from './seal.ts';
import { sealAbandoned, verifyAudit } from './verify.ts';

const db = await testDatabase();
let directory = '';

const note = (n: number, nhsNumber = `90000000${n % 90}`): AuditNote => ({
  nhsNumber,
  at: 1_760_000_000_000 + n,
  operation: 'pds.retrieve-patient',
  outcome: 'allowed',
  status: 200,
  mode: 'healthcare-worker',
  appId: 'app',
  odsCode: 'A81001',
  userId: '656005750104',
  roleId: '',
  purpose: '',
  requestId: `request ${n}`,
});

const verify = () => verifyAudit(db, sealerIn(directory), publishedSeals(directory));

async function written(count: number): Promise<void> {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  for (let i = 0; i < count; i += 4) await Promise.all([0, 1, 2, 3].map((j) => audit.record([note(i + j)])));
  await audit.close();
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'openspine-audit-'));
  await db.query(sql`truncate audit.entry, audit.seal, audit.writer`);
});

test('what many callers note at once is all there, chained and sealed', async () => {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  await Promise.all(Array.from({ length: 300 }, (_, i) => audit.record([note(i), note(i + 1000)])));
  await audit.close();
  expect(await verify()).toMatchObject({ entries: 600, chains: 1, unsealed: 0, findings: [] });
});

test('entries of transactions stand or fall with them, and the chains stay whole', async () => {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  const attempt = async (n: number, fails: boolean) => {
    let ended = (_: boolean) => {};
    try {
      await db.transaction(async (tx) => {
        const recording = audit.recordIn(tx, [note(n)]);
        ended = recording.ended;
        await recording.recorded;
        if (fails) throw new Error('no');
      });
      ended(true);
    } catch {
      ended(false);
    }
  };
  for (let n = 0; n < 12; n++) await Promise.all([attempt(n, n % 3 === 0), attempt(n + 100, n % 4 === 0)]);
  await audit.close();
  const result = await verify();
  expect(result.findings).toEqual([]);
  expect(result.entries).toBe(8 + 9);
});

test('the end of a chain whose process died is sealed at the next start, so that nothing can be added', async () => {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  await audit.record([note(1)]);
  expect(await verify()).toMatchObject({ unsealed: 1, findings: [] });
  expect(await sealAbandoned(db, sealerIn(directory), 0)).toBe(1);
  expect(await verify()).toMatchObject({ unsealed: 0, findings: [] });
  await db.query(sql`delete from audit.entry`);
  expect((await verify()).findings.map((finding) => finding.what)).toContain('the chain ends at 0, before its seal');
});

test('chains of another installation on the same database are left to it', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'openspine-audit-'));
  const audit = new AuditLog(db, new Clock(), sealerIn(elsewhere));
  await audit.record([note(1)]);
  expect(await sealAbandoned(db, sealerIn(directory), 0)).toBe(0);
  expect(await sealAbandoned(db, sealerIn(elsewhere), 0)).toBe(1);
});

const fields = [
  'nhs_number',
  'operation',
  'outcome',
  'mode',
  'app_id',
  'ods_code',
  'user_id',
  'role_id',
  'purpose',
  'request_id',
] as const;

type Tampering = {
  deed: 'change' | 'delete' | 'insert' | 'swap' | 'truncate' | 'restatus' | 'backdate';
  seq: number;
  field: (typeof fields)[number];
};

async function tamper({ deed, seq, field }: Tampering): Promise<void> {
  const column = raw(field);
  if (deed === 'change') await db.query(sql`update audit.entry set ${column} = ${column} || 'x' where seq = ${seq}`);
  if (deed === 'restatus') await db.query(sql`update audit.entry set status = status + 1 where seq = ${seq}`);
  if (deed === 'backdate') await db.query(sql`update audit.entry set at = at - interval '1 second' where seq = ${seq}`);
  if (deed === 'delete') await db.query(sql`delete from audit.entry where seq = ${seq}`);
  if (deed === 'truncate') await db.query(sql`delete from audit.entry where seq >= ${seq}`);
  if (deed === 'swap')
    await db.query(
      sql`update audit.entry set seq = case seq when ${seq} then ${seq + 1}::bigint else ${seq}::bigint end where seq in (${seq}, ${seq + 1})`,
    );
  if (deed === 'insert') {
    await db.query(sql`
      insert into audit.entry select nhs_number, at + interval '1 millisecond', writer, (select max(seq) + 1 from audit.entry), operation, outcome, status,
             mode, app_id, ods_code, user_id, role_id, purpose, request_id, hash from audit.entry where seq = ${seq}`);
  }
}

test('whatever is changed, deleted, inserted, reordered or cut off is found', async () => {
  const tampering = fc.record<Tampering>({
    deed: fc.constantFrom('change', 'delete', 'insert', 'swap', 'truncate', 'restatus', 'backdate'),
    seq: fc.integer({ min: 1, max: 19 }),
    field: fc.constantFrom(...fields),
  });
  await fc.assert(
    fc
      .asyncProperty(tampering, async (deed) => {
        await written(20);
        expect((await verify()).findings).toEqual([]);
        await tamper(deed);
        expect((await verify()).findings).not.toEqual([]);
      })
      .beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), 'openspine-audit-'));
        await db.query(sql`truncate audit.entry, audit.seal, audit.writer`);
      }),
    { numRuns: 60 },
  );
});

test('a chain rewritten with right hashes is found by its seal, and a removed seal by its published copy', async () => {
  await written(8);
  await db.query(sql`truncate audit.entry, audit.writer`);
  await written(4);
  await db.query(sql`delete from audit.seal where seq = 8`);
  expect((await verify()).findings.map((finding) => finding.what)).toContain(
    'a published seal is missing from the database',
  );
});

test('entries of a patient come newest first, page by page, each once', async () => {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  for (let n = 0; n < 25; n++) await audit.record([note(n, '9000000009'), note(n, '9000000017')]);
  await audit.close();
  const seen: string[] = [];
  let before: { at: number; writer: string; seq: number } | undefined;
  for (;;) {
    const page = await searchEntries(db, { nhsNumber: '9000000009', limit: 10, before }, Date.now());
    seen.push(...page.map((entry) => entry.requestId));
    before = page.at(-1);
    if (page.length < 10) break;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `request ${24 - i}`));
});

test('entries of a user come newest first whatever their age, page by page, each once, within the days asked for', async () => {
  const now = 1_770_000_000_000;
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  // from an hour ahead of the clock to three years back
  const ages = [
    -3_600_000, 0, 1, 599_999, 600_000, 600_001, 7_000_000, 7_200_000, 80e6, 90e6, 1e9, 1.1e9, 1.5e10, 9e10,
  ];
  for (const [n, age] of ages.entries()) await audit.record([{ ...note(n), at: now - age, userId: 'SEEKER' }, note(n)]);
  await audit.close();
  const search = async (limit: number, bounds: object) => {
    const seen: string[] = [];
    let before: { at: number; writer: string; seq: number } | undefined;
    for (;;) {
      const page = await searchEntries(db, { userId: 'SEEKER', limit, before, ...bounds }, now);
      seen.push(...page.map((entry) => entry.requestId));
      before = page.at(-1);
      if (page.length < limit) return seen;
    }
  };
  const all = ages.map((_, n) => `request ${n}`);
  for (const limit of [1, 4, 13, 14, 200]) expect([limit, await search(limit, {})]).toEqual([limit, all]);
  expect(await search(2, { from: now - 80e6, to: now })).toEqual(all.slice(2, 9));
  expect(await search(200, { to: now - 1e9 })).toEqual(all.slice(11));
  expect(await search(200, { from: now + 1 })).toEqual(all.slice(0, 1));
});
