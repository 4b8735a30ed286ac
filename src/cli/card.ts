import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AuditLog } from '../platform/audit/audit-log.ts';
import { sealerIn } from '../platform/audit/seal.ts';
import { Clock } from '../platform/clock/clock.ts';
import { readConfig } from '../platform/config/config.ts';
import type { Queryable } from '../platform/db/database.ts';
import { OwnAddress } from '../platform/http/own-address.ts';
import { Tokens } from '../platform/identity/tokens.ts';
import { openVault, VaultError } from '../platform/identity/vault.ts';
import { SharedClock } from '../sandbox/shared-clock.ts';
import { openCardDesk } from '../services/cis/pki/card-desk.ts';
import { revocationReasons } from '../services/cis/pki/card-states.ts';
import { type Card, CardError, type CardKeys } from '../services/cis/pki/cards.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';
import { operatorNote } from './operator-note.ts';

const help = `openspine card: smartcards in software, for log-on with a certificate

  openspine card --user ID [options]              issue a card: two key files (PKCS #12) and their passcode
  openspine card list --user ID [--json]          show a user's cards
  openspine card renew NUMBER [options]           new certificates, files and passcode, from 90 days before the end
  openspine card cancel NUMBER [--reason REASON]  cancel it for good, and revoke the user's tokens
  openspine card chain [--out DIRECTORY]          write card-authority.pem, the authority's certificates

  --user ID        user id, mostly twelve digits
  --name NAME      the holder's name, as the certificate shows it; by default as registered
  --locked         issue the card locked, to be unlocked by the Registration Authority
  --reason REASON  ${revocationReasons.join(', ')} (default unspecified)
  --out DIRECTORY  where files are written (default here)
  --json           write the answer as JSON

Import the file that ends in -authentication.p12 into the browser, and trust card-authority.pem for the card port of a
sandbox. The passcode is shown once; nobody can read it later.

Example:
  openspine card --user 555254240100 --out ~/cards`;

/** Called wrongly; the message says how. */
class UsageError extends Error {}

