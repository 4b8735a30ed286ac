import { generateKeyPair } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/db/database.ts';
import {
  approveApplication,
  type NewKey,
  newSecret,
  renewSecret,
  rotateKey,
  withdrawKey,
} from '../platform/identity/application-keys.ts';
import {
  type Application,
  listApplications,
  RegistrationError,
  registerApplication,
  suspendApplication,
} from '../platform/identity/applications.ts';
import type { Product } from '../platform/identity/products.ts';
import { attributesOf } from './attributes.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine key: applications and their keys

  openspine key --name NAME --ods CODE --asid ASID [options]   register an application
  openspine key list [--json]                                  show all of them
  openspine key rotate API-KEY [--public-key FILE] [--kid KID] add a key; the one before it stays good beside it
  openspine key withdraw API-KEY KID                           end a key at once
  openspine key secret API-KEY                                 make a new client secret, and show it once
  openspine key suspend API-KEY                                no more tokens, and revoke those it has
  openspine key approve API-KEY                                let it have tokens (again)

  --mode MODE          what it is for; may be repeated: application-restricted (default),
                       privileged-application-restricted, healthcare-worker, patient-access
  --product NAME=SCOPE,SCOPE   a product to subscribe to, with its scopes; may be repeated
  --redirect-uri URI   a callback address for combined log-on; may be repeated
  --with-secret        make a client secret for combined log-on, and show it once
  --attribute K=V      an attribute of the application; may be repeated
  --public-key FILE    register this public key (PEM); without it a key pair is made and written to NAME.pem
  --jwks-url URL       the application publishes its keys at this address instead
  --kid KID            name of the key; by default its thumbprint (RFC 7638)
  --json               write the answer as JSON

