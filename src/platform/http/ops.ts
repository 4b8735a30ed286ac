import type { Dialect, Operation, Service } from './operation.ts';
import { Refusal } from './refusal.ts';

export type Release = {
  readonly version: string;
  readonly revision: string;
  readonly releaseId: string;
  readonly commitId: string;
};

type OpsParts = {
  readonly release: Release;
  readonly isHealthy: () => Promise<boolean>;
  readonly metricsText: () => Promise<string>;
  /** What else `/_ping` says, for clients of a service that look there. */
  readonly pingAlso?: object;
};

const outcome = (code: string, diagnostics: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, diagnostics }],
});

/** What answers outside every service: what operators and load balancers ask. */
export function opsService({ release, isHealthy, metricsText, pingAlso }: OpsParts): Service {
  const open = (name: string, path: string, summary: string, handle: Operation['handle']): Operation => ({
    name: `ops.${name}`,
    method: 'GET',
    path,
    summary,
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'As asked' } },
    handle,
  });
  const dialect: Dialect = {
    base: '',
    admit: async () => {},
    unknown: (call) => {
      throw new Refusal(
        404,
        'NOT_FOUND',
        outcome('not-found', `There is no ${call.method} ${call.path} here; see /docs`),
      );
    },
    failure(kind) {
      const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
      const words = {
        unforeseen: 'Something unforeseen happened; it was logged',
        busy: 'Too busy; come back in a moment',
        'too-large': 'The request body is larger than this service accepts',
        malformed: 'The request is not well-formed HTTP',
      }[kind];
      return {
        status,
        body: outcome('processing', words),
        ...(kind === 'busy' ? { headers: { 'retry-after': '5' } } : {}),
      };
    },
    headers: () => ({}),
  };
  return {
    name: 'ops',
    title: 'Operations',
    dialect,
    operations: [
      open('ping', '/_ping', 'Whether it answers', async () => ({
        status: 200,
        body: { ...pingAlso, ...release },
      })),
      open('status', '/_status', 'Whether it works', async () => {
        const status = (await isHealthy()) ? 'pass' : 'fail';
        return { status: 200, body: { status, ...release } };
      }),
      open('live', '/health/live', 'Whether the process lives', async () => ({
        status: 200,
        body: { status: 'pass' },
      })),
      open('ready', '/health/ready', 'Whether it can serve: a check through the database', async () =>
        (await isHealthy())
          ? { status: 200, body: { status: 'pass' } }
          : {
              status: 503,
              body: { status: 'fail', why: 'the database does not answer' },
              headers: { 'retry-after': '5' },
            },
      ),
      open('metrics', '/metrics', 'Measurements in the Prometheus form', async () => ({
        status: 200,
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        body: await metricsText(),
      })),
    ],
  };
}
