import { isOf, type Mailbox } from '../mailboxes/mailbox.ts';

/** In which organisation somebody administers. */
export type Administrator = { readonly odsCode: string };

/** The organisation that runs the service nationally (X26): those who administer there administer everywhere. */
const nationalOdsCode = 'X26';

export const isNational = ({ odsCode }: Administrator): boolean => odsCode === nationalOdsCode;

/** Whether somebody administers this mailbox: it is of their organisation, or they are national. */
export function isAdministratorOf(
  administrator: Administrator,
  mailbox: Pick<Mailbox, 'odsCode' | 'orgCode'>,
): boolean {
  return isNational(administrator) || isOf(mailbox as Mailbox, administrator.odsCode);
}
