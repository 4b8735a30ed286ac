import { z } from 'zod';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/db/database.ts';
import { isStorable } from '../platform/db/is-storable.ts';
import type { Answer, Call, Dialect, Operation, Service } from '../platform/http/operation.ts';
import { Refusal } from '../platform/http/refusal.ts';
import { RegistrationError } from '../platform/identity/applications.ts';
import type { Principal } from '../platform/identity/principal.ts';
import { modeOfScopes, privilegedPdsScope } from '../platform/identity/principal.ts';
import { attributesOfToken } from '../platform/identity/token-attributes.ts';
import type { Tokens } from '../platform/identity/tokens.ts';
import type { SharedClock } from './shared-clock.ts';

/** What a service lets a sandbox do to it. */
export type SandboxDoor = {
  /** Its key in the body of `/sandbox/load`. */
  readonly key: string;
  readonly shape: z.ZodType;
  load(section: unknown): Promise<object>;
  /** Empties it and, for `demo`, fills it with the demo nation. */
  reset(population: 'demo' | 'none'): Promise<void>;
};

export type SandboxParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly sharedClock: SharedClock;
  readonly tokens: Tokens;
  readonly doors: readonly SandboxDoor[];
};

const base = '/sandbox';

const refuseControl = (status: number, what: string): Refusal =>
  new Refusal(status, 'SANDBOX', {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: status === 404 ? 'not-found' : 'invalid', diagnostics: what }],
  });

const dialect: Dialect = {
  base,
  admit: async () => {},
  unknown: (call) => {
    throw refuseControl(404, `There is no ${call.method} ${call.path}`);
  },
  failure: (kind) => {
    const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
    return { status, body: refuseControl(status, kind).body };
  },
  headers: () => ({}),
};

const role = z.strictObject({
  roleProfileId: z.string(),
  odsCode: z.string(),
  roleCode: z.string().default('S8000:G8000:R8000'),
  activities: z.array(z.string()).default([]),
  workgroups: z.array(z.string()).optional(),
});

const tokenRequest = z.strictObject({
  mode: z.enum([
    'healthcare-worker',
    'application-restricted',
    'privileged-application-restricted',
    'patient',
    'patient-access',
  ]),
  nhsNumber: z.string().optional(),
  vector: z.string().optional(),
  proofing: z.string().optional(),
  roles: z.array(role).optional(),
  scopes: z.array(z.string()).optional(),
  attributes: z.record(z.string(), z.string()).default({}),
  userId: z.string().optional(),
  odsCode: z.string().optional(),
  appId: z.string().optional(),
  expiresIn: z.number().int().min(-3600).max(31_536_000).default(3600),
});

const resetRequest = z.strictObject({ population: z.enum(['demo', 'none']).default('demo') });
const introspectRequest = z.strictObject({ token: z.string() });
const clockRequest = z.strictObject({ now: z.string().optional(), advance: z.string().optional() });

/** The controls of a sandbox: tokens at will, state at will, time at will. None of these routes exists in production. */
export function sandboxService(parts: SandboxParts): Service {
  const shapes = Object.fromEntries(parts.doors.map((door) => [door.key, door.shape.optional()]));
  const loadRequest = z.strictObject(shapes);
  const control = (
    name: string,
    summary: string,
    body: z.ZodType,
    handle: (call: Call) => Promise<Answer>,
  ): Operation => ({
    name: `sandbox.${name}`,
    method: 'POST',
    path: `${base}/${name}`,
    summary,
    access: 'open',
    audit: 'none',
    input: { body },
    bodyBytes: 256 * 2 ** 20,
    answers: { 200: { summary: 'Done' }, 400: { summary: 'What is wrong with the request' } },
    handle,
  });
  return {
    name: 'sandbox',
    title: 'Sandbox control',
    dialect,
    operations: [
      control('token', 'An access token for anybody', tokenRequest, async (call) => {
        const wanted = read(tokenRequest, call);
        if (!isStorable(wanted)) throw refuseControl(400, 'body: it holds characters that cannot be kept');
        const token = await parts.tokens.issue(principalOf(wanted), wanted.expiresIn);
        return {
          status: 200,
          body: { access_token: token, token_type: 'Bearer', expires_in: String(wanted.expiresIn) },
        };
      }),
      control('reset', 'Back to the demo nation, or to nobody', resetRequest, async (call) => {
        const { population } = read(resetRequest, call);
        for (const door of parts.doors) await door.reset(population);
        return { status: 204 };
      }),
      control('load', 'Records exactly as given', loadRequest, async (call) => {
        const sections = read(loadRequest, call) as Record<string, unknown>;
        const counts: Record<string, object> = {};
        for (const door of parts.doors) {
          if (sections[door.key] !== undefined) counts[door.key] = await loadInto(door, sections[door.key]);
        }
        return { status: 200, body: counts };
      }),
      control('introspect', 'What an access token stands for', introspectRequest, async (call) => {
        const { token } = read(introspectRequest, call);
        const resolution = await parts.tokens.resolve(token);
        if (resolution.is !== 'valid') throw refuseControl(400, `token: it is ${resolution.is}`);
        const { principal } = resolution;
        return { status: 200, body: { scopes: principal.scopes, attributes: attributesOfToken(principal) } };
      }),
      control('clock', 'What time it is for this Spine', clockRequest, async (call) => {
        const { now, advance } = read(clockRequest, call);
        await parts.sharedClock.moveTo(offsetFor(parts.clock, now, advance));
        return { status: 200, body: { now: new Date(parts.clock.now()).toISOString() } };
      }),
    ],
  };
}

