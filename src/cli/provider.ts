import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Clock } from '../platform/clock/clock.ts';
import { readConfig } from '../platform/config/config.ts';
import type { Database } from '../platform/db/database.ts';
import { type Outbound, OutboundError, outbound } from '../platform/http/outbound.ts';
import { openVault, type Vault, VaultError } from '../platform/identity/vault.ts';
import { type KeyPurpose, SigningKeys } from '../services/cis/providers/keys/signing-keys.ts';
import { type ProviderKind, providerContext } from '../services/cis/token-service/providers.ts';
import { allProviders, deleteProvider, upsertProvider } from '../services/cis/token-service/queries.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine provider: identity providers of others, at which people log on in place of our own, and our keys

  openspine provider add --issuer URL --kind KIND --client-id ID [options]   register one, from its discovery document
  openspine provider list [--json]                                           show them; the first of a kind is used
  openspine provider remove ISSUER                                           people log on at our own again
  openspine provider keys                                                    our public keys, for its registration
  openspine provider rotate-key cis2|nhs-login|token-service                 sign with a new key from now on

  --kind KIND         cis2 (staff) or nhs-login (patients)
  --secret-file FILE  our client secret there; without it we prove ourselves by private_key_jwt, RS512
  --json              write the answer as JSON

Example:
  openspine provider add --issuer https://idp.example.org --kind nhs-login --client-id our-spine`;

/** Called wrongly; the message says how. */
class UsageError extends Error {}
/** Called rightly, and yet it did not work; the message says why. */
class Failure extends Error {}

/** `openspine provider`: registers identity providers of others, and changes our own signing keys. */
export const command: Command = {
  name: 'provider',
  summary: 'register identity providers of others; rotate our signing keys',
  help,
  async run([verb, ...args], io) {
    try {
      if (verb === 'add') return await add(args, io);
      if (verb === 'list') return await list(args, io);
      if (verb === 'remove') return await remove(args, io);
      if (verb === 'keys') return await keys(io);
      if (verb === 'rotate-key') return await rotateKey(args, io);
      throw new UsageError('Write add, list, remove, keys or rotate-key; see openspine provider --help.');
    } catch (error) {
      const told = toldOf(error);
      if (!told) throw error;
      io.err(`openspine provider: ${told.words}`);
      return told.code;
    }
  },
};

function toldOf(error: unknown): { words: string; code: 1 | 2 } | undefined {
  const { code, path, message } = error as { code?: string; path?: string; message: string };
  if (error instanceof UsageError) return { words: message, code: 2 };
  if (error instanceof Failure || error instanceof VaultError) return { words: message, code: 1 };
  if (code === '42P01' || code === '3F000')
    return { words: 'The database has no tables yet; run openspine migrate.', code: 1 };
  return path === undefined ? undefined : { words: message, code: 1 };
}

async function at<Result>(io: Io, work: (db: Database, vault: Vault) => Promise<Result>): Promise<Result> {
  const config = readConfig(io.env);
  const { db, close } = await openDatabaseForCli(io.env);
  try {
    return await work(db, openVault(config.dataDirectory, config.masterKey));
  } finally {
    await close();
  }
}

const kinds: readonly ProviderKind[] = ['cis2', 'nhs-login'];
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

async function add(args: string[], io: Io): Promise<number> {
  const options = { issuer: text, kind: text, 'client-id': text, 'secret-file': text, json: flag } as const;
  const { values } = parseArgs({ args, options });
  const kind = kinds.find((one) => one === values.kind);
  const { issuer, 'client-id': clientId, 'secret-file': secretFile } = values;
  if (!issuer || !kind || !clientId)
    throw new UsageError('--issuer, --kind (cis2 or nhs-login) and --client-id are needed.');
  const secret = secretFile === undefined ? undefined : (await readFile(secretFile, 'utf8')).trim();
  const isGuarded = readConfig(io.env).mode === 'production';
  const found = await discover(outbound({ isGuarded }), issuer, kind);
  await at(io, (db, vault) =>
    db.query(
      upsertProvider({
        issuer,
        kind,
        jwks: null,
        ...found,
        client_id: clientId,
        client_secret: secret === undefined ? null : vault.seal(secret, providerContext(issuer)),
        loaded_at: new Date(new Clock().now()),
      }),
    ),
  );
  if (values.json) io.out(JSON.stringify({ issuer, kind, clientId, ...found }));
  else io.out(`Registered ${issuer}; ${kind === 'cis2' ? 'staff' : 'patients'} log on there from now on.`);
  return 0;
}

