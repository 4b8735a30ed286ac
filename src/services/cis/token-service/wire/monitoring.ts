import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import type { Release } from '../../../../platform/http/ops.ts';
import { hashSecret, isSecret } from '../../../../platform/identity/secret.ts';
import { generalErrors, refuse } from '../errors.ts';
import type { IdentityProvider } from '../providers.ts';
import { operationName } from './operation-name.ts';
import type { TokenServiceParts } from './parts.ts';

export type MonitoringParts = {
  readonly release: Release;
  /** The key that opens `_status`, beside the API keys of applications; empty opens nothing. */
  readonly statusApiKey: string;
  readonly isHealthy: () => Promise<boolean>;
};

/** `GET /oauth2/_ping`: public. */
export function pingOperation(base: string, release: Release): Operation {
  return {
    name: operationName(base, 'ping'),
    method: 'GET',
    path: `${base}/_ping`,
    summary: 'Whether the service answers at all',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Version, revision, release and commit' } },
    handle: async () => ({ status: 200, body: release }),
  };
}

/** `GET /oauth2/_status`: needs the header `apikey`; says whether the service and both identity providers work. */
export function statusOperation(parts: TokenServiceParts, monitoring: MonitoringParts): Operation {
  const hash = monitoring.statusApiKey === '' ? undefined : hashSecret(monitoring.statusApiKey);
  return {
    name: operationName(parts.base, 'status'),
    method: 'GET',
    path: `${parts.base}/_status`,
    summary: 'Whether the service works, for monitoring',
    access: 'open',
    audit: 'none',
    answers: {
      200: { summary: 'status pass or fail, with what was checked' },
      401: { summary: 'Access Denied: the apikey is missing or wrong' },
    },
    handle: (call) => status(parts, monitoring, hash, call),
  };
}

async function status(
  parts: TokenServiceParts,
  monitoring: MonitoringParts,
  hash: string | undefined,
  call: Call,
): Promise<Answer> {
  const apiKey = header(call, 'apikey') ?? '';
  const isOpen = isSecret(apiKey, hash) || (apiKey !== '' && (await parts.applications.find(apiKey)) !== undefined);
  if (!isOpen) throw refuse(generalErrors.statusKey);
  const [isUp, staff, patients] = await Promise.all([
    monitoring.isHealthy(),
    isReachable(parts, await parts.providers.forLogOn('cis2')),
    isReachable(parts, await parts.providers.forLogOn('nhs-login')),
  ]);
  const checks = {
    'identity-service:status': [checkOf(isUp)],
    'nhs-cis2:status': [checkOf(staff)],
    'nhs-login:status': [checkOf(patients)],
  };
  return {
    status: 200,
    body: { status: isUp && staff && patients ? 'pass' : 'fail', ...monitoring.release, checks },
  };
}

const isReachable = async ({ providerKeys }: TokenServiceParts, provider: IdentityProvider | undefined) =>
  provider !== undefined && (await providerKeys.isReachable(provider));

const checkOf = (isUp: boolean) => ({
  status: isUp ? 'pass' : 'fail',
  timeout: 'false',
  responseCode: isUp ? 200 : 500,
});
