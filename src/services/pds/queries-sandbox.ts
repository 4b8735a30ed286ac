import type { Queryable } from '../../platform/db/database.ts';
import { raw, sql } from '../../platform/db/sql.ts';
import type { PatientRow } from './queries.ts';

const kept = ['patient', 'trace', 'related_person', 'coverage'] as const;

/** Empties PDS. Sandbox only. */
export async function emptyPds(tx: Queryable): Promise<void> {
  await tx.query(
    sql`truncate pds.patient, pds.trace, pds.related_person, pds.coverage, pds.change, pds.request, pds.birth, pds.delivery, pds.registration`,
  );
}

/** Keeps what PDS holds now as the demo nation. */
export async function keepAsDemo(tx: Queryable): Promise<void> {
  for (const table of kept) {
    await tx.query(sql`truncate pds.${raw(`demo_${table}`)}`);
    await tx.query(sql`insert into pds.${raw(`demo_${table}`)} select * from pds.${raw(table)}`);
  }
}

/** Puts the demo nation into an empty PDS; how many patients it has. */
export async function restoreDemo(tx: Queryable): Promise<number> {
  for (const table of kept)
    await tx.query(sql`insert into pds.${raw(table)} select * from pds.${raw(`demo_${table}`)}`);
  const [row] = await tx.query<{ n: number }>(sql`select count(*) as n from pds.patient`);
  return row?.n ?? 0;
}

/** Whether PDS holds nobody and no demo nation was ever kept. */
export async function isUntouched(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ untouched: boolean }>(
    sql`select not exists (select from pds.patient) and not exists (select from pds.demo_patient) as untouched`,
  );
  return row?.untouched ?? false;
}

/** Puts records in as they are, over whatever was there; their history and requests are forgotten. */
export async function upsertPatients(tx: Queryable, rows: readonly PatientRow[]): Promise<void> {
  if (rows.length === 0) return;
  const numbers = rows.map((row) => row.nhs_number);
  await tx.query(sql`delete from pds.change where nhs_number = any(${numbers}::text[])`);
  await tx.query(sql`delete from pds.request where nhs_number = any(${numbers}::text[])`);
  await tx.query(sql`delete from pds.birth where nhs_number = any(${numbers}::text[])`);
  await tx.query(sql`
    insert into pds.patient (nhs_number, version, state, security, survivor, record, former)
    select nhs_number, version, state::"char", security::"char", survivor, record, former
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r(nhs_number text, version int, state text, security text, survivor text, record text, former text)
        on conflict (nhs_number) do update
       set version = excluded.version, state = excluded.state, security = excluded.security,
           survivor = excluded.survivor, record = excluded.record, former = excluded.former`);
}
