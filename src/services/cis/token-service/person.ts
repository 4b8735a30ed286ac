import type { Application } from '../../../platform/identity/applications.ts';
import {
  type AccessMode,
  type AuthProvider,
  modeOfScopes,
  type Principal,
  type Role,
} from '../../../platform/identity/principal.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { accessErrors as errors, refuse } from './errors.ts';
import { scopesOf } from './grant.ts';
import { decodeJwt } from './jwt.ts';
import type { ProviderKind } from './providers.ts';

type Claims = Readonly<Record<string, unknown>>;

/** A person whom an identity provider vouches for, in an application. */
export type PersonLoggedOn = {
  readonly client: Application;
  readonly kind: ProviderKind;
  readonly isOwnProvider: boolean;
  readonly authProvider: AuthProvider;
  readonly grant: 'token_exchange' | 'authorization_code';
  readonly claims: Claims;
  /** User information, where the provider was asked for it. */
  readonly userInfo?: Claims | undefined;
  readonly logOnId?: string | undefined;
};

const proofingLevels = ['P0', 'P5', 'P9'];

/**
 * How far the person is proved: the word scopes contain for it, `aal3` or `P9` (token service contract, section 2: the
 * `authentication_assurance_level` of staff, the first two characters of a patient's `identity_proofing_level`).
 */
export function levelOf(kind: ProviderKind, claims: Claims): string | undefined {
  if (kind === 'cis2') {
    const level = String(claims.authentication_assurance_level ?? '');
    return /^[123]$/.test(level) ? `aal${level}` : undefined;
  }
  const proofing = String(claims.identity_proofing_level ?? '').slice(0, 2);
  return proofingLevels.includes(proofing) ? proofing : undefined;
}

const isPatient = (kind: ProviderKind): boolean => kind === 'nhs-login';

/** Who it is, before it is settled what they may have: for the audit, and good for nothing. */
export function personBefore(client: Application, kind: ProviderKind, claims: Claims): Principal {
  const nhsNumber = isPatient(kind) ? textOf(claims.nhs_number) : undefined;
  return {
    mode: isPatient(kind) ? 'patient-access' : 'healthcare-worker',
    appId: client.appId,
    scopes: [],
    attributes: {},
    nhsNumber: nhsNumber as NhsNumber | undefined,
    userId: nhsNumber === undefined ? textOf(claims.sub) : undefined,
  };
}

/**
 * How a person comes. What a product calls its scopes makes nobody more than they are: a patient stays one, and staff come
 * as staff only with a scope that is one of staff.
 */
function modeOfPerson(kind: ProviderKind, scopes: readonly string[]): AccessMode {
  if (isPatient(kind)) return 'patient-access';
  return modeOfScopes(scopes) === 'healthcare-worker' ? 'healthcare-worker' : 'application-restricted';
}

/** Step 75: for whom a token stands that is given to an application with a person before it. Throws refusals. */
export function principalOfPerson(person: PersonLoggedOn): Principal {
  const { client, kind, claims, userInfo, isOwnProvider } = person;
  const level = levelOf(kind, claims);
  const scopes = level === undefined ? [] : scopesOf(client, `:${level}:`);
  if (level === undefined || scopes.length === 0) throw refuse(errors.noScope);
  const sub = textOf(claims.sub);
  const nhsNumber = isPatient(kind) ? (textOf(claims.nhs_number) ?? textOf(userInfo?.nhs_number)) : undefined;
  if (sub === undefined && nhsNumber === undefined) throw refuse(errors.nobody);
  const common = {
    mode: modeOfPerson(kind, scopes),
    appId: client.appId,
    asid: client.asid,
    odsCode: client.odsCode,
    scopes,
    attributes: client.attributes,
    grant: person.grant,
    provider: person.authProvider,
    level: level.toLowerCase(),
    clientName: client.name,
    issuer: textOf(claims.iss),
    sessionId: typeof claims.sid === 'string' ? claims.sid : undefined,
    idTokenClaims: claims,
    logOnId: person.logOnId,
  };
  if (kind === 'cis2')
    return {
      ...common,
      userId: sub,
      roles: isOwnProvider || userInfo === undefined ? undefined : rolesIn(userInfo),
      hasLiveRoles: isOwnProvider,
    };
  return {
    ...common,
    nhsNumber: nhsNumber as NhsNumber | undefined,
    // whoever is not tied to a record is known by the provider's name for them
    ...(nhsNumber === undefined ? { userId: sub } : {}),
    vector: textOf(claims.vot),
    proofing: level,
    actor: actorIn(claims),
  };
}

/** The proxy who acts for the patient: the NHS number in `act.sub`, itself a JWT that the provider put there. */
function actorIn(claims: Claims): NhsNumber | undefined {
  const sub = (claims.act as { sub?: unknown } | undefined)?.sub;
  const number = typeof sub === 'string' ? decodeJwt(sub)?.claims.nhs_number : undefined;
  return isNhsNumber(number) ? number : undefined;
}

/** The roles in user information (`nhsid_nrbac_roles`); what lacks its identifiers is passed over. */
export function rolesIn(userInfo: Claims): Role[] {
  const listed = Array.isArray(userInfo.nhsid_nrbac_roles) ? (userInfo.nhsid_nrbac_roles as unknown[]) : [];
  return listed.flatMap((one) => {
    const { person_roleid, org_code, role_code, activity_codes, workgroups_codes } = (one ?? {}) as Claims;
    if (typeof person_roleid !== 'string' || typeof org_code !== 'string') return [];
    return [
      {
        roleProfileId: person_roleid,
        odsCode: org_code,
        roleCode: textOf(role_code) ?? '',
        activities: textsOf(activity_codes),
        workgroups: textsOf(workgroups_codes),
      },
    ];
  });
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
