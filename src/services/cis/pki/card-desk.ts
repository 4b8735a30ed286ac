import type { Queryable } from '../../../platform/db/database.ts';
import { outbound } from '../../../platform/http/outbound.ts';
import { Applications } from '../../../platform/identity/applications.ts';
import type { CisParts } from '../parts.ts';
import { findClient } from '../providers/clients.ts';
import { SigningKeys } from '../providers/keys/signing-keys.ts';
import { sandboxStaff } from '../providers/sandbox-users.ts';
import { endSessionsIn } from '../providers/sessions/end-sessions.ts';
import { LogoutNotices } from '../providers/sessions/logout-notices.ts';
import { openStaffDirectory } from '../registration/directory/open-staff-directory.ts';
import { authorityOnce } from './authority.ts';
import { Cards } from './cards.ts';

/** Cards without a Spine that listens: for commands. In a sandbox its own users are found too. */
export function openCardDesk(
  parts: Pick<CisParts, 'db' | 'vault' | 'clock' | 'tokens' | 'address'>,
  isSandbox: boolean,
) {
  const { db, vault, clock, tokens, address } = parts;
  const authority = authorityOnce({ db, vault, clock, base: () => address.base });
  const applications = new Applications(db, clock);
  const client = { applications, base: address.base, ownKeys: [], provider: 'cis2', isGuarded: !isSandbox } as const;
  // notices are kept here, and sent by a Spine that runs
  const notices = new LogoutNotices({
    db,
    clock,
    keys: new SigningKeys(db, clock, vault),
    findClient: (clientId) => findClient(clientId, client),
    issuerOf: (provider) => `${address.base}/${provider}`,
    askFor: () => outbound({ isGuarded: true }),
  });
  const ending = {
    tokens,
    endSessionsIn: (tx: Queryable, userId: string) =>
      endSessionsIn({ db, clock, notices }, tx, { provider: 'cis2', userId }),
  };
  const registered = openStaffDirectory(db, clock);
  return {
    cards: new Cards(authority, ending),
    directory: isSandbox ? sandboxStaff(db, registered) : registered,
    /** Issuing and root certificate of the authority, which is made where there is none yet. */
    chainPem: async () => (await authority()).chainPem,
  };
}
