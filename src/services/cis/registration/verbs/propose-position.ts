import type { Queryable } from '../../../../platform/db/database.ts';
import { uuidv7 } from '../../../../platform/events/uuidv7.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { chainOf, positionOf } from '../loaded.ts';
import { takeIds } from '../loading/queries.ts';
import type { PositionContent } from '../position-content.ts';
import { holdersOf } from '../queries-people.ts';
import { insertProposal, lockPosition, workgroupsOf } from '../queries-positions.ts';
import { demand, refusal } from '../refusals.ts';
import type { Actor } from '../rules/authority.ts';
import { contentFault, mayNotPropose } from '../rules/positions.ts';

/**
 * Proposes a new position of an organisation, another content of one (`positionId`), or, without content, its
 * withdrawal. It holds once another manager has approved it.
 */
export async function proposePosition(
  tx: Queryable,
  { national }: { national: NationalRoles },
  { actor, now, reason }: { actor: Actor; now: number; reason: string },
  of: { odsCode: string } | { positionId: string },
  content: PositionContent | undefined,
): Promise<Done> {
  const row = 'positionId' in of ? await lockPosition(tx, of.positionId) : undefined;
  if ('positionId' in of && !row)
    throw refusal('unknown', `There is no position ${of.positionId.slice(0, 40).toWellFormed()}.`, 'positionId');
  const position = row && positionOf(row);
  const odsCode = position?.odsCode ?? (of as { odsCode: string }).odsCode;
  const chain = await chainOf(tx, odsCode);
  const holders = position ? await holdersOf(tx, position.positionId) : [];
  demand(mayNotPropose(actor, content, { chain, position, holders, national }));
  if (content) {
    const workgroups = new Set((await workgroupsOf(tx, odsCode)).map((group) => group.workgroup_code));
    demand(contentFault(content, national, workgroups));
  }
  const positionId = position?.positionId ?? ((await takeIds(tx, 'position')) as [string])[0];
  const proposalId = uuidv7(now);
  const baseVersion = position?.version ?? 0;
  await insertProposal(
    tx,
    {
      proposal_id: proposalId,
      position_id: positionId,
      base_version: baseVersion,
      ods_code: odsCode,
      content: content ?? null,
      reason,
      proposed_by: actor.userId,
    },
    now,
  );
  return {
    status: 201,
    body: { proposalId, positionId, odsCode, baseVersion, content: content ?? null, state: 'proposed' },
    changes: [
      {
        subjectId: positionId,
        verb: 'position-proposed',
        before: position?.content ?? null,
        after: content ?? null,
        told: { positionId, proposalId, odsCode },
      },
    ],
  };
}
