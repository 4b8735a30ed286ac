import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { told } from '../../../../test/support/refusals.ts';
import { type Body, birthRequest, createRequest } from '../../../../test/support/registration-requests.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { sql } from '../../../platform/db/sql.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { PatientRecords } from '../records.ts';
import { findDuplicates } from '../trace/duplicates.ts';
import { NhsNumberAllocator, sandboxRange } from './allocate-nhs-number.ts';
import { parseBirth } from './birth-rules.ts';
import { parseCreate } from './create-rules.ts';
import type { RegistrationCommand, RegistrationDeps } from './register.ts';
import { registerBirth } from './register-birth.ts';
import { registerPatient } from './register-patient.ts';

const db = await testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'openspine-register-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const now = Date.UTC(2026, 4, 1, 9);
const today = '2026-05-01';
const changedBy = { mode: 'healthcare-worker', app: 'app-1', ods: 'RJ1', user: 'u', role: 'r' };

/** What one process of several on the same database registers with. */
function oneProcess(): RegistrationDeps {
  const records = new PatientRecords(db, new AuditLog(db, new Clock(), sealerIn(directory)));
  const allocator = new NhsNumberAllocator(db, sandboxRange);
  const deps = { db, loadPatients: (numbers: readonly string[]) => records.findAll(numbers) };
  return {
    db,
    records,
    allocate: () => allocator.allocate(),
    findDuplicates: (person) => findDuplicates(deps, person),
  };
}

const processes = [oneProcess(), oneProcess(), oneProcess()];
const [first] = processes as [RegistrationDeps];

const command = (requestId: string = randomUUID()): RegistrationCommand => ({
  requestId,
  changedBy,
  now,
  auditNote: (nhsNumber) => ({
    nhsNumber,
    at: now,
    operation: 'pds.create-patient',
    outcome: 'allowed',
    status: 201,
    mode: changedBy.mode,
    appId: changedBy.app,
    odsCode: changedBy.ods,
    userId: changedBy.user,
    roleId: changedBy.role,
    purpose: '',
    requestId,
  }),
});

/** Somebody nobody else in this file is, unless called by the same name. */
const person = (family: string, change: (body: Body) => void = () => {}) =>
  parseCreate(
    createRequest((body) => {
      body.name[0].family = family;
      change(body);
    }),
    today,
  );

const create = async (family: string, requestId?: string, deps = first) =>
  (await registerPatient(deps, { ...command(requestId), person: person(family) })).stored;

const outcomeOf = async (registering: Promise<{ nhsNumber: string }>): Promise<string> => {
  try {
    return (await registering).nhsNumber;
  } catch (error) {
    if (error instanceof Refusal) return told(error);
    throw error;
  }
};

const singleMatch = (number: string) =>
  `SINGLE_MATCH Unable to create new patient. NHS number ${number} found for supplied demographic data.`;

async function recordsNamed(family: string): Promise<number> {
  const key = family.toLowerCase();
  const rows = await db.query(sql`select distinct nhs_number from pds.trace where family_key = ${key}`);
  return rows.length;
}

describe('creating a record', () => {
  it('writes record, request, history, event and audit, and the record can be read', async () => {
    const made = await create('Aldous');
    const held = await first.records.find(made.nhsNumber);
    expect(held?.patient).toEqual(made.patient);
    expect(made.patient.name?.[0]?.id).toMatch(/^[0-9A-F]{8}$/);
    const [counts] = await db.query(sql`
      select (select count(*) from pds.change where nhs_number = ${made.nhsNumber} and verb = 'create') as change,
             (select count(*) from pds.request where nhs_number = ${made.nhsNumber}) as request,
             (select count(*) from events.event where subject = ${made.nhsNumber} and kind = 'pds.patient-created') as event,
             (select count(*) from audit.entry where nhs_number = ${made.nhsNumber}) as audit`);
    expect(counts).toEqual({ change: 1, request: 1, event: 1, audit: 1 });
  });

  it('is refused with the number of the one record that matches, or without one when several do', async () => {
    const made = await create('Bellweather');
    expect(await outcomeOf(create('BELLWEATHER'))).toBe(singleMatch(made.nhsNumber));
    const twin = { ...first, findDuplicates: async () => [] };
    await db.query(sql`delete from pds.registration where nhs_number = ${made.nhsNumber}`);
    await create('Bellweather', undefined, twin);
    expect(await outcomeOf(create('Bellweather'))).toBe(
      'MULTIPLE_MATCHES Unable to create new patient. Multiple matches found for supplied demographic data.',
    );
  });

  it('answers a repeated request as it did the first time, also after the record changed', async () => {
    const requestId = randomUUID();
    const made = await create('Carmody', requestId);
    expect(await create('Carmody', requestId)).toMatchObject({ nhsNumber: made.nhsNumber, patient: made.patient });
    const held = await first.records.find(made.nhsNumber);
    await first.records.change({
      before: held,
      after: {
        ...held!,
        version: 2,
        patient: { ...held!.patient, gender: 'unknown', meta: { ...held!.patient.meta, versionId: '2' } },
      },
      verb: 'update',
      requestId: randomUUID(),
      requestKey: undefined,
      changedBy,
      at: now,
      events: [],
      audit: [],
    });
    expect(await create('Carmody', requestId)).toMatchObject({ version: 1, patient: made.patient });
    expect(await recordsNamed('Carmody')).toBe(1);
  });

  it('makes one record of the same request sent to several processes at once', async () => {
    for (let round = 0; round < 10; round++) {
      const requestId = randomUUID();
      const family = `Dunstan-${round}`;
      const made = await Promise.all(Array.from({ length: 12 }, (_, i) => create(family, requestId, processes[i % 3])));
      expect(new Set(made.map((record) => record.nhsNumber)).size).toBe(1);
      expect(await recordsNamed(family)).toBe(1);
    }
  });

  it('makes one record of different requests for the same person at once; the others are told its number', async () => {
    for (let round = 0; round < 10; round++) {
      const family = `Eastwick-${round}`;
      const outcomes = await Promise.all(
        Array.from({ length: 9 }, (_, i) => outcomeOf(create(family, undefined, processes[i % 3]))),
      );
      const numbers = outcomes.filter((outcome) => /^[0-9]{10}$/.test(outcome));
      expect(numbers).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === singleMatch(numbers[0] as string))).toHaveLength(8);
      expect(await recordsNamed(family)).toBe(1);
    }
  });

  it('makes a record of each of many different people at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, i) => outcomeOf(create(`Folk-${i}`, undefined, processes[i % 3]))),
    );
    expect(new Set(outcomes).size).toBe(60);
    expect(outcomes.every((outcome) => /^[0-9]{10}$/.test(outcome))).toBe(true);
  });

  it('takes another number when the allocated one is held already', async () => {
    const held = await create('Garland');
    const numbers = [held.nhsNumber, await first.allocate()];
    const stale = { ...first, allocate: async () => numbers.shift() as typeof held.nhsNumber };
    const made = await create('Hathersage', undefined, stale);
    expect(made.nhsNumber).not.toBe(held.nhsNumber);
    expect((await first.records.find(held.nhsNumber))?.patient).toEqual(held.patient);
  });

  it('does not stand in the way of a person whose earlier record was corrected to somebody else', async () => {
    const made = await create('Ibbotson');
    const held = await first.records.find(made.nhsNumber);
    const other = { ...held!.patient, name: [{ ...held!.patient.name?.[0], family: 'Jessop' }] };
    const outcome = await first.records.change({
      before: held,
      after: { ...held!, version: 2, patient: other },
      verb: 'update',
      requestId: randomUUID(),
      requestKey: undefined,
      changedBy,
      at: now,
      events: [],
      audit: [],
    });
    expect(outcome).toBe('done');
    expect(await outcomeOf(create('Ibbotson'))).toMatch(/^[0-9]{10}$/);
  });
});

