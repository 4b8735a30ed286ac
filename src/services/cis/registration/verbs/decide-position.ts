import type { Queryable } from '../../../../platform/db/database.ts';
import { isUuid } from '../../../../platform/events/uuidv7.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { chainOf, positionOf, proposalOf } from '../loaded.ts';
import { holdersOf } from '../queries-people.ts';
import { lockPosition, lockProposal, setProposalDecided, upsertPosition } from '../queries-positions.ts';
import { demand, refusal } from '../refusals.ts';
import type { Actor } from '../rules/authority.ts';
import { approvedPosition, mayNotDecide } from '../rules/positions.ts';

/** Approves or refuses what another proposed for a position; an approved change holds for everybody who has it at once. */
export async function decidePosition(
  tx: Queryable,
  { national }: { national: NationalRoles },
  { actor, now }: { actor: Actor; now: number },
  proposalId: string,
  verdict: 'approve' | 'refuse',
): Promise<Done> {
  const row = isUuid(proposalId) ? await lockProposal(tx, proposalId) : undefined;
  if (!row) throw refusal('unknown', `There is no proposal ${proposalId.slice(0, 40).toWellFormed()}.`, 'proposalId');
  const proposal = proposalOf(row);
  const current = await lockPosition(tx, proposal.positionId);
  const position = current && positionOf(current);
  const chain = await chainOf(tx, proposal.odsCode);
  const holders = await holdersOf(tx, proposal.positionId);
  demand(mayNotDecide(actor, proposal, verdict, { chain, position, holders, national }));
  const state = verdict === 'approve' ? 'approved' : 'refused';
  await setProposalDecided(tx, proposalId, state, actor.userId, now);
  const { positionId, odsCode } = proposal;
  if (verdict === 'refuse') {
    return {
      status: 200,
      body: { proposalId, positionId, odsCode, state },
      changes: [
        {
          subjectId: positionId,
          verb: 'position-proposal-refused',
          before: { proposalId, state: 'proposed' },
          after: { proposalId, state },
          told: { positionId, proposalId, odsCode },
        },
      ],
    };
  }
  const next = approvedPosition(proposal, position);
  await upsertPosition(
    tx,
    { position_id: positionId, version: next.version, state: next.state, ods_code: odsCode, content: next.content },
    now,
  );
  return {
    status: 200,
    body: { proposalId, positionId, odsCode, state, version: next.version, position: next.state },
    changes: [
      {
        subjectId: positionId,
        verb: next.state === 'withdrawn' ? 'position-withdrawn' : 'position-approved',
        before: position ?? null,
        after: { ...next, proposedBy: proposal.proposedBy },
        told: { positionId, proposalId, odsCode, version: next.version },
      },
    ],
    reread: holders,
  };
}
