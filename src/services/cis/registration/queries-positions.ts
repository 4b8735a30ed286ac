import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { PositionContent } from './position-content.ts';

export type PositionRow = {
  position_id: string;
  version: number;
  state: 'approved' | 'withdrawn';
  ods_code: string;
  content: PositionContent;
};
export type ProposalRow = {
  proposal_id: string;
  position_id: string;
  base_version: number;
  ods_code: string;
  content: PositionContent | null;
  state: 'proposed' | 'approved' | 'refused';
  reason: string;
  proposed_by: string;
  proposed_at: Date;
};

export function positionsById(db: Queryable, positionIds: readonly string[]): Promise<PositionRow[]> {
  return db.query<PositionRow>(sql`
    select position_id, version, state, ods_code, content from cis.position where position_id = any(${positionIds}::text[])`);
}

/** Locks a position for the transaction. */
export async function lockPosition(tx: Queryable, positionId: string): Promise<PositionRow | undefined> {
  const [row] = await tx.query<PositionRow>(sql`
    select position_id, version, state, ods_code, content from cis.position where position_id = ${positionId} for update`);
  return row;
}

export async function lockProposal(tx: Queryable, proposalId: string): Promise<ProposalRow | undefined> {
  const [row] = await tx.query<ProposalRow>(sql`
    select proposal_id::text, position_id, base_version, ods_code, content, state, reason, proposed_by, proposed_at
      from cis.position_proposal where proposal_id = ${proposalId}::uuid for update`);
  return row;
}

export async function insertProposal(
  tx: Queryable,
  row: Omit<ProposalRow, 'state' | 'proposed_at'>,
  now: number,
): Promise<void> {
  await tx.query(sql`
    insert into cis.position_proposal (proposal_id, position_id, base_version, ods_code, content, state, reason, proposed_by, proposed_at)
    values (${row.proposal_id}::uuid, ${row.position_id}, ${row.base_version}, ${row.ods_code}, ${JSON.stringify(row.content)}::jsonb,
            'proposed', ${row.reason}, ${row.proposed_by}, ${new Date(now)})`);
}

export async function setProposalDecided(
  tx: Queryable,
  proposalId: string,
  state: 'approved' | 'refused',
  by: string,
  now: number,
): Promise<void> {
  await tx.query(sql`
    update cis.position_proposal set state = ${state}, decided_by = ${by}, decided_at = ${new Date(now)}
     where proposal_id = ${proposalId}::uuid and state = 'proposed'`);
}

export async function upsertPosition(tx: Queryable, row: PositionRow, now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.position (position_id, version, state, ods_code, content, approved_at)
    values (${row.position_id}, ${row.version}, ${row.state}, ${row.ods_code}, ${JSON.stringify(row.content)}::jsonb, ${new Date(now)})
    on conflict (position_id) do update
       set version = excluded.version, state = excluded.state, content = excluded.content, approved_at = excluded.approved_at`);
}

export function positionsOf(db: Queryable, odsCode: string): Promise<PositionRow[]> {
  return db.query<PositionRow>(sql`
    select position_id, version, state, ods_code, content from cis.position where ods_code = ${odsCode} order by position_id`);
}

export function openProposalsOf(db: Queryable, odsCode: string): Promise<ProposalRow[]> {
  return db.query<ProposalRow>(sql`
    select proposal_id::text, position_id, base_version, ods_code, content, state, reason, proposed_by, proposed_at
      from cis.position_proposal where ods_code = ${odsCode} and state = 'proposed' order by proposed_at, proposal_id`);
}

export async function workgroupsOf(
  db: Queryable,
  odsCode: string,
): Promise<{ workgroup_code: string; name: string }[]> {
  return db.query(
    sql`select workgroup_code, name from cis.workgroup where ods_code = ${odsCode} order by workgroup_code`,
  );
}

/** Each organisation with the one above it, and those above that; those we know nothing of are left out. */
export function organisationsAbove(
  db: Queryable,
  odsCodes: readonly string[],
): Promise<{ ods_code: string; first: string | null; second: string | null; third: string | null }[]> {
  return db.query(sql`
    select o.ods_code, o.parent_ods as first, p.parent_ods as second, g.parent_ods as third
      from cis.organisation o
      left join cis.organisation p on p.ods_code = o.parent_ods
      left join cis.organisation g on g.ods_code = p.parent_ods
     where o.ods_code = any(${odsCodes}::text[])`);
}
