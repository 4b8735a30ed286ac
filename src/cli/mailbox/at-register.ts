import { readFile } from 'node:fs/promises';
import { AuditLog } from '../../platform/audit/audit-log.ts';
import { sealerIn } from '../../platform/audit/seal.ts';
import { Clock } from '../../platform/clock/clock.ts';
import { readConfig } from '../../platform/config/config.ts';
import { OwnAddress } from '../../platform/http/own-address.ts';
import { openVault } from '../../platform/identity/vault.ts';
import { checkDataDirectory } from '../../process/preflight.ts';
import { SharedClock } from '../../sandbox/shared-clock.ts';
import { type MailboxNote, type MailboxRegister, openRegister } from '../../services/mesh/index.ts';
import type { Io } from '../command.ts';
import { openDatabaseForCli } from '../database.ts';
import { operatorNote } from '../operator-note.ts';

/** Called wrongly; the message says how. */
export class UsageError extends Error {}
/** Called rightly, and yet it did not work; the message says why. */
export class Failure extends Error {}

export type AtRegister = {
  readonly register: MailboxRegister;
  /** Milliseconds since 1970, by the clock of the installation. */
  readonly now: number;
  /** What the audit log says of an operation on a mailbox. */
  readonly noteOf: (operation: string, mailboxId: string) => MailboxNote;
};

/** Opens the register of mailboxes for one change or look. */
export async function atRegister<Result>(io: Io, work: (at: AtRegister) => Promise<Result>): Promise<Result> {
  const { mode, dataDirectory, masterKey, issuerBase, tls, port } = readConfig(io.env);
  // it holds the key that seals the audit log, and is made where this is the first command
  checkDataDirectory(dataDirectory);
  const { db, close } = await openDatabaseForCli(io.env);
  const clock = new Clock();
  const audit = new AuditLog(db, clock, sealerIn(dataDirectory));
  const address = new OwnAddress(issuerBase, tls ? 'https' : 'http');
  address.listensOn(port);
  try {
    if (mode === 'sandbox') await new SharedClock(db, clock, 1).start();
    const vault = openVault(dataDirectory, masterKey);
    const register = await openRegister({ db, audit, vault, base: () => address.base });
    const now = clock.now();
    return await work({
      register,
      now,
      noteOf: (operation, mailboxId): MailboxNote => ({
        notes: [operatorNote('openspine mailbox', operation, now, `mailbox ${mailboxId}`)],
        now,
      }),
    });
  } finally {
    await audit.close();
    await close();
  }
}

/** The mailbox, and what else was named: exactly so much. Throws UsageError otherwise. */
export function only(positionals: readonly string[], ...names: string[]): string[] {
  if (positionals.length !== names.length) throw new UsageError(`Name ${names.join(' and ')}, and nothing else.`);
  return positionals.map((one, index) => (index === 0 ? one.toUpperCase() : one));
}

export const noMailbox = (mailboxId: string): Failure => new Failure(`There is no mailbox ${mailboxId}.`);

/** The text of a file. Throws UsageError where it cannot be read. */
export function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path} cannot be read (${error.code}).`);
  });
}
