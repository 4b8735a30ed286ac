import type { CisParts } from '../parts.ts';
import { sandboxStaff } from '../providers/sandbox-users.ts';
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
  const registered = openStaffDirectory(db, clock);
  return {
    cards: new Cards(authority, tokens),
    directory: isSandbox ? sandboxStaff(db, registered) : registered,
    /** Issuing and root certificate of the authority, which is made where there is none yet. */
    chainPem: async () => (await authority()).chainPem,
  };
}
