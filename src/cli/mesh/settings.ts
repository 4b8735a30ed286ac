import { readFile } from 'node:fs/promises';
import type { Io } from '../command.ts';
import type { Settings } from './check.ts';
import { baseOf, Connection, isLoopback } from './connection.ts';
import { MeshMailbox } from './mesh-mailbox.ts';
import { type Progress, progressOn } from './progress.ts';
import type { Patience } from './retries.ts';
import { UsageError } from './trouble.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** The options every verb takes, as parseArgs wants them. */
export const commonOptions = {
  url: text,
  mailbox: text,
  'password-file': text,
  'shared-key-file': text,
  cert: text,
  key: text,
  'key-password-file': text,
  ca: text,
  api: text,
  tries: text,
  timeout: text,
  json: flag,
  quiet: flag,
} as const;

type Given = { readonly [Name in keyof typeof commonOptions]?: string | boolean | undefined };

/** A client ready to work; `end` closes its connections. */
export type Client = {
  readonly mailbox: MeshMailbox;
  readonly settings: Settings;
  readonly patience: Patience;
  readonly progress: (label: string, total: number | undefined) => Progress;
  readonly tell: (line: string) => void;
  readonly end: () => void;
};

/**
 * Opens the mailbox that options and environment (`MESH_…`) name; secrets only from files or the environment, since
 * everybody on a machine sees its arguments. Throws UsageError for what is missing or cannot be.
 */
export async function clientOf(given: Given, io: Io, signal: AbortSignal): Promise<Client> {
  const option = (name: keyof Given, variable: string): string | undefined =>
    (typeof given[name] === 'string' ? given[name] : io.env[variable]) || undefined;
  const secret = async (name: keyof Given, variable: string, otherwise?: string): Promise<string> => {
    const path = given[name];
    const value = typeof path === 'string' ? (await fileOf(path, `--${name}`)).replace(/\r?\n$/, '') : io.env[variable];
    if (value || otherwise) return value || (otherwise as string);
    throw new UsageError(`--${name} (a file that holds it) or ${variable} is needed.`);
  };
  const base = baseOf(option('url', 'MESH_URL') ?? 'http://localhost:8600');
  const mailbox = option('mailbox', 'MESH_MAILBOX');
  if (!mailbox) throw new UsageError('--mailbox or MESH_MAILBOX is needed.');
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(mailbox)) throw new UsageError(`"${mailbox}" cannot be a mailbox.`);
  // the published secrets of a sandbox, good for nothing elsewhere
  const isSandbox = base.protocol === 'http:' && isLoopback(base);
  const credentials = {
    mailbox: mailbox.toUpperCase(),
    password: await secret('password-file', 'MESH_PASSWORD', isSandbox ? 'password' : undefined),
    sharedKey: await secret('shared-key-file', 'MESH_SHARED_KEY', isSandbox ? 'TestKey' : undefined),
  };
  const pem = async (name: 'cert' | 'key' | 'ca', variable: string) => {
    const path = option(name, variable);
    return path === undefined ? undefined : fileOf(path, `--${name}`);
  };
  const tls = {
    cert: await pem('cert', 'MESH_CERT'),
    key: await pem('key', 'MESH_KEY'),
    ca: await pem('ca', 'MESH_CA'),
    passphrase:
      given['key-password-file'] === undefined && !io.env.MESH_KEY_PASSWORD
        ? undefined
        : await secret('key-password-file', 'MESH_KEY_PASSWORD'),
  };
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw new UsageError('--cert and --key belong together: the certificate and its private key.');
  const version = given.api ?? '2';
  if (version !== '1' && version !== '2') throw new UsageError(`--api must be 1 or 2, not "${version}".`);
  const silence = wholeOf(given.timeout, '--timeout', 60, 1, 3600) * 1000;
  const tries = wholeOf(given.tries, '--tries', 10, 1, 1_000_000);
  const tell = (line: string) => io.err(`openspine mesh: ${line}`);
  let connection: Connection;
  try {
    connection = new Connection(base, tls, silence);
  } catch (error) {
    throw new UsageError(`the certificate or key cannot be used: ${(error as Error).message}`);
  }
  const isQuiet = given.quiet === true;
  const asked = version === '1' ? 1 : 2;
  return {
    mailbox: new MeshMailbox(connection, credentials, asked, signal),
    settings: { url: base, mailboxId: credentials.mailbox, version: asked, certificate: tls.cert },
    patience: { tries, signal, tell },
    progress: (label, total) => progressOn(io, label, total, isQuiet),
    tell,
    end: () => connection.close(),
  };
}

async function fileOf(path: string, option: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${option}: ${path} cannot be read (${error.code}).`);
  });
}

/** A whole number from an option's words. Throws UsageError when it is none, or out of bounds. */
export function wholeOf(
  given: string | boolean | undefined,
  option: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (given === undefined) return otherwise;
  const value = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`${option} must be a whole number from ${least} to ${most}, not "${given}".`);
  return value;
}
