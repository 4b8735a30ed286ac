import type { Operation } from '../../../platform/http/operation.ts';
import { base } from './frame.ts';

export type PingFacts = { readonly environment: string; readonly buildLabel: string };

/** The answer to a ping. */
export const pingBody = (facts: PingFacts) => ({
  env: facts.environment,
  build_label: facts.buildLabel,
  status: 'running',
  outcome: 'Yes',
});

const pingAt = (facts: PingFacts, name: string, path: string): Operation => ({
  name: `mesh.${name}`,
  method: 'GET',
  path,
  summary: 'Whether it answers',
  access: 'open',
  audit: 'none',
  answers: { 200: { summary: 'It does' } },
  handle: async () => ({ status: 200, body: pingBody(facts) }),
});

/** Pings below the base of MESH. */
export function pingOperations(facts: PingFacts): Operation[] {
  return [pingAt(facts, 'ping', `${base}/_ping`), pingAt(facts, 'deep-ping', `${base}/deepping`)];
}

/** Pings at the root of an address. */
export function rootPings(facts: PingFacts, paths: readonly string[]): Operation[] {
  return paths.map((path) => pingAt(facts, `root-ping${path.replaceAll(/[/_]/g, '-')}`, path));
}
