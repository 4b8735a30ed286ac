import type { Config } from '../../../../platform/config/config.ts';
import type { StaffAccount } from '../../staff-directory.ts';

/**
 * For whom a password with an authenticator app is enough, as configured: everybody, nobody, or who has a role in one of
 * these organisations (ODS codes in capitals) and in no other, since a log-on opens all roles.
 */
export function passwordPolicy(configured: Config['passwordLogOn']): (account: Pick<StaffAccount, 'roles'>) => boolean {
  if (configured === 'on') return () => true;
  if (configured === 'off') return () => false;
  const codes = new Set(configured);
  return ({ roles }) => roles.length > 0 && roles.every((role) => codes.has(role.odsCode.toUpperCase()));
}