async function loadInto(door: SandboxDoor, section: unknown): Promise<object> {
  try {
    return await door.load(section);
  } catch (error) {
    if (error instanceof RegistrationError) throw refuseControl(400, error.message);
    throw error;
  }
}

function read<Shape extends z.ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  let body: unknown;
  try {
    body = call.body.length === 0 ? {} : JSON.parse(call.body.toString('utf8'));
  } catch {
    throw refuseControl(400, 'The body is not valid JSON');
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuseControl(400, `${issue?.path.join('/') || 'body'}: ${issue?.message ?? 'invalid'}`);
}

const defaultScopes = {
  'healthcare-worker': ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
  'patient-access': ['urn:nhsd:apim:user-nhs-login:P9:personal-demographics-service'],
  'application-restricted': ['urn:nhsd:apim:app:level3:personal-demographics-service'],
  'privileged-application-restricted': [privilegedPdsScope],
} as const;

function principalOf(wanted: z.infer<typeof tokenRequest>): Principal {
  const asked = wanted.mode === 'patient' ? 'patient-access' : wanted.mode;
  const scopes = wanted.scopes && wanted.scopes.length > 0 ? wanted.scopes : defaultScopes[asked];
  const mode = modeOfScopes(scopes);
  const { asid = '200000001234', ...attributes } = wanted.attributes;
  return {
    mode,
    appId: wanted.appId ?? 'sandbox',
    asid,
    odsCode: wanted.odsCode ?? wanted.roles?.[0]?.odsCode,
    scopes: [...scopes],
    attributes,
    userId: mode === 'healthcare-worker' ? (wanted.userId ?? '656005750104') : undefined,
    roles: wanted.roles,
    ...(asked === 'patient-access'
      ? {
          nhsNumber: wanted.nhsNumber as Principal['nhsNumber'],
          vector: wanted.vector ?? 'P9.Cp.Cd',
          proofing: wanted.proofing ?? 'P9',
        }
      : {}),
  };
}

/** How far ahead of the wall clock this Spine's shall be: to an instant, further by a duration, or not at all. */
function offsetFor(clock: Clock, now: string | undefined, advance: string | undefined): number {
  if (now !== undefined && advance !== undefined) throw refuseControl(400, 'Give either now or advance');
  if (now !== undefined) {
    const instant = Date.parse(now);
    if (Number.isNaN(instant)) throw refuseControl(400, `now: '${now}' is not an ISO 8601 instant`);
    if (!isKept(instant)) throw refuseControl(400, `now: '${now}' is not in the years 1 to 9999`);
    return instant - clock.wall();
  }
  if (advance === undefined) return 0;
  const instant = laterBy(clock.now(), advance);
  if (!isKept(instant)) throw refuseControl(400, `advance: '${advance}' leaves the years 1 to 9999`);
  return instant - clock.wall();
}

function laterBy(from: number, advance: string): number {
  try {
    const start = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO('UTC');
    return start.add(Temporal.Duration.from(advance)).epochMilliseconds;
  } catch {
    throw refuseControl(400, `advance: '${advance}' is not an ISO 8601 duration`);
  }
}

const years = { first: Date.parse('0001-01-01T00:00:00Z'), last: Date.parse('9999-01-01T00:00:00Z') };

/** Whether dates around this instant (milliseconds) can be written and kept everywhere. */
const isKept = (instant: number): boolean => instant > years.first && instant < years.last;
