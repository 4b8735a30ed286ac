import { generateKeyPair } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { parseArgs, promisify } from 'node:util';
import { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/db/database.ts';
import {
  type Application,
  listApplications,
  RegistrationError,
  registerApplication,
  suspendApplication,
} from '../platform/identity/applications.ts';
import { attributesOf } from './attributes.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine key: applications and their keys

  openspine key --name NAME --ods CODE --asid ASID [options]   register an application
  openspine key list [--json]                                  show all of them
  openspine key suspend API-KEY                                no more tokens, and revoke those it has

  --mode MODE          application-restricted (default) or privileged-application-restricted
  --attribute K=V      an attribute of the application; may be repeated
  --public-key FILE    register this public key (PEM); without it a key pair is made and written to NAME.pem
  --jwks-url URL       the application publishes its keys at this address instead
  --kid KID            name of the key; by default its thumbprint (RFC 7638)
  --json               write the answer as JSON

Example:
  openspine key --name "Ward rounds" --ods RR8 --asid 200000001234`;

/** Called wrongly; the message says how. */
class UsageError extends Error {}

/** `openspine key`: registers, lists and suspends applications in the database of this installation. */
export const command: Command = {
  name: 'key',
  summary: 'register an application and make its key pair; list; suspend',
  help,
  async run(args, io) {
    try {
      const [verb] = args;
      if (verb === 'list') return await list(args.slice(1), io);
      if (verb === 'suspend') return await suspend(args.slice(1), io);
      return await register(args, io);
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine key: ${told.words}`);
      return told.code;
    }
  },
};

/** What the person is told of a failure they can mend, and the exit code; undefined for everything else. */
function toldOf(error: unknown): { words: string; code: 1 | 2 } | undefined {
  const { code, path, message } = error as { code?: string; path?: string; message: string };
  if (error instanceof UsageError || error instanceof RegistrationError) return { words: message, code: 2 };
  if (code === '42P01' || code === '3F000')
    return { words: 'The database has no tables yet; run openspine migrate.', code: 1 };
  if (path !== undefined && code === 'EEXIST')
    return { words: `${path} is there already; it is not overwritten.`, code: 1 };
  return path === undefined ? undefined : { words: message, code: 1 };
}

async function withDatabase<Result>(io: Io, work: (db: Database) => Promise<Result>): Promise<Result> {
  const { db, close } = await openDatabaseForCli(io.env);
  try {
    return await work(db);
  } finally {
    await close();
  }
}

const modes = ['application-restricted', 'privileged-application-restricted'] as const;
const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;

async function register(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      name: text,
      ods: text,
      asid: text,
      mode: texts,
      attribute: texts,
      'public-key': text,
      'jwks-url': text,
      kid: text,
      json: flag,
    },
  });
  const { name, ods, asid } = values;
  if (!name || !ods || !asid) throw new UsageError('--name, --ods and --asid are needed; see openspine key --help.');
  const wanted = (values.mode ?? ['application-restricted']).map((mode) => {
    const known = modes.find((one) => one === mode);
    if (!known) throw new UsageError(`--mode must be ${modes.join(' or ')}, not "${mode}".`);
    return known;
  });
  const attributes = attributesOf(values.attribute ?? []);
  if (!attributes) throw new UsageError('--attribute is written name=value.');
  const key = await keyFor(values, name);
  try {
    const application = await withDatabase(io, (db) =>
      registerApplication(
        db,
        { name, odsCode: ods, asid, mode: wanted, attributes, kid: values.kid, ...key.given },
        new Clock().now(),
      ),
    );
    report(application, key.file, values.json === true, io);
    return 0;
  } catch (error) {
    if (key.file !== undefined) await rm(key.file, { force: true });
    throw error;
  }
}

type GivenKey = { readonly publicKeyPem?: string; readonly jwksUrl?: string };

/** The key to register: one given, an address, or the public half of a new pair whose private half is now in `file`. */
async function keyFor(
  values: { 'public-key'?: string; 'jwks-url'?: string },
  name: string,
): Promise<{ given: GivenKey; file?: string }> {
  const { 'public-key': publicKey, 'jwks-url': jwksUrl } = values;
  if (publicKey !== undefined && jwksUrl !== undefined)
    throw new UsageError('Give --public-key or --jwks-url, not both.');
  if (jwksUrl !== undefined) return { given: { jwksUrl } };
  if (publicKey !== undefined) return { given: { publicKeyPem: await readFile(publicKey, 'utf8') } };
  const file = `${fileNameOf(name)}.pem`;
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 4096,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  // never over a key that is there: it may be the only copy
  await writeFile(file, pair.privateKey, { mode: 0o600, flag: 'wx' });
  return { given: { publicKeyPem: pair.publicKey }, file };
}

/** The name as a file name: letters, digits and hyphens. */
const fileNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'application';

function report(application: Application, file: string | undefined, isJson: boolean, io: Io): void {
  const { appId, name, odsCode, asid, jwks } = application;
  const kid = jwks?.keys[0]?.kid;
  if (isJson) {
    io.out(JSON.stringify({ appId, name, odsCode, asid, kid, keyFile: file, products: application.products }));
    return;
  }
  io.out(`Registered "${name}".`);
  io.out(`  API key      ${appId}`);
  if (kid !== undefined) io.out(`  kid          ${kid}`);
  if (file !== undefined) {
    io.out(`  private key  ${file} (the only copy; keep it secret)`);
    io.out('A token for it:');
    io.out(`  openspine token --key ${file} --kid ${kid} --app ${appId}`);
  }
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { json: flag } });
  const applications = await withDatabase(io, listApplications);
  for (const { appId, name, odsCode, asid, status, products } of applications) {
    if (values.json) io.out(JSON.stringify({ appId, name, odsCode, asid, status, products }));
    else io.out(`${appId}  ${status.padEnd(8)}  ${(odsCode ?? '-').padEnd(10)}  ${asid ?? '-'.padEnd(12)}  ${name}`);
  }
  if (applications.length === 0 && !values.json) io.out('No application is registered.');
  return 0;
}

async function suspend(args: string[], io: Io): Promise<number> {
  const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
  const [appId] = positionals;
  if (appId === undefined || positionals.length > 1) throw new UsageError('Write: openspine key suspend API-KEY');
  const isThere = await withDatabase(io, (db) => suspendApplication(db, appId, new Clock()));
  if (isThere) io.out(`Suspended ${appId}; its tokens are revoked.`);
  else io.err(`There is no application ${appId}.`);
  return isThere ? 0 : 1;
}
