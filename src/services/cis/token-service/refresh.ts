import type { Database } from '../../../platform/db/database.ts';
import type { Application } from '../../../platform/identity/applications.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import {
  type RefreshRow,
  refreshTokenForUpdate,
  spendRefreshToken,
} from '../../../platform/identity/queries-refresh.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import type { Standing } from '../standing.ts';
import { asOfNow } from './as-of-now.ts';
import { hashOfBearer } from './bearer-value.ts';
import { logOnErrors as errors, refuse } from './errors.ts';
import { giveTokens, type LivesWanted, type TokensGiven } from './give-tokens.ts';
import { kindOf, refreshMillis, shortened } from './grant.ts';

export type RefreshParts = {
  readonly db: Database;
  readonly tokens: Tokens;
  readonly standing: Standing;
};

type Outcome =
  | { readonly is: 'given'; readonly given: TokensGiven; readonly principal: Principal }
  | { readonly is: 'unknown' | 'over' }
  | { readonly is: 'spent'; readonly familyId: string };

/**
 * Steps 90 and 91: new tokens for a refresh token, which is good once. One that comes a second time has leaked, and its
 * whole family is revoked. What the application and the person may have is looked at anew. Throws refusals; `known` hears
 * whose token it is before anything can be refused for it.
 */
export async function refresh(
  parts: RefreshParts,
  client: Application,
  token: string,
  wanted: LivesWanted,
  now: number,
  known: (principal: Principal) => void,
): Promise<{ given: TokensGiven; principal: Principal }> {
  const hash = hashOfBearer(token);
  const outcome = await parts.db.transaction<Outcome>(async (tx) => {
    const row = await refreshTokenForUpdate(tx, hash);
    if (!row || row.app_id !== client.appId || row.revoked_at !== null) return { is: 'unknown' };
    known(row.principal);
    if (row.spent_at !== null) return { is: 'spent', familyId: row.family_id };
    if (isOverFor(row, wanted, now)) return { is: 'over' };
    const principal = await asOfNow(parts.standing, client, row.principal);
    if (!principal) return { is: 'unknown' };
    await tx.query(spendRefreshToken(hash, now));
    const descent = {
      familyId: row.family_id,
      firstIssuedAt: row.first_issued_at.getTime(),
      refreshCount: row.refresh_count + 1,
    };
    return { is: 'given', given: await giveTokens(tx, parts.tokens, principal, descent, wanted, now), principal };
  });
  if (outcome.is === 'given') return outcome;
  if (outcome.is === 'spent') await parts.tokens.revokeAll({ familyId: outcome.familyId });
  throw refuse(outcome.is === 'over' ? errors.refreshPeriod : errors.refreshToken);
}

function isOverFor(row: RefreshRow, { validity }: LivesWanted, now: number): boolean {
  const most = refreshMillis[kindOf(row.principal)];
  return row.expires_at.getTime() <= now || row.first_issued_at.getTime() + shortened(most, validity) <= now;
}