Example:
  openspine key --name "Ward rounds" --ods RR8 --asid 200000001234`;

/** Called wrongly; the message says how. */
class UsageError extends Error {}

/** `openspine key`: registers and lists applications in the database of this installation, and changes their keys. */
export const command: Command = {
  name: 'key',
  summary: 'register an application and make its key pair; list; change keys; suspend',
  help,
  async run(args, io) {
    try {
      const [verb] = args;
      if (verb === 'list') return await list(args.slice(1), io);
      const change = verb === undefined ? undefined : changes[verb];
      if (change) return await change(args.slice(1), io);
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

const modes = [
  'application-restricted',
  'privileged-application-restricted',
  'healthcare-worker',
  'patient-access',
] as const;
const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const now = () => new Clock().now();

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
      product: texts,
      'redirect-uri': texts,
      'with-secret': flag,
    },
  });
  const { name, ods, asid } = values;
  if (!name || !ods || !asid) throw new UsageError('--name, --ods and --asid are needed; see openspine key --help.');
  const wanted = (values.mode ?? ['application-restricted']).map((mode) => {
    const known = modes.find((one) => one === mode);
    if (!known) throw new UsageError(`--mode must be one of ${modes.join(', ')}, not "${mode}".`);
    return known;
  });
  const attributes = attributesOf(values.attribute ?? []);
  if (!attributes) throw new UsageError('--attribute is written name=value.');
  const products = (values.product ?? []).map(productOf);
  const secret = values['with-secret'] ? newSecret() : undefined;
  const key = await keyFor(values, name);
  try {
    const application = await withDatabase(io, (db) =>
      registerApplication(
        db,
        {
          name,
          odsCode: ods,
          asid,
          mode: wanted,
          products,
          redirectUris: values['redirect-uri'],
          secret,
          attributes,
          kid: values.kid,
          ...key.given,
        },
        now(),
      ),
    );
    report(application, { keyFile: key.file, secret }, values.json === true, io);
    return 0;
  } catch (error) {
    if (key.file !== undefined) await rm(key.file, { force: true });
    throw error;
  }
}

/** `NAME=SCOPE,SCOPE`. */
function productOf(text: string): Product {
  const mark = text.indexOf('=');
  if (mark < 1) throw new UsageError('--product is written NAME=SCOPE,SCOPE.');
  const scopes = text.slice(mark + 1).split(',');
  return { name: text.slice(0, mark), scopes: scopes.filter((scope) => scope !== '') };
}

/** The key to register: one given, an address, or the public half of a new pair whose private half is now in `file`. */
async function keyFor(
  values: { 'public-key'?: string; 'jwks-url'?: string },
  name: string,
): Promise<{ given: Pick<NewKey, 'publicKeyPem'> & { jwksUrl?: string }; file?: string }> {
  const { 'public-key': publicKey, 'jwks-url': jwksUrl } = values;
  if (publicKey !== undefined && jwksUrl !== undefined)
    throw new UsageError('Give --public-key or --jwks-url, not both.');
  if (jwksUrl !== undefined) return { given: { jwksUrl } };
  if (publicKey !== undefined) return { given: { publicKeyPem: await readFile(publicKey, 'utf8') } };
  return madeKey(`${fileNameOf(name)}.pem`);
}

/** A new key pair: its private half in the file, its public half to register. */
async function madeKey(file: string): Promise<{ given: { publicKeyPem: string }; file: string }> {
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

type ShownOnce = { readonly keyFile?: string | undefined; readonly secret?: string | undefined };

function report(application: Application, { keyFile, secret }: ShownOnce, isJson: boolean, io: Io): void {
  const { appId, name, odsCode, asid, jwks } = application;
  const kid = jwks?.keys[0]?.kid;
  if (isJson) {
    io.out(JSON.stringify({ appId, name, odsCode, asid, kid, keyFile, secret, products: application.products }));
    return;
  }
  io.out(`Registered "${name}".`);
  io.out(`  API key      ${appId}`);
  if (kid !== undefined) io.out(`  kid          ${kid}`);
  if (secret !== undefined) io.out(`  secret       ${secret} (shown this once)`);
  if (keyFile !== undefined) {
    io.out(`  private key  ${keyFile} (the only copy; keep it secret)`);
    io.out('A token for it:');
    io.out(`  openspine token --key ${keyFile} --kid=${kid} --app ${appId}`);
  }
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { json: flag } });
  const applications = await withDatabase(io, listApplications);
  for (const { secretHash, jwks, registeredBy = 'operator', ...shown } of applications) {
    const { appId, name, odsCode, asid, status } = shown;
    const more = { keys: jwks?.keys.map(({ kid }) => kid), hasSecret: secretHash !== undefined, registeredBy };
    if (values.json) io.out(JSON.stringify({ ...shown, ...more }));
    else io.out(`${appId}  ${status.padEnd(8)}  ${(odsCode ?? '-').padEnd(10)}  ${asid ?? '-'.padEnd(12)}  ${name}`);
  }
  if (applications.length === 0 && !values.json) io.out('No application is registered.');
  return 0;
}

/** The arguments of a verb that changes an application, as many as it names. */
function named(verb: string, words: string, positionals: readonly string[]): string[] {
  if (positionals.length !== words.split(' ').length) throw new UsageError(`Write: openspine key ${verb} ${words}`);
  return [...positionals];
}

/** Says what was done to an application, or that there is none; the exit code. */
function told(io: Io, appId: string, isThere: boolean, ...lines: string[]): number {
  if (isThere) for (const line of lines) io.out(line);
  else io.err(`There is no application ${appId}.`);
  return isThere ? 0 : 1;
}

/** Running processes look at applications anew four times a second; what is said is to be true of them too. */
const everywhere = () => pause(500);

/** What is done to an application that is there. */
const changes: Record<string, (args: string[], io: Io) => Promise<number>> = {
  async suspend(args, io) {
    const [appId = ''] = named('suspend', 'API-KEY', parseArgs({ args, allowPositionals: true }).positionals);
    const isThere = await withDatabase(io, (db) => suspendApplication(db, appId, new Clock()));
    return told(io, appId, isThere, `Suspended ${appId}; its tokens are revoked.`);
  },
  async approve(args, io) {
    const [appId = ''] = named('approve', 'API-KEY', parseArgs({ args, allowPositionals: true }).positionals);
    const changed = await withDatabase(io, (db) => approveApplication(db, appId, now()));
    await everywhere();
    return told(io, appId, changed !== undefined, `Approved ${appId}.`);
  },
  async secret(args, io) {
    const [appId = ''] = named('secret', 'API-KEY', parseArgs({ args, allowPositionals: true }).positionals);
    const secret = await withDatabase(io, (db) => renewSecret(db, appId, now()));
    await everywhere();
    return told(io, appId, secret !== undefined, `  secret       ${secret} (shown this once)`);
  },
  async withdraw(args, io) {
    // the name of a key may begin with a hyphen, as thumbprints do
    const given = args.filter((one) => one !== '--');
    const [appId = '', kid = ''] = named('withdraw', 'API-KEY KID', given);
    const changed = await withDatabase(io, (db) => withdrawKey(db, appId, kid, now()));
    await everywhere();
    return told(io, appId, changed !== undefined, `Withdrew ${kid}; it is good no more.`);
  },
  async rotate(args, io) {
    const options = { 'public-key': text, kid: text } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [appId = ''] = named('rotate', 'API-KEY', positionals);
    const key: { given: { publicKeyPem: string }; file?: string } =
      values['public-key'] === undefined
        ? await madeKey(`${fileNameOf(appId)}-${now()}.pem`)
        : { given: { publicKeyPem: await readFile(values['public-key'], 'utf8') } };
    let changed: Application | undefined;
    try {
      changed = await withDatabase(io, (db) => rotateKey(db, appId, { ...key.given, kid: values.kid }, now()));
    } finally {
      if (!changed && key.file !== undefined) await rm(key.file, { force: true });
    }
    const kids = (changed?.jwks?.keys ?? []).map(({ kid }) => kid);
    return told(
      io,
      appId,
      changed !== undefined,
      `Good now: ${kids.join(' and ')}.`,
      ...(key.file === undefined ? [] : [`  private key  ${key.file} (the only copy; keep it secret)`]),
    );
  },
};
