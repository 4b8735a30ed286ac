import type { Queryable } from '../../../../platform/db/database.ts';
import type { Done } from '../carry-out.ts';
import { chainOf } from '../loaded.ts';
import { insertWorkgroups, takeIds } from '../loading/queries.ts';
import { demand } from '../refusals.ts';
import { type Actor, mayNot } from '../rules/authority.ts';

/** Creates a workgroup of an organisation, to be named by its positions. */
export async function createWorkgroup(
  tx: Queryable,
  { actor, now }: { actor: Actor; now: number },
  { odsCode, name }: { odsCode: string; name: string },
): Promise<Done> {
  demand(mayNot(actor, 'propose-position', await chainOf(tx, odsCode)));
  const [code] = (await takeIds(tx, 'workgroup')) as [string];
  await insertWorkgroups(tx, [{ code, odsCode, name }], now);
  return {
    status: 201,
    body: { code, odsCode, name },
    changes: [
      {
        subjectId: code,
        verb: 'workgroup-created',
        before: null,
        after: { code, odsCode, name },
        told: { code, odsCode },
      },
    ],
  };
}
