import type { Queryable } from '../../../platform/db/database.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import { sessionKeyOf } from '../../../platform/identity/queries.ts';
import { insertRefreshToken } from '../../../platform/identity/queries-refresh.ts';
import type { Tokens } from '../../../platform/identity/tokens.ts';
import { bearerValue, hashOfBearer } from './bearer-value.ts';
import { accessMillis, expiresIn, kindOf, refreshMillis, shortened } from './grant.ts';

/** What a client may ask of the lives of its tokens, in milliseconds as text; they shorten, and never lengthen. */
export type LivesWanted = {
  readonly access: string | undefined;
  readonly refresh?: string | undefined;
  readonly validity?: string | undefined;
};

/** Where the tokens come from: the log-on they descend from, and how often it was refreshed. */
export type Descent = {
  readonly familyId: string;
  /** When the first tokens of the log-on were issued, milliseconds. */
  readonly firstIssuedAt: number;
  readonly refreshCount: number;
};

/** The token members of an answer to a client with a person before it; numbers are strings, as published. */
export type TokensGiven = {
  readonly access_token: string;
  readonly expires_in: string;
  readonly token_type: 'Bearer';
  readonly refresh_token: string;
  readonly refresh_token_expires_in: string;
  readonly refresh_count: string;
};

/**
 * Issues an access token and a refresh token in the caller's transaction. A refresh token ends after its own life, and at
 * the latest when the time of the log-on is over (token service contract, section 4).
 */
export async function giveTokens(
  tx: Queryable,
  tokens: Tokens,
  principal: Principal,
  descent: Descent,
  wanted: LivesWanted,
  now: number,
): Promise<TokensGiven> {
  const most = refreshMillis[kindOf(principal)];
  const over = descent.firstIssuedAt + shortened(most, wanted.validity);
  const refreshLife = Math.min(now + shortened(most, wanted.refresh), over) - now;
  const accessLife = shortened(accessMillis, wanted.access);
  const { familyId } = descent;
  const access = await tokens.issueIn(tx, principal, accessLife / 1000, { familyId });
  const refresh = bearerValue();
  const { issuer, sessionId } = principal;
  await tx.query(
    insertRefreshToken({
      token_hash: hashOfBearer(refresh),
      family_id: familyId,
      app_id: principal.appId,
      user_id: principal.userId ?? principal.nhsNumber ?? '',
      session_id: issuer === undefined || sessionId === undefined ? null : sessionKeyOf(issuer, sessionId),
      principal,
      refresh_count: descent.refreshCount,
      first_issued_at: new Date(descent.firstIssuedAt),
      expires_at: new Date(now + refreshLife),
    }),
  );
  return {
    access_token: access,
    expires_in: expiresIn(accessLife),
    token_type: 'Bearer',
    refresh_token: refresh,
    refresh_token_expires_in: expiresIn(refreshLife),
    refresh_count: String(descent.refreshCount),
  };
}