/** `openspine card`: issues, lists, renews and cancels cards in the database of this installation. */
export const command: Command = {
  name: 'card',
  summary: 'issue a smartcard as a key file with its passcode; list, renew, cancel',
  help,
  async run(args, io) {
    try {
      const [verb] = args;
      if (verb === 'list') return await list(args.slice(1), io);
      if (verb === 'renew') return await renew(args.slice(1), io);
      if (verb === 'cancel') return await cancel(args.slice(1), io);
      if (verb === 'chain') return await chain(args.slice(1), io);
      return await issue(args, io);
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine card: ${told.words}`);
      return told.code;
    }
  },
};

/** What the person is told of a failure they can mend, and the exit code; undefined for everything else. */
function toldOf(error: unknown): { words: string; code: 1 | 2 } | undefined {
  const { code, path, message } = error as { code?: string; path?: string; message: string };
  if (error instanceof UsageError) return { words: message, code: 2 };
  if (error instanceof CardError || error instanceof VaultError) return { words: message, code: 1 };
  if (code === '42P01' || code === '3F000')
    return { words: 'The database has no tables yet; run openspine migrate.', code: 1 };
  if (path !== undefined && code === 'EEXIST')
    return { words: `${path} is there already; it is not overwritten.`, code: 1 };
  return path === undefined ? undefined : { words: message, code: 1 };
}

type Desk = ReturnType<typeof openCardDesk>;
type At = { readonly desk: Desk; readonly tx: Queryable; readonly by: { actor: string; now: number } };

/** Does it in one transaction with its audit entry, where there is a verb; `after` is done before it is committed. */
async function atDesk<Result>(
  io: Io,
  verb: string | undefined,
  work: (at: At) => Promise<Result>,
  after: (result: Result) => Promise<void> = async () => {},
): Promise<Result> {
  const { mode, dataDirectory, masterKey, issuerBase, port, tls } = readConfig(io.env);
  const { db, close } = await openDatabaseForCli(io.env);
  try {
    const clock = new Clock();
    if (mode === 'sandbox') await new SharedClock(db, clock, 1).start();
    const address = new OwnAddress(issuerBase, tls ? 'https' : 'http');
    address.listensOn(port);
    const vault = openVault(dataDirectory, masterKey);
    const desk = openCardDesk({ db, vault, clock, tokens: new Tokens(db, clock), address }, mode === 'sandbox');
    const by = { actor: 'openspine card', now: clock.now() };
    if (verb === undefined) return await work({ desk, tx: db, by });
    const audit = new AuditLog(db, clock, sealerIn(dataDirectory));
    let recording: ReturnType<AuditLog['recordIn']> | undefined;
    try {
      const result = await db.transaction(async (tx) => {
        recording?.ended(false);
        const done = await work({ desk, tx, by });
        recording = audit.recordIn(tx, [operatorNote('openspine card', `cis.${verb}-card`, by.now)]);
        await recording.recorded;
        // files are there before the card is: a card without its files would be of no use to anybody
        await after(done);
        return done;
      });
      recording?.ended(true);
      return result;
    } catch (error) {
      recording?.ended(false);
      throw error;
    } finally {
      await audit.close();
    }
  } finally {
    await close();
  }
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

async function issue(args: string[], io: Io): Promise<number> {
  const options = { user: text, name: text, out: text, locked: flag, json: flag } as const;
  const { values } = parseArgs({ args, options });
  const userId = userIn(values.user);
  const files = new KeyFiles(values.out ?? '.');
  const { card, keys } = await files.orNone(() =>
    atDesk(
      io,
      'issue',
      async ({ desk, tx, by }) => {
        const displayName = values.name ?? (await nameOf(desk, userId));
        return await desk.cards.issue(tx, { userId, displayName }, by, { isLocked: values.locked });
      },
      (made) => files.write(made.card, made.keys),
    ),
  );
  report('Issued', { card, keys, files }, values.json === true, io);
  return 0;
}

async function renew(args: string[], io: Io): Promise<number> {
  const options = { name: text, out: text, json: flag } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const cardNumber = numberIn(positionals, 'renew');
  const files = new KeyFiles(values.out ?? '.');
  const { card, keys } = await files.orNone(() =>
    atDesk(
      io,
      'renew',
      async ({ desk, tx, by }) => {
        const before = await desk.cards.find(tx, cardNumber, by.now);
        const displayName = values.name ?? (await nameOf(desk, before?.userId ?? ''));
        return await desk.cards.renew(tx, cardNumber, displayName, by);
      },
      (made) => files.write(made.card, made.keys),
    ),
  );
  report('Renewed', { card, keys, files }, values.json === true, io);
  return 0;
}

async function cancel(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: { reason: text }, allowPositionals: true });
  const cardNumber = numberIn(positionals, 'cancel');
  const reason = revocationReasons.find((one) => one === (values.reason ?? 'unspecified'));
  if (!reason) throw new UsageError(`--reason must be one of ${revocationReasons.join(', ')}, not "${values.reason}".`);
  await atDesk(io, 'cancel', ({ desk, tx, by }) => desk.cards.cancel(tx, cardNumber, reason, by));
  io.out(`Cancelled card ${cardNumber}; its certificates and the tokens of its holder are revoked.`);
  return 0;
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { user: text, json: flag } });
  const userId = userIn(values.user);
  const cards = await atDesk(io, undefined, ({ desk, tx, by }) => desk.cards.list(tx, userId, by.now));
  for (const card of cards) {
    if (values.json) io.out(JSON.stringify(card));
    else io.out(`${card.cardNumber}  ${card.standing.padEnd(13)}  ${endOf(card)}`);
  }
  if (cards.length === 0 && !values.json) io.out(`User ${userId} has no card.`);
  return 0;
}

async function chain(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { out: text } });
  const path = join(values.out ?? '.', 'card-authority.pem');
  const pem = await atDesk(io, undefined, ({ desk }) => desk.chainPem());
  await writeFile(path, pem);
  io.out(`Wrote ${path}.`);
  return 0;
}

function userIn(given: string | undefined): string {
  if (given === undefined || !/^[0-9A-Za-z][0-9A-Za-z._@-]{0,99}$/.test(given))
    throw new UsageError('--user is needed: the user id, mostly twelve digits.');
  return given;
}

function numberIn(positionals: readonly string[], verb: string): string {
  const [cardNumber] = positionals;
  if (cardNumber === undefined || positionals.length > 1) throw new UsageError(`Write: openspine card ${verb} NUMBER`);
  return cardNumber;
}

async function nameOf(desk: Desk, userId: string): Promise<string> {
  const account = await desk.directory.find(userId);
  if (!account)
    throw new UsageError(`There is no member of staff ${userId}; give --name to issue a card all the same.`);
  return account.displayName;
}

/** The files of a card that is being made. */
class KeyFiles {
  readonly written: string[] = [];
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(card: Card, keys: CardKeys): Promise<void> {
    // a transaction may be run again: the files of the attempt before are of no card
    await this.#remove();
    const end = card.certificates.at(-1)?.notBefore ?? 0;
    const name = `card-${card.cardNumber}-${new Date(end).toISOString().slice(0, 10)}`;
    const files = { authentication: keys.authentication, 'content-commitment': keys.contentCommitment };
    for (const [usage, file] of Object.entries(files)) {
      const path = join(this.#directory, `${name}-${usage}.p12`);
      await writeFile(path, file, { mode: 0o600, flag: 'wx' });
      this.written.push(path);
    }
  }

  /** Does the work; where it fails, no file stays. */
  async orNone<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      await this.#remove();
      throw error;
    }
  }

  async #remove(): Promise<void> {
    for (const path of this.written.splice(0)) await rm(path, { force: true });
  }
}

const endOf = (card: Card): string =>
  card.notAfter === undefined ? '-' : `to ${new Date(card.notAfter).toISOString().slice(0, 10)}`;

type Made = { readonly card: Card; readonly keys: CardKeys; readonly files: KeyFiles };

function report(did: string, { card, keys, files }: Made, isJson: boolean, io: Io): void {
  const { cardNumber, userId, standing, notAfter } = card;
  if (isJson) {
    io.out(JSON.stringify({ cardNumber, userId, standing, notAfter, files: files.written, passcode: keys.passcode }));
    return;
  }
  io.out(`${did} card ${cardNumber} for user ${userId}: ${standing}, ${endOf(card)}.`);
  for (const path of files.written) io.out(`  key file  ${path}`);
  io.out(`  passcode  ${keys.passcode} (shown once)`);
}
