import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { ConfigError, type MeshConfig, meshSettings, readMeshConfig, type Setting } from './mesh-config.ts';

/** Every setting, read once at start. Secrets are marked so that a print of the configuration leaves them out. */
export type Config = {
  readonly mode: 'sandbox' | 'production';
  readonly dataDirectory: string;
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly workers: number;
  readonly services: readonly string[];
  readonly rateLimit: 'contract' | 'off' | number;
  readonly maxInFlight: number;
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly publicBase: string;
  readonly issuerBase: string | undefined;
  readonly logLevel: string;
  readonly accessLog: boolean;
  readonly statusApiKey: string;
  readonly allocationRange: { readonly from: number; readonly to: number };
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly demoPatients: number;
  readonly masterKey: string | undefined;
  /** Port that asks for card certificates, 0 for any free one; undefined: smartcards are off. */
  readonly cardPort: number | undefined;
  /** Whether a log-on may be approved on a phone: wherever that is, on the network of the computer only, or not. */
  readonly phoneLogOn: 'anywhere' | 'same-network' | 'off';
  /** Whether staff may log on with a password and an authenticator app: on, off, or those of these organisations. */
  readonly passwordLogOn: 'on' | 'off' | readonly string[];
  /** Addresses and networks (CIDR) from which ends of sessions may be told; empty: this machine only. */
  readonly logoutAddresses: readonly string[];
  /** More different patients than this, looked at by one user within an hour, raise an alert. */
  readonly massLookUps: number;
  readonly mesh: MeshConfig;
};

/** The environment variables the program reads, with what they mean; nothing else of the environment is looked at. */
export const settings: readonly Setting[] = [
  { name: 'OPENSPINE_MODE', means: 'sandbox or production', fallback: 'sandbox' },
  { name: 'OPENSPINE_DATA', means: 'directory of the embedded database, keys and logs', fallback: '.openspine' },
  { name: 'OPENSPINE_PORT', means: 'port to listen on', fallback: '8600' },
  { name: 'OPENSPINE_HOST', means: 'address to listen on', fallback: '127.0.0.1' },
  {
    name: 'OPENSPINE_DATABASE_URL',
    means: 'PostgreSQL to use instead of the embedded one',
    fallback: '',
    isSecret: true,
  },
  { name: 'OPENSPINE_WORKERS', means: 'worker processes', fallback: '1' },
  { name: 'OPENSPINE_SERVICES', means: 'services to run, comma separated', fallback: 'pds,cis,mesh' },
  {
    name: 'OPENSPINE_RATE_LIMIT',
    means: 'contract (published limits), off, or requests a second for each application',
    fallback: 'off in sandbox, contract in production',
  },
  {
    name: 'OPENSPINE_MAX_IN_FLIGHT',
    means: 'requests under way in a process before others are turned away',
    fallback: '1000',
  },
  { name: 'OPENSPINE_MAX_BODY', means: 'largest request body in bytes', fallback: '1048576' },
  { name: 'OPENSPINE_MAX_HEADER', means: 'largest request head in bytes', fallback: '32768' },
  {
    name: 'OPENSPINE_PUBLIC_BASE',
    means: 'scheme and host written into answers',
    fallback: 'https://api.service.nhs.uk',
  },
  { name: 'OPENSPINE_ISSUER_BASE', means: 'scheme and host of our token addresses', fallback: 'the address asked' },
  {
    name: 'OPENSPINE_LOG_LEVEL',
    means: 'pino level: debug, info, warn, error, silent',
    fallback: 'warn in sandbox, info in production',
  },
  {
    name: 'OPENSPINE_ACCESS_LOG',
    means: 'on or off: one line each request',
    fallback: 'off in sandbox, on in production',
  },
  {
    name: 'OPENSPINE_STATUS_KEY',
    means: 'apikey that opens _status',
    fallback: 'sandbox-status-key (sandbox only)',
    isSecret: true,
  },
  {
    name: 'OPENSPINE_NHS_NUMBERS',
    means: 'range of first nine digits to allocate NHS numbers from, e.g. 999600000-999989999',
    fallback: '999600000-999989999 (test numbers)',
  },
  { name: 'OPENSPINE_TLS_CERT', means: 'PEM file of the server certificate', fallback: '' },
  { name: 'OPENSPINE_TLS_KEY', means: 'PEM file of its private key', fallback: '' },
  {
    name: 'OPENSPINE_LOGOUT_ADDRESSES',
    means: 'addresses and networks from which a staff identity provider of others may tell of ended sessions',
    fallback: 'this machine only',
  },
  {
    name: 'OPENSPINE_PASSWORDS',
    means:
      'whether staff may log on with a password and an authenticator app (level 2): on, off, or the ODS codes of the organisations whose staff may, comma separated',
    fallback: 'on',
  },
  {
    name: 'OPENSPINE_MASS_LOOK_UPS',
    means: 'different patients one user may look at within an hour before a privacy officer is told',
    fallback: '100',
  },
  {
    name: 'OPENSPINE_MASTER_KEY',
    means: 'key that seals secrets in the database, the same for every installation on it: 64 hexadecimal digits',
    fallback: 'made once, in master.key of the data directory (sandbox only)',
    isSecret: true,
  },
  {
    name: 'OPENSPINE_CARD_PORT',
    means: 'TLS port for log-on with smartcards, or off; needs OPENSPINE_TLS_CERT, or in a sandbox makes a certificate',
    fallback: 'off; openspine start: the port after OPENSPINE_PORT',
  },
  {
    name: 'OPENSPINE_PHONE_LOG_ON',
    means: 'log-on by approving it on a phone: anywhere, same-network (that of the computer) or off',
    fallback: 'anywhere',
  },
  ...meshSettings,
  {
    name: 'OPENSPINE_DEMO_PATIENTS',
    means: 'synthetic people in the demo nation beside the demo patients',
    fallback: '3000',
  },
];