type Found = {
  jwks_uri: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string | null;
};

/** What the provider says of itself (OpenID Connect Discovery 1.0). Throws Failure. */
async function discover(ask: Outbound, issuer: string, kind: ProviderKind): Promise<Found> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let told: Record<string, unknown>;
  try {
    const answer = await ask({ url, millis: 10_000, bytes: 200_000 });
    if (answer.status !== 200) throw new Failure(`${url} answered ${answer.status}.`);
    told = JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof OutboundError) throw new Failure(`${url} could not be asked: ${error.message}.`);
    if (error instanceof SyntaxError) throw new Failure(`${url} did not answer with JSON.`);
    throw error;
  }
  if (told.issuer !== issuer) throw new Failure(`${url} calls itself "${told.issuer}", not "${issuer}".`);
  const address = (name: string): string => {
    const value = told[name];
    if (typeof value !== 'string' || !URL.canParse(value)) throw new Failure(`${url} names no ${name}.`);
    return value;
  };
  return {
    jwks_uri: address('jwks_uri'),
    authorization_endpoint: address('authorization_endpoint'),
    token_endpoint: address('token_endpoint'),
    userinfo_endpoint: kind === 'cis2' ? address('userinfo_endpoint') : null,
  };
}

async function list(args: string[], io: Io): Promise<number> {
  const { values } = parseArgs({ args, options: { json: flag } });
  const providers = await at(io, (db) => allProviders(db));
  for (const { issuer, kind, client_id, client_secret } of providers) {
    const proof = client_secret === null ? 'private_key_jwt' : 'client_secret_post';
    if (values.json) io.out(JSON.stringify({ issuer, kind, clientId: client_id, proof }));
    else io.out(`${kind.padEnd(9)}  ${proof.padEnd(18)}  ${client_id}  ${issuer}`);
  }
  if (providers.length === 0 && !values.json) io.out('None is registered; people log on at our own.');
  return 0;
}

async function remove(args: string[], io: Io): Promise<number> {
  const [issuer, more] = parseArgs({ args, allowPositionals: true }).positionals;
  if (issuer === undefined || more !== undefined) throw new UsageError('Write: openspine provider remove ISSUER');
  const removed = await at(io, (db) => db.query(deleteProvider(issuer)));
  if (removed.length > 0) io.out(`Removed ${issuer}.`);
  else io.err(`There is no provider ${issuer}.`);
  return removed.length > 0 ? 0 : 1;
}

async function keys(io: Io): Promise<number> {
  const { published } = await at(io, (db, vault) => new SigningKeys(db, new Clock(), vault).ring('token-service'));
  io.out(JSON.stringify({ keys: published.map(({ publicJwk }) => ({ ...publicJwk, use: 'sig', alg: 'RS512' })) }));
  return 0;
}

const purposes: readonly KeyPurpose[] = ['cis2', 'nhs-login', 'token-service'];

async function rotateKey(args: string[], io: Io): Promise<number> {
  const [wanted] = parseArgs({ args, allowPositionals: true }).positionals;
  const purpose = purposes.find((one) => one === wanted);
  if (!purpose) throw new UsageError(`Write: openspine provider rotate-key ${purposes.join('|')}`);
  const kid = await at(io, (db, vault) => new SigningKeys(db, new Clock(), vault).rotate(purpose));
  io.out(`${purpose} signs with ${kid} from now on; the former key stays published for a day.`);
  return 0;
}
