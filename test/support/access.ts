import { randomUUID } from 'node:crypto';
import type { SpineUnderTest } from './spine.ts';

export type AccessAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
  readonly body: any;
  /** The rule that refused, where one did. */
  readonly rule: string | undefined;
};

/** Calls an operation below `/access` with a token and a fresh request id. */
export async function askAccess(
  spine: SpineUnderTest,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> },
): Promise<AccessAnswer> {
  const response = await fetch(`${spine.url}${path.startsWith('/access') ? path : `/access${path}`}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'x-request-id': randomUUID(),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === '' ? undefined : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: answer,
    rule: answer?.issue?.[0]?.details?.coding?.[0]?.code,
  };
}

/** A token of a member of staff in one role. */
export function staffToken(
  spine: SpineUnderTest,
  userId: string,
  {
    odsCode = 'A81001',
    activities = [],
    roleCode = 'S8000:G8000:R8000',
    level = 3,
    workgroups = [],
  }: {
    odsCode?: string;
    activities?: readonly string[];
    roleCode?: string;
    level?: 2 | 3;
    workgroups?: readonly string[];
  } = {},
): Promise<string> {
  return spine.token({
    mode: 'healthcare-worker',
    userId,
    scopes: [`urn:nhsd:apim:user-nhs-cis2:aal${level}:personal-demographics-service`],
    roles: [{ roleProfileId: `1${userId.slice(1)}`, odsCode, roleCode, activities, workgroups }],
  });
}

/** A patient for the sandbox to load, registered with a practice. */
export const registered = (
  nhsNumber: string,
  { family = 'Penhaligon', practice = 'A81001', postcode = 'YO1 7HH', security = 'U' } = {},
) => ({
  resourceType: 'Patient',
  id: nhsNumber,
  meta: { versionId: '1', security: [{ code: security }] },
  name: [{ id: '1', use: 'usual', family, given: ['Nora'] }],
  gender: 'female',
  birthDate: '1990-01-01',
  address: [{ id: '2', use: 'home', line: ['1 High Street'], postalCode: postcode }],
  generalPractitioner: [
    {
      id: '3',
      type: 'Organization',
      identifier: {
        system: 'https://fhir.nhs.uk/Id/ods-organization-code',
        value: practice,
        period: { start: '2020-01-01' },
      },
    },
  ],
});