export { ConfigError };

/** Reads the configuration from an environment; throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const text = (name: string, fallback: string) => (env[name] === undefined || env[name] === '' ? fallback : env[name]);
  const mode = text('OPENSPINE_MODE', 'sandbox');
  if (mode !== 'sandbox' && mode !== 'production')
    throw new ConfigError(`OPENSPINE_MODE must be sandbox or production, not "${mode}".`);
  const number = (name: string, fallback: number, least: number, most: number) => {
    const value = Number(text(name, String(fallback)));
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new ConfigError(`${name} must be a whole number from ${least} to ${most}, not "${env[name]}".`);
    }
    return value;
  };
  const oneOf = (name: string, values: readonly string[], fallback: number) => {
    const value = text(name, values[fallback] as string);
    if (!values.includes(value)) throw new ConfigError(`${name} must be ${values.join(' or ')}, not "${value}".`);
    return value;
  };
  const isSandbox = mode === 'sandbox';
  const [cert, key] = [text('OPENSPINE_TLS_CERT', ''), text('OPENSPINE_TLS_KEY', '')];
  const config: Config = {
    mode,
    dataDirectory: resolve(text('OPENSPINE_DATA', '.openspine')),
    port: number('OPENSPINE_PORT', 8600, 0, 65535),
    host: text('OPENSPINE_HOST', '127.0.0.1'),
    databaseUrl: text('OPENSPINE_DATABASE_URL', '') || undefined,
    workers: number('OPENSPINE_WORKERS', 1, 1, 64),
    services: text('OPENSPINE_SERVICES', 'pds,cis,mesh')
      .split(',')
      .map((name) => name.trim()),
    rateLimit: rateLimitOf(text('OPENSPINE_RATE_LIMIT', isSandbox ? 'off' : 'contract')),
    maxInFlight: number('OPENSPINE_MAX_IN_FLIGHT', 1000, 1, 1_000_000),
    bodyBytes: number('OPENSPINE_MAX_BODY', 1_048_576, 1024, 1_073_741_824),
    headerBytes: number('OPENSPINE_MAX_HEADER', 32_768, 4096, 1_048_576),
    publicBase: text('OPENSPINE_PUBLIC_BASE', 'https://api.service.nhs.uk').replace(/\/+$/, ''),
    issuerBase: text('OPENSPINE_ISSUER_BASE', '').replace(/\/+$/, '') || undefined,
    logLevel: text('OPENSPINE_LOG_LEVEL', isSandbox ? 'warn' : 'info'),
    accessLog: text('OPENSPINE_ACCESS_LOG', isSandbox ? 'off' : 'on') === 'on',
    statusApiKey: text('OPENSPINE_STATUS_KEY', isSandbox ? 'sandbox-status-key' : ''),
    allocationRange: rangeOf(text('OPENSPINE_NHS_NUMBERS', '999600000-999989999')),
    tls: cert !== '' && key !== '' ? { cert, key } : undefined,
    demoPatients: number('OPENSPINE_DEMO_PATIENTS', 3000, 0, 1_000_000),
    masterKey: keyOf(text('OPENSPINE_MASTER_KEY', '')),
    phoneLogOn: phoneLogOnOf(text('OPENSPINE_PHONE_LOG_ON', 'anywhere')),
    cardPort: text('OPENSPINE_CARD_PORT', 'off') === 'off' ? undefined : number('OPENSPINE_CARD_PORT', 0, 0, 65535),
    passwordLogOn: passwordLogOnOf(text('OPENSPINE_PASSWORDS', 'on')),
    massLookUps: number('OPENSPINE_MASS_LOOK_UPS', 100, 1, 1_000_000),
    logoutAddresses: addressesOf(text('OPENSPINE_LOGOUT_ADDRESSES', '')),
    mesh: readMeshConfig({ text, number, oneOf, isSandbox }),
  };
  if (!isSandbox) refuseUnsafe(config, env);
  return config;
}

/** Production starts only with TLS, a given database, and keys and numbers of its own. */
function refuseUnsafe(config: Config, env: Readonly<Record<string, string | undefined>>): void {
  const missing = [
    config.tls === undefined && 'OPENSPINE_TLS_CERT and OPENSPINE_TLS_KEY',
    config.databaseUrl === undefined && 'OPENSPINE_DATABASE_URL',
    config.issuerBase === undefined && 'OPENSPINE_ISSUER_BASE',
    config.statusApiKey === '' && 'OPENSPINE_STATUS_KEY',
    !env.OPENSPINE_NHS_NUMBERS && 'OPENSPINE_NHS_NUMBERS',
    config.masterKey === undefined && 'OPENSPINE_MASTER_KEY',
    config.services.includes('mesh') && config.mesh.sharedKey === '' && 'OPENSPINE_MESH_SHARED_KEY',
    config.services.includes('mesh') && config.mesh.clientAuthorities === undefined && 'OPENSPINE_MESH_CLIENT_CA',
    asksForCertificates(config) && config.mesh.port === undefined && 'OPENSPINE_MESH_PORT',
  ].filter((name) => name !== false);
  if (missing.length > 0) throw new ConfigError(`Production mode refuses to start without ${missing.join(', ')}.`);
}

