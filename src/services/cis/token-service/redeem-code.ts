import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { Application } from '../../../platform/identity/applications.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import { hasSessionEnded, sessionKeyOf } from '../../../platform/identity/queries.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import type { Standing } from '../standing.ts';
import { asOfNow } from './as-of-now.ts';
import { hashOfBearer } from './bearer-value.ts';
import { logOnErrors as errors, refuse } from './errors.ts';
import { giveTokens, type LivesWanted, type TokensGiven } from './give-tokens.ts';
import { type CodeRow, codeForUpdate, spendCode } from './queries.ts';

type Outcome =
  | { readonly is: 'given'; readonly given: TokensGiven; readonly principal: Principal }
  | { readonly is: 'refused'; readonly spent: string | undefined };

/**
 * Step 88: gives the tokens for a code, once. A code that comes a second time has leaked: whatever was given for it the
 * first time is revoked (RFC 6749, section 4.1.2). What the application and the person may have is looked at anew. Throws
 * refusals; `known` hears whose code it is before anything can be refused for it.
 */
export async function redeemCode(
  parts: { readonly db: Database; readonly tokens: Tokens; readonly standing: Standing },
  client: Application,
  asked: { readonly code: string; readonly redirectUri: string },
  wanted: LivesWanted,
  now: number,
  known: (principal: Principal) => void,
): Promise<{ given: TokensGiven; principal: Principal }> {
  const { db, tokens, standing } = parts;
  const hash = hashOfBearer(asked.code);
  const outcome = await db.transaction<Outcome>(async (tx) => {
    const row = await codeForUpdate(tx, hash);
    if (row?.app_id === client.appId) known(row.principal);
    if (!row || !isGood(row, client, asked.redirectUri, now))
      return { is: 'refused', spent: row?.spent_at ? row.family_id : undefined };
    const principal = await asOfNow(standing, client, row.principal);
    if (!principal || (await isSessionOver(tx, row))) return { is: 'refused', spent: undefined };
    await tx.query(spendCode(hash, now));
    const descent = { familyId: row.family_id, firstIssuedAt: now, refreshCount: 0 };
    const given = await giveTokens(tx, tokens, principal, descent, wanted, now);
    return { is: 'given', given, principal };
  });
  if (outcome.is === 'given') return outcome;
  if (outcome.spent !== undefined) await tokens.revokeAll({ familyId: outcome.spent });
  throw refuse(errors.code);
}

const isGood = (row: CodeRow, client: Application, redirectUri: string, now: number): boolean =>
  row.spent_at === null &&
  row.expires_at.getTime() > now &&
  row.app_id === client.appId &&
  row.redirect_uri === redirectUri;

/** Whether the person logged off at the identity provider after the code was given out. */
async function isSessionOver(
  tx: Queryable,
  { principal: { issuer, sessionId }, issued_at }: CodeRow,
): Promise<boolean> {
  if (issuer === undefined || sessionId === undefined) return false;
  return hasSessionEnded(tx, sessionKeyOf(issuer, sessionId), issued_at.getTime());
}
