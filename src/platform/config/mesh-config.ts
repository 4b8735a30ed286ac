/** The configuration cannot be used; the message says which setting and why, in one sentence. */
export class ConfigError extends Error {}

/** An environment variable, and what it means. */
export type Setting = {
  readonly name: string;
  readonly means: string;
  readonly fallback: string;
  readonly isSecret?: boolean;
};

/** Settings of MESH, `OPENSPINE_MESH_…`. */
export type MeshConfig = {
  /** What authorization tokens are made with, beside a mailbox's password. */
  readonly sharedKey: string;
  /** What pings call this installation. */
  readonly environment: string;
  /** A further port for MESH alone, by TLS. */
  readonly port: number | undefined;
  /** PEM file of the authorities whose clients that port lets in; `proxy`: something in front sees to that; or nobody. */
  readonly clientAuthorities: string | undefined;
  /** Where large payloads are; undefined: in the data directory. */
  readonly directory: string | undefined;
  /** An S3-compatible store for large payloads instead of the directory: `https://host/bucket`, and who we are there. */
  readonly objectStore:
    | { readonly url: string; readonly region: string; readonly accessKey: string; readonly secretKey: string }
    | undefined;
  readonly enforcesWorkflows: boolean;
  readonly liveReports: boolean;
  /** How often messages are looked through for what time has done to them. */
  readonly roundMillis: number;
  /** How long a laboratory result may wait for its acknowledgment before it is on the worklist. */
  readonly resultMillis: number;
};

export const meshSettings: readonly Setting[] = [
  {
    name: 'OPENSPINE_MESH_SHARED_KEY',
    means: 'key with which MESH clients make their authorization tokens',
    fallback: 'TestKey (sandbox only)',
    isSecret: true,
  },
  { name: 'OPENSPINE_MESH_ENVIRONMENT', means: 'what MESH pings call this installation', fallback: 'local' },
  {
    name: 'OPENSPINE_MESH_PORT',
    means: 'a further TLS port at which only MESH answers, e.g. 8700',
    fallback: '',
  },
  {
    name: 'OPENSPINE_MESH_CLIENT_CA',
    means:
      'PEM file of the authorities whose certificates MESH clients must show at OPENSPINE_MESH_PORT, or proxy where something in front of it sees to that; production needs one of them',
    fallback: '',
  },
  {
    name: 'OPENSPINE_MESH_DIRECTORY',
    means: 'directory of large MESH payloads, shared by all processes',
    fallback: 'mesh in the data directory',
  },
  {
    name: 'OPENSPINE_MESH_S3',
    means: 'bucket of an S3-compatible store for large MESH payloads instead of the directory: https://host/bucket',
    fallback: '',
  },
  { name: 'OPENSPINE_MESH_S3_REGION', means: 'its region', fallback: 'us-east-1' },
  {
    name: 'OPENSPINE_MESH_S3_KEY',
    means: 'its access key and secret key with a colon between them',
    fallback: '',
    isSecret: true,
  },
  {
    name: 'OPENSPINE_MESH_WORKFLOWS',
    means: 'enforce (only mailboxes registered for a workflow may send or receive it) or free',
    fallback: 'free in sandbox, enforce in production',
  },
  {
    name: 'OPENSPINE_MESH_REPORTS',
    means: 'on or off: a refused MESH message also gets an id, and its sender a report',
    fallback: 'off in sandbox, on in production',
  },
  {
    name: 'OPENSPINE_MESH_RESULT_HOURS',
    means: 'hours after which a laboratory result that nobody acknowledged is on the worklist',
    fallback: '24',
  },
];

/** How the environment is read. */
export type Reading = {
  readonly text: (name: string, fallback: string) => string;
  readonly number: (name: string, fallback: number, least: number, most: number) => number;
  /** One of the values; by default the one at that place. */
  readonly oneOf: (name: string, values: readonly string[], fallback: number) => string;
  readonly isSandbox: boolean;
};

export function readMeshConfig({ text, number, oneOf, isSandbox }: Reading): MeshConfig {
  return {
    sharedKey: text('OPENSPINE_MESH_SHARED_KEY', isSandbox ? 'TestKey' : ''),
    environment: text('OPENSPINE_MESH_ENVIRONMENT', 'local'),
    port: text('OPENSPINE_MESH_PORT', '') === '' ? undefined : number('OPENSPINE_MESH_PORT', 0, 0, 65535),
    clientAuthorities: text('OPENSPINE_MESH_CLIENT_CA', '') || undefined,
    directory: text('OPENSPINE_MESH_DIRECTORY', '') || undefined,
    objectStore: objectStoreOf(text),
    enforcesWorkflows: oneOf('OPENSPINE_MESH_WORKFLOWS', ['free', 'enforce'], +!isSandbox) === 'enforce',
    liveReports: oneOf('OPENSPINE_MESH_REPORTS', ['off', 'on'], +!isSandbox) === 'on',
    roundMillis: isSandbox ? 1000 : 30_000,
    resultMillis: number('OPENSPINE_MESH_RESULT_HOURS', 24, 1, 8760) * 3_600_000,
  };
}

function objectStoreOf(text: Reading['text']): MeshConfig['objectStore'] {
  const url = text('OPENSPINE_MESH_S3', '');
  if (url === '') return undefined;
  const [accessKey = '', ...secret] = text('OPENSPINE_MESH_S3_KEY', '').split(':');
  if (!/^https?:\/\/[^/?#]+\/[^/?#]+\/?$/.test(url))
    throw new ConfigError(`OPENSPINE_MESH_S3 must be https://host/bucket, not "${url}".`);
  if (accessKey === '' || secret.length === 0)
    throw new ConfigError('OPENSPINE_MESH_S3_KEY must be an access key and a secret key with a colon between them.');
  return { url, region: text('OPENSPINE_MESH_S3_REGION', 'us-east-1'), accessKey, secretKey: secret.join(':') };
}
