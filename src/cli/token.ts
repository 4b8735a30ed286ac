import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Clock } from '../platform/clock/clock.ts';
import { type OutboundAnswer, outbound } from '../platform/http/outbound.ts';
import { publicJwks } from '../platform/identity/jwks.ts';
import { clientAssertion } from '../services/cis/token-service/client-assertion.ts';
import { attributesOf } from './attributes.ts';
import type { Command } from './command.ts';

const help = `openspine token: get an access token and print it

  openspine token --key FILE --app API-KEY [--kid KID] [--audience URL]   for an application, by its signed assertion
  openspine token --mode MODE [options]                                   for anybody, from a sandbox

  --key FILE          private key of the application (PEM)
  --kid KID           name of the key; by default its thumbprint (RFC 7638)
  --audience URL      the token address as the service writes it; by default URL/oauth2/token
  --mode MODE         healthcare-worker, patient-access, application-restricted or privileged-application-restricted
  --nhs-number N      whose log-on (patient-access)
  --user ID           member of staff (healthcare-worker)
  --role ID:ODS       role profile and its organisation; may be repeated (healthcare-worker)
  --ods CODE          organisation
  --attribute K=V     an attribute of the application; may be repeated
  --expires-in S      seconds
  --url URL           where the service is (default http://localhost:8600)
  --json              print the whole answer

Example:
  curl -H "Authorization: Bearer $(openspine token --mode healthcare-worker)" …`;

/** Called wrongly; the message says how. */
class UsageError extends Error {}
/** Called rightly, and yet it did not work; the message says why. */
class Failure extends Error {}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const options = {
  key: text,
  kid: text,
  app: text,
  audience: text,
  mode: text,
  'nhs-number': text,
  user: text,
  role: texts,
  ods: text,
  attribute: texts,
  'expires-in': text,
  url: text,
  json: { type: 'boolean' },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** `openspine token`: prints a token and nothing else, so that a shell can put it where it is needed. */
export const command: Command = {
  name: 'token',
  summary: 'get an access token: with a key, or from a sandbox',
  help,
  async run(args, io) {
    try {
      const { values } = parseArgs({ args, options });
      const base = (values.url ?? 'http://localhost:8600').replace(/\/+$/, '');
      const answer = values.mode === undefined ? await withKey(values, base) : await fromSandbox(values, base);
      return print(answer, values.json === true, io);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof Failure)) throw error;
      io.err(`openspine token: ${error.message}`);
      return error instanceof UsageError ? 2 : 1;
    }
  },
};

const ask = outbound({ isGuarded: false });

/** Client credentials with a signed assertion. */
async function withKey(values: Values, base: string): Promise<OutboundAnswer> {
  const { key, app } = values;
  if (key === undefined || app === undefined)
    throw new UsageError('--key and --app are needed, or --mode; see openspine token --help.');
  const url = `${base}/oauth2/token`;
  const assertion = await assertionWith(key, values.kid, app, values.audience ?? url);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  return post(url, 'application/x-www-form-urlencoded', form.toString());
}

async function assertionWith(
  keyFile: string,
  kid: string | undefined,
  appId: string,
  audience: string,
): Promise<string> {
  try {
    const privateKeyPem = await readFile(keyFile, 'utf8');
    const now = new Clock().now();
    return clientAssertion({ privateKeyPem, kid: kid ?? thumbprintOf(privateKeyPem), appId, audience, now });
  } catch (error) {
    throw new Failure(`The key in ${keyFile} cannot be used: ${(error as Error).message}.`);
  }
}

function thumbprintOf(privateKeyPem: string): string {
  const pem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  return publicJwks({ publicKeyPem: pem })?.keys[0]?.kid ?? '';
}

async function fromSandbox(values: Values, base: string): Promise<OutboundAnswer> {
  const attributes = attributesOf(values.attribute ?? []);
  if (!attributes) throw new UsageError('--attribute is written name=value.');
  const roles = values.role?.map((role) => {
    const [roleProfileId, odsCode] = role.split(':');
    if (!roleProfileId || !odsCode) throw new UsageError('--role is written role-profile-id:ods-code.');
    return { roleProfileId, odsCode };
  });
  const expiresIn = values['expires-in'] === undefined ? undefined : Number(values['expires-in']);
  if (expiresIn !== undefined && !Number.isInteger(expiresIn)) throw new UsageError('--expires-in is whole seconds.');
  const wanted = {
    mode: values.mode,
    nhsNumber: values['nhs-number'],
    userId: values.user,
    odsCode: values.ods,
    appId: values.app,
    roles,
    attributes,
    expiresIn,
  };
  return post(`${base}/sandbox/token`, 'application/json', JSON.stringify(wanted));
}

async function post(url: string, contentType: string, body: string): Promise<OutboundAnswer> {
  try {
    return await ask({
      url,
      method: 'POST',
      headers: { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) },
      body,
      millis: 30_000,
      bytes: 1_000_000,
    });
  } catch (error) {
    throw new Failure(`${url} could not be asked: ${(error as Error).message}.`);
  }
}

function print(answer: OutboundAnswer, isJson: boolean, io: Parameters<Command['run']>[1]): number {
  const body = answer.body.toString('utf8');
  if (answer.status !== 200) {
    io.err(`${answer.status} ${body}`);
    return 1;
  }
  io.out(isJson ? body : (JSON.parse(body) as { access_token: string }).access_token);
  return 0;
}
