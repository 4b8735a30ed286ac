import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { LogoutNotices } from './logout-notices.ts';
import { hashOf } from './provider-store.ts';
import { deleteArtifactsOfGrant } from './queries.ts';
import type { LogoutNotice } from './queries-logout.ts';
import { deleteSession, sessionsOfUser } from './queries-sessions.ts';

export type EndSessionsParts = { readonly db: Database; readonly clock: Clock; readonly notices: LogoutNotices };

type Authorizations = Record<string, { sid?: string; grantId?: string }>;

/**
 * Ends one session of an identity provider by its id: the session, what was granted in it, the event and the notices to
 * clients in one transaction; then the clients are told. False when there was none.
 */
export async function endSession(parts: EndSessionsParts, uid: string): Promise<boolean> {
  const { db, clock, notices } = parts;
  const toSend = await db.transaction(async (tx) => {
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
      await tx.query(
        insertEvents([{ subject: row.user_id, kind: 'cis.session-ended', happenedAt: clock.now(), body }]),
      );
    }
    return kept;
  });
  if (!toSend) return false;
  await Promise.all(toSend.map((notice) => notices.send(notice)));
  return true;
}

/** Ends every session of a member of staff; how many. */
export async function endSessionsOf(parts: EndSessionsParts, userId: string): Promise<number> {
  const rows = await sessionsOfUser(parts.db, 'cis2', userId, new Date(parts.clock.now()));
  const ended = await Promise.all(rows.map((row) => endSession(parts, row.uid)));
  return ended.filter(Boolean).length;
}
