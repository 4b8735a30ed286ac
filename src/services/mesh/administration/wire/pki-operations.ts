import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database } from '../../../../platform/db/database.ts';
import type { Answer, Operation } from '../../../../platform/http/operation.ts';
import { revocationLists } from '../../../cis/index.ts';
import { type ClientAuthority, pkiPaths } from '../client-authority.ts';
import { type RevokedRow, selectRevokedAt } from '../queries-certificates.ts';

export type PkiParts = { readonly db: Database; readonly clock: Clock; readonly authority: ClientAuthority };

/** What client certificates of our own authority point to, for whoever ends TLS in front of a MESH: open to everybody. */
export function pkiOperations({ db, clock, authority }: PkiParts): Operation[] {
  const currentList = revocationLists(clock, async (now) => {
    const rows = await db.query<RevokedRow>(selectRevokedAt(now));
    const revoked = rows.map(({ serial, reason, withdrawn_at: at }) => ({ serial, reason, revokedAt: at.getTime() }));
    return { issuer: await authority.issuer(now), revoked };
  });
  const open = { method: 'GET', access: 'open', audit: 'none' } as const;
  const derOf = (contentType: string, body: Buffer): Answer => ({ status: 200, contentType, body });
  return [
    {
      ...open,
      name: 'mesh.client-revocation-list',
      path: pkiPaths.list,
      summary: 'The revocation list of MESH client certificates (RFC 5280, DER)',
      answers: { 200: { summary: 'application/pkix-crl' } },
      handle: async () => derOf('application/pkix-crl', await currentList()),
    },
    {
      ...open,
      name: 'mesh.client-authority-certificate',
      path: pkiPaths.authority,
      summary: 'The certificate that MESH client certificates are signed with (DER)',
      answers: { 200: { summary: 'application/pkix-cert' } },
      handle: async (call) => derOf('application/pkix-cert', await authority.der(call.now)),
    },
  ];
}