/** Whether MESH clients must show a certificate: then MESH answers only at the port where that is asked for. */
export function asksForCertificates({ services, mesh }: Config): boolean {
  return services.includes('mesh') && mesh.clientAuthorities !== undefined && mesh.clientAuthorities !== 'proxy';
}

function rateLimitOf(text: string): Config['rateLimit'] {
  if (text === 'contract' || text === 'off') return text;
  const value = Number(text);
  if (!(value > 0)) throw new ConfigError(`OPENSPINE_RATE_LIMIT must be contract, off or a number, not "${text}".`);
  return value;
}

function addressesOf(text: string): readonly string[] {
  const given = text.split(',').map((one) => one.trim());
  return given.filter((one) => {
    const [address = '', bits, more] = one.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    const isGood =
      isIP(address) > 0 && more === undefined && (bits === undefined || (/^\d+$/.test(bits) && +bits <= most));
    if (one !== '' && !isGood)
      throw new ConfigError(`OPENSPINE_LOGOUT_ADDRESSES must be addresses or networks (10.1.0.0/16), not "${one}".`);
    return one !== '';
  });
}

function phoneLogOnOf(text: string): Config['phoneLogOn'] {
  if (text === 'anywhere' || text === 'same-network' || text === 'off') return text;
  throw new ConfigError(`OPENSPINE_PHONE_LOG_ON must be anywhere, same-network or off, not "${text}".`);
}

function keyOf(text: string): string | undefined {
  if (text !== '' && !/^[0-9a-fA-F]{64}$/.test(text))
    throw new ConfigError('OPENSPINE_MASTER_KEY must be 64 hexadecimal digits.');
  return text === '' ? undefined : text;
}

function passwordLogOnOf(text: string): Config['passwordLogOn'] {
  if (text === 'on' || text === 'off') return text;
  const codes = text.split(',').map((code) => code.trim().toUpperCase());
  if (!codes.every((code) => /^[0-9A-Z]{3,10}$/.test(code)))
    throw new ConfigError(`OPENSPINE_PASSWORDS must be on, off or ODS codes separated by commas, not "${text}".`);
  return codes;
}

function rangeOf(text: string): Config['allocationRange'] {
  const match = /^([0-9]{9})-([0-9]{9})$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from > to)
    throw new ConfigError(`OPENSPINE_NHS_NUMBERS must be nine digits, a hyphen, nine digits, not "${text}".`);
  return { from, to };
}

/** The configuration for printing: one line a setting that was given, secrets as `(set)`. */
export function describeConfig(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return settings
    .filter(({ name }) => env[name] !== undefined && env[name] !== '')
    .map(({ name, isSecret }) => `${name}=${isSecret ? '(set)' : env[name]}`);
}
