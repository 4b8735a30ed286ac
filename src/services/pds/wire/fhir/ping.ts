import { timingSafeEqual } from 'node:crypto';
import { header, type Operation } from '../../../../platform/http/operation.ts';
import { pdsErrors, refuseAtGateway } from '../../errors.ts';
import { base } from './frame.ts';

export type Release = {
  readonly version: string;
  readonly revision: string;
  readonly releaseId: string;
  readonly commitId: string;
};

/** `GET /_ping`: public. */
export function pingOperation(release: Release): Operation {
  return {
    name: 'pds.ping',
    method: 'GET',
    path: `${base}/_ping`,
    summary: 'Whether the service answers at all',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Version, revision, release and commit' } },
    handle: async () => ({ status: 200, body: release }),
  };
}

/** `GET /_status`: needs the header `apikey`; says whether the database answers. */
export function statusOperation(
  release: Release,
  opens: (apiKey: string) => boolean | Promise<boolean>,
  isHealthy: () => Promise<boolean>,
): Operation {
  return {
    name: 'pds.status',
    method: 'GET',
    path: `${base}/_status`,
    summary: 'Whether the service works, for monitoring',
    access: 'open',
    audit: 'none',
    answers: {
      200: { summary: 'status pass or fail, with what was checked' },
      401: { summary: 'ACCESS_DENIED: Invalid Api Key' },
    },
    async handle(call) {
      const key = header(call, 'apikey');
      if (key === undefined || !(await opens(key))) throw refuseAtGateway(pdsErrors.invalidApiKey);
      const isUp = await isHealthy();
      const status = isUp ? 'pass' : 'fail';
      return {
        status: 200,
        body: {
          status,
          ...release,
          checks: { 'pds:status': [{ status, timeout: 'false', responseCode: isUp ? 200 : 500 }] },
        },
      };
    },
  };
}

/** True when two secrets are the same, in a time that does not tell how far they agree. */
export function sameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && expected !== '' && timingSafeEqual(a, b);
}
