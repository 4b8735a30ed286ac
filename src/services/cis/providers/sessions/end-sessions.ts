import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database, Queryable } from '../../../../platform/db/database.ts';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import { withdrawRequests } from '../../log-on/phone/queries-phone.ts';
import type { ProviderKind } from '../provider-host.ts';
import { hashOf } from '../provider-store.ts';
import { deleteArtifactsOfGrant, deleteArtifactsOfUser } from '../queries.ts';
import type { LogoutNotices } from './logout-notices.ts';
import type { LogoutNotice } from './queries-logout.ts';
import { deleteProvedLogOns, deleteSession, sessionByUid, sessionsOfUser } from './queries-sessions.ts';

export type EndSessionsParts = { readonly db: Database; readonly clock: Clock; readonly notices: LogoutNotices };

type Authorizations = Record<string, { sid?: string; grantId?: string }>;

/**
 * Ends one session of an identity provider by its id: the session, what was granted in it, the event and the notices to
 * clients in one transaction; then the clients are told. False when there was none.
 */
export async function endSession(parts: EndSessionsParts, uid: string): Promise<boolean> {
  const toSend = await parts.db.transaction((tx) => endSessionIn(parts, tx, uid));
  if (!toSend) return false;
  await Promise.all(toSend.map((notice) => parts.notices.send(notice)));
  return true;
}

/** Ends a session in the caller's transaction; the notices to clients, undefined when there was no such session. */
async function endSessionIn(
  { clock, notices }: EndSessionsParts,
  tx: Queryable,
  uid: string,
): Promise<LogoutNotice[] | undefined> {
  const row = await deleteSession(tx, uid);
  if (!row) return undefined;
  const kept: LogoutNotice[] = [];
  const authorizations = (row.payload.authorizations ?? {}) as Authorizations;
  for (const [clientId, { sid, grantId }] of Object.entries(authorizations)) {
    if (grantId !== undefined) await deleteArtifactsOfGrant(tx, row.provider, hashOf(grantId).toString('hex'));
    // patients' provider offers no log-out to applications (contract: nhs-login)
    if (sid === undefined || row.user_id === null || row.provider !== 'cis2') continue;
    const notice = await notices.keepIn(tx, { provider: row.provider, clientId, userId: row.user_id, sid });
    if (notice) kept.push(notice);
  }
  if (row.user_id !== null) {
    const body = { provider: row.provider, session: uid };
    await tx.query(insertEvents([{ subject: row.user_id, kind: 'cis.session-ended', happenedAt: clock.now(), body }]));
  }
  return kept;
}

/**
 * Ends every session of a user of this provider (but for one) in the caller's transaction, e.g. with the passkey that is
 * removed; how many. The clients are told when it is committed, by whoever looks for notices, within a second.
 */
export async function endSessionsIn(
  parts: EndSessionsParts,
  tx: Queryable,
  {
    provider,
    userId,
    except,
  }: { readonly provider: ProviderKind; readonly userId: string; readonly except?: string | undefined },
): Promise<number> {
  const rows = await sessionsOfUser(tx, provider, userId, new Date(parts.clock.now()));
  let ended = 0;
  for (const { uid } of rows) if (uid !== except && (await endSessionIn(parts, tx, uid))) ended++;
  await deleteProvedLogOns(tx, provider, userId);
  await withdrawRequests(tx, userId, parts.clock.now());
  return ended;
}

/** Ends every session of a member of staff; how many. */
export async function endSessionsOf(parts: EndSessionsParts, userId: string): Promise<number> {
  const rows = await sessionsOfUser(parts.db, 'cis2', userId, new Date(parts.clock.now()));
  const ended = await Promise.all(rows.map((row) => endSession(parts, row.uid)));
  return ended.filter(Boolean).length;
}

/**
 * Takes from applications all they were given of a user, in the caller's transaction: codes, tokens and grants, but for
 * those of one session. Refresh tokens of patients outlive the sessions they came from, so that ending those is not enough.
 */
export async function takeBackIn(
  parts: Pick<EndSessionsParts, 'clock'>,
  tx: Queryable,
  {
    provider,
    userId,
    except,
  }: { readonly provider: ProviderKind; readonly userId: string; readonly except?: string | undefined },
): Promise<void> {
  const row = except === undefined ? undefined : await sessionByUid(tx, except, new Date(parts.clock.now()));
  const kept = row?.user_id === userId ? Object.values((row.payload.authorizations ?? {}) as Authorizations) : [];
  const grants = kept.flatMap(({ grantId }) => (grantId === undefined ? [] : [hashOf(grantId).toString('hex')]));
  await deleteArtifactsOfUser(tx, provider, userId, grants);
}
