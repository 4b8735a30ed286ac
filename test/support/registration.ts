import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import { Clock } from '../../src/platform/clock/clock.ts';
import { Database } from '../../src/platform/db/database.ts';
import type { Principal } from '../../src/platform/identity/principal.ts';
import { Tokens } from '../../src/platform/identity/tokens.ts';
import { demoStaff } from '../../src/population/demo/staff.ts';
import { loadDemoStaff } from '../../src/services/cis/index.ts';
import type { SpineUnderTest } from './spine.ts';

/** How long a live session may take to follow a change in a test; in truth it is the quarter of a second of the poll. */
export const soon = { timeout: 5000, interval: 25 };

/** The scopes of an application subscribed to the Registration Authority. */
export const registrationScopes = ['urn:nhsd:apim:user-nhs-id:aal3:registration-authority'];

/** The demo nation's staff by what they are, for tests. */
export const staff = {
  gp: '656005750104',
  nurse: '656005750109',
  receptionist: '656005750110',
  manager: '656005750201',
  otherManager: '656005750202',
  agent: '656005750203',
  otherAgent: '656005750204',
  advancedAgent: '656005750205',
  officer: '656005750206',
  wardSponsor: '656005750209',
  localAdministrator: '656005750210',
  practiceSponsor: '656005750211',
  pharmacist: '656005750215',
  idChecker: '656005750217',
  locum: '656005750218',
  newcomer: '656005750219',
} as const;

export type RaAnswer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
  readonly body: any;
  /** The rule and the field a refusal names. */
  readonly rule: string | undefined;
  readonly field: string | undefined;
};

/** A Spine whose Registration Authority is at work with the demo nation's staff. */
export async function registrationAuthority(spine: SpineUnderTest) {
  const db = new Database({ url: spine.databaseUrl });
  afterAll(() => db.close());
  const clock = new Clock();
  await loadDemoStaff(db, demoStaff(), clock.now());
  const tokens = new Tokens(db, clock);
  /** A token as the combined log-on gives it to one of our own staff. */
  const tokenOf = (userId: string, more: Partial<Principal> = {}, seconds = 3600) =>
    tokens.issue(
      {
        mode: 'healthcare-worker',
        appId: 'registration-test',
        scopes: registrationScopes,
        attributes: {},
        userId,
        grant: 'authorization_code',
        provider: 'nhs-cis2',
        level: 'aal3',
        hasLiveRoles: true,
        ...more,
      },
      seconds,
    );
  const known = new Map<string, string>();
  const cached = async (userId: string) => {
    const token = known.get(userId) ?? (await tokenOf(userId));
    known.set(userId, token);
    return token;
  };
  const ask = async (
    userId: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string | undefined>; token?: string; method?: string } = {},
  ): Promise<RaAnswer> => {
    const { body, headers = {} } = options;
    const sent: Record<string, string> = {};
    const all = {
      authorization: `Bearer ${options.token ?? (await cached(userId))}`,
      'x-request-id': randomUUID() as string,
      ...headers,
    };
    for (const [name, value] of Object.entries(all)) if (value !== undefined) sent[name] = value;
    const response = await fetch(`${spine.url}/registration-authority${path}`, {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: sent,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === '' ? undefined : JSON.parse(text);
    const issue = parsed?.issue?.[0];
    return {
      status: response.status,
      headers: response.headers,
      body: parsed,
      rule: issue?.details?.coding?.[0]?.code,
      field: issue?.expression?.[0],
    };
  };
  const must = async (userId: string, path: string, body: object): Promise<RaAnswer['body']> => {
    const answer = await ask(userId, path, { body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return { db, clock, tokens, tokenOf, ask, must };
}

/** The body with which an identity is created. */
export const newIdentity = (familyName: string, more: object = {}) => ({
  title: 'Ms',
  givenName: 'Perpetua',
  familyName,
  bornOn: '1986-02-11',
  email: 'perpetua@example.invalid',
  evidence: {
    documents: [
      { kind: 'photo-identity', name: 'Passport' },
      { kind: 'proof-of-address', name: 'Council tax bill' },
      { kind: 'photo-identity', name: 'Driving licence' },
    ],
    photo: true,
    meeting: 'face-to-face',
  },
  ...more,
});