describe('a birth', () => {
  const birth = (
    change: (body: Body) => void,
    { ignore = false, requestId = randomUUID() as string, deps = first } = {},
  ) => {
    const body = birthRequest(change);
    return registerBirth(deps, {
      ...command(requestId),
      birth: parseBirth(body, today),
      body,
      ignoresPotentialMatches: ignore,
    });
  };
  const outcome = (registering: ReturnType<typeof birth>) => outcomeOf(registering.then((made) => made.stored));
  const baby = (family: string, mother?: string) => (body: Body) => {
    body.entry[0].resource.name[0].family = family;
    if (mother !== undefined) body.entry[6].resource.identifier[0].value = mother;
  };
  const otherMother = '9994128744';

  it('is kept with its notification, whose id a repetition is given again', async () => {
    const requestId = randomUUID();
    const made = await birth(baby('Kettle'), { requestId });
    expect(made.notificationId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(await birth(baby('Kettle'), { requestId })).toMatchObject({
      notificationId: made.notificationId,
      stored: { nhsNumber: made.stored.nhsNumber },
    });
    const [row] = await db.query<{ notification: string }>(
      sql`select notification from pds.birth where nhs_number = ${made.stored.nhsNumber}`,
    );
    expect(JSON.parse(row?.notification as string)).toEqual(birthRequest(baby('Kettle')));
  });

  it('is a single match when it is the same birth again, ignored matches or not', async () => {
    const again = (mother: string) => baby('Lovelace', mother);
    const mother = '9995733102';
    const made = await birth(again(mother));
    for (const ignore of [false, true]) {
      expect(await outcome(birth(again(mother), { ignore }))).toBe(singleMatch(made.stored.nhsNumber));
      const renamed = (body: Body) => baby('Renamed', mother)(body);
      expect(await outcome(birth(renamed, { ignore }))).toBe(singleMatch(made.stored.nhsNumber));
    }
    expect(await outcome(birth(again(otherMother)))).toBe(singleMatch(made.stored.nhsNumber));
    expect(await outcome(birth(again(otherMother), { ignore: true }))).toMatch(/^[0-9]{10}$/);
  });

  it('is another one for the second twin', async () => {
    const mother = '9995733110';
    const twin = (order: number) => (body: Body) => {
      baby('Mallory', mother)(body);
      body.entry[0].resource.name[0].given = [`Twin ${order}`];
      body.entry[0].resource.multipleBirthInteger = order;
    };
    const [one, two] = await Promise.all([outcome(birth(twin(1))), outcome(birth(twin(2)))]);
    expect([one, two].every((number) => /^[0-9]{10}$/.test(number))).toBe(true);
    expect(one).not.toBe(two);
  });

  it('makes one record when it is notified several times at once, matches ignored', async () => {
    for (let round = 0; round < 5; round++) {
      const day = `2026-04-0${round + 1}`;
      const change = (body: Body) => {
        baby(`Nightingale-${round}`, otherMother)(body);
        body.entry[0].resource.birthDate = day;
      };
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, i) => outcome(birth(change, { ignore: true, deps: processes[i % 3]! }))),
      );
      const numbers = outcomes.filter((one) => /^[0-9]{10}$/.test(one));
      expect(numbers).toHaveLength(1);
      expect(outcomes.filter((one) => one === singleMatch(numbers[0] as string))).toHaveLength(5);
      expect(await recordsNamed(`Nightingale-${round}`)).toBe(1);
    }
  });
});
