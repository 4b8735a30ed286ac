import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AuditLog } from '../platform/audit/audit-log.ts';
import { sealerIn } from '../platform/audit/seal.ts';
import { Clock } from '../platform/clock/clock.ts';
import { readConfig } from '../platform/config/config.ts';
import { SharedClock } from '../sandbox/shared-clock.ts';
import {
  BootstrapError,
  bootstrapAdministrator,
  listStaff,
  loadNationalRoles,
  NationalRolesError,
} from '../services/cis/index.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine staff: the first staff of an organisation, and national role data

  openspine staff first --ods CODE --organisation NAME --given NAME --family NAME --born DAY [options]
                                        make a Registration Authority manager (two at most; they appoint the others)
  openspine staff list [--ods CODE]     who works where, in which position
  openspine staff load-roles FILE       load national role data (JSON) over those there are

  --parent CODE    the organisation whose Registration Authority serves this one too
  --email ADDRESS  of the manager
  --json           write the answer as JSON

Example:
  openspine staff first --ods RR8 --organisation "Example Trust" --given Ada --family Moss --born 1980-05-17`;

/** `openspine staff`: makes first managers, lists staff, loads national role data in the database of this installation. */
export const command: Command = {
  name: 'staff',
  summary: 'make the first Registration Authority managers; list staff; load role data',
  help,
  async run([verb, ...args], io) {
    try {
      if (verb === 'first') return await first(args, io);
      if (verb === 'list') return await list(args, io);
      if (verb === 'load-roles') return await loadRoles(args, io);
      throw new UsageError('Write first, list or load-roles; see openspine staff --help.');
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine staff: ${told.words}`);
      return told.code;
    }
  },
};

/** Called wrongly; the message says how. */
class UsageError extends Error {}

function toldOf(error: unknown): { words: string; code: 1 | 2 } | undefined {
  const { code, path, message } = error as { code?: string; path?: string; message: string };
  if (error instanceof UsageError) return { words: message, code: 2 };
  if (error instanceof BootstrapError || error instanceof NationalRolesError) return { words: message, code: 1 };
  if (code === '42P01' || code === '3F000')
    return { words: 'The database has no tables yet; run openspine migrate.', code: 1 };
  return path === undefined ? undefined : { words: message, code: 1 };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

async function first(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      ods: text,
      organisation: text,
      parent: text,
      given: text,
      family: text,
      born: text,
      email: text,
      json: flag,
    },
  });
  const { ods, organisation, given, family, born } = values;
  if (!ods || !organisation || !given || !family || !born)
    throw new UsageError('--ods, --organisation, --given, --family and --born are needed; see openspine staff --help.');
  const { db, close } = await openDatabaseForCli(io.env);
  const { mode, dataDirectory } = readConfig(io.env);
  const clock = new Clock();
  const audit = new AuditLog(db, clock, sealerIn(dataDirectory));
  try {
    // the code lasts a day by the clock of the Spine that takes it
    if (mode === 'sandbox') await new SharedClock(db, clock, 1).start();
    const made = await bootstrapAdministrator(
      { db, audit, clock },
      {
        odsCode: ods,
        organisationName: organisation,
        parent: values.parent,
        givenName: given,
        familyName: family,
        bornOn: born,
        email: values.email,
      },
    );
    const expiresAt = new Date(made.expiresAt).toISOString();
    if (values.json) io.out(JSON.stringify({ ...made, expiresAt }));
    else {
      io.out(`${given} ${family} is a Registration Authority manager of ${ods}.`);
      io.out(`  user id         ${made.userId}`);
      io.out(`  role            ${made.roleProfileId}`);
      io.out(`  enrolment code  ${made.enrolmentCode} (until ${expiresAt}; the only copy)`);
      io.out('With the code they register a passkey or an authenticator app at /cis2/enrol.');
    }
    return 0;
  } finally {
    await audit.close();
    await close();
  }
}

const mostListed = 10_000;

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { ods: text, json: flag } });
  const { db, close } = await openDatabaseForCli(io.env);
  try {
    const rows = await listStaff(db, values.ods, mostListed);
    for (const row of rows) {
      if (values.json) io.out(JSON.stringify(row));
      else {
        const { userId, status, odsCode = '-', position = '(no position)', name } = row;
        io.out(`${userId}  ${status.padEnd(9)}  ${odsCode.padEnd(10)}  ${position.padEnd(40)}  ${name}`);
      }
    }
    if (rows.length === 0 && !values.json) io.out('No staff is registered.');
    return 0;
  } finally {
    await close();
  }
}

async function loadRoles(args: string[], io: Io): Promise<number> {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError('Write: openspine staff load-roles FILE');
  const given = jsonIn(await readFile(file, 'utf8'), file);
  const { db, close } = await openDatabaseForCli(io.env);
  try {
    const load = await loadNationalRoles(db, given);
    const count = (items: readonly unknown[], what: string) => `${items.length} ${what}`;
    io.out(
      `Loaded ${count(load.jobRoles, 'job roles')}, ${count(load.activities, 'activities')}, ${count(load.baselines, 'baselines')}, ${count(load.areas, 'areas of work')}.`,
    );
    return 0;
  } finally {
    await close();
  }
}

function jsonIn(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw new NationalRolesError(`${file} is not JSON.`);
  }
}
