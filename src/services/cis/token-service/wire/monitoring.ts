import { type Answer, type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { hashSecret, isSecret } from '../../../../platform/identity/secret.ts';
import { generalErrors, refuse } from '../errors.ts';
import { base } from './dialect.ts';

/** Which build is running. */
export type Release = {
  readonly version: string;
  readonly revision: string;
  readonly releaseId: string;
  readonly commitId: string;
};

export type MonitoringParts = {
  readonly release: Release;
  /** The key that opens `_status`; empty opens nothing. */
  readonly statusApiKey: string;
  readonly isHealthy: () => Promise<boolean>;
};

export const pingPath = `${base}/_ping`;
export const statusPath = `${base}/_status`;

/** `GET /oauth2/_ping`: public. */
export function pingOperation(release: Release): Operation {
  return {
    name: 'cis.ping',
    method: 'GET',
    path: pingPath,
    summary: 'Whether the service answers at all',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Version, revision, release and commit' } },
    handle: async () => ({ status: 200, body: release }),
  };
}

/** `GET /oauth2/_status`: needs the header `apikey`; says whether the database answers. */
export function statusOperation(parts: MonitoringParts): Operation {
  const hash = parts.statusApiKey === '' ? undefined : hashSecret(parts.statusApiKey);
  return {
    name: 'cis.status',
    method: 'GET',
    path: statusPath,
    summary: 'Whether the service works, for monitoring',
    access: 'open',
    audit: 'none',
    answers: {
      200: { summary: 'status pass or fail, with what was checked' },
      401: { summary: 'Access Denied: the apikey is missing or wrong' },
    },
    handle: (call) => status(parts, hash, call),
  };
}

async function status(parts: MonitoringParts, hash: string | undefined, call: Call): Promise<Answer> {
  if (!isSecret(header(call, 'apikey') ?? '', hash)) throw refuse(generalErrors.statusKey);
  const isUp = await parts.isHealthy();
  const outcome = isUp ? 'pass' : 'fail';
  const check = { status: outcome, timeout: 'false', responseCode: isUp ? 200 : 500 };
  return { status: 200, body: { status: outcome, ...parts.release, checks: { 'identity-service:status': [check] } } };
}
