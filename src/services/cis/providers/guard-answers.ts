import type { EventEmitter } from 'node:events';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import { storable } from '../../../platform/audit/entry.ts';
import { isTransient } from '../../../platform/db/database.ts';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import type { ProviderKind } from './provider-host.ts';
import type { ProviderStore } from './provider-store.ts';

export type GuardParts = { readonly kind: ProviderKind; readonly audit: AuditLog; readonly store: ProviderStore };

/** Routes of the library whose accesses are recorded, as what. */
const recorded: Readonly<Record<string, string>> = {
  authorization: 'authorize',
  resume: 'authorize',
  token: 'redeem',
  userinfo: 'user-info',
  revocation: 'revoke',
  end_session_confirm: 'log-out',
};

/** What went wrong with a request that was answered nevertheless, for the log. */
const failedRequests = new WeakMap<object, unknown>();

/** The failure behind an answered request; undefined when all went as foreseen. */
export function failureBehind(request: object): unknown {
  return failedRequests.get(request);
}

const errorEvents = [
  'authorization.error',
  'grant.error',
  'userinfo.error',
  'revocation.error',
  'end_session_confirm.error',
] as const;

/**
 * Around everything the library answers: what was asked of it is in the audit log before an answer leaves; a database
 * that is away for a moment is 503; and the headers that keep pages out of frames. To be used before other steps.
 */
export function guardAnswers(provider: Provider, parts: GuardParts): void {
  const failures = new WeakMap<object, unknown>();
  const refusals = new WeakMap<object, string>();
  const listen = provider as unknown as EventEmitter;
  listen.on('server_error', (ctx: object, error: unknown) => failures.set(ctx, error));
  for (const name of errorEvents)
    listen.on(name, (ctx: object, error: { error?: string }) => refusals.set(ctx, error.error ?? 'invalid_request'));
  // the library answers by itself; without a listener the framework would write to the console
  listen.on('error', () => {});
  provider.use(async (plain, next) => {
    const ctx = plain as unknown as KoaContextWithOIDC;
    try {
      await next();
    } catch (error) {
      failures.set(ctx, error);
      ctx.status = 500;
      ctx.body = { error: 'server_error' };
    }
    if (ctx.status === 404 && !ctx.body) sayNotFound(ctx);
    const failure = failures.get(ctx);
    if (failure !== undefined) failedRequests.set(ctx.req, failure);
    if (failure !== undefined && isTransient(failure)) {
      ctx.status = 503;
      ctx.set('retry-after', '5');
    }
    ctx.set('x-content-type-options', 'nosniff');
    ctx.set('referrer-policy', 'no-referrer');
    ctx.set('x-frame-options', 'DENY');
    if (!ctx.response.get('content-security-policy'))
      ctx.set('content-security-policy', "frame-ancestors 'none'; base-uri 'none'");
    try {
      await record(parts, ctx, failure === undefined ? refusals.get(ctx) : 'server_error');
    } catch {
      // what could not be recorded did not happen: nothing of the answer leaves
      for (const name of ['location', 'set-cookie']) ctx.remove(name);
      ctx.status = 503;
      ctx.set('retry-after', '5');
      ctx.body = { error: 'temporarily_unavailable' };
    }
  });
}

function sayNotFound(ctx: KoaContextWithOIDC): void {
  if (ctx.accepts('json', 'html') === 'html') {
    const content = html`<p>There is no such page here.</p>`;
    const answer = page({ title: 'Page not found', content });
    ctx.set(answer.headers as Record<string, string>);
    ctx.type = 'html';
    ctx.body = answer.body as string;
  } else ctx.body = { error: 'not_found' };
  ctx.status = 404;
}

async function record({ kind, audit, store }: GuardParts, ctx: KoaContextWithOIDC, refusal: string | undefined) {
  const verb = recorded[ctx.oidc?.route ?? ''];
  if (verb === undefined) return;
  const { client, session, account, entities } = ctx.oidc;
  // on the way to the log-on page nothing is given yet; the log-on itself is recorded
  if (verb === 'authorize' && entities.Interaction && !entities.AuthorizationCode && refusal === undefined) return;
  const userId = account?.accountId ?? session?.accountId ?? '';
  const patient = (account as { patient?: { nhsNumber?: string } } | undefined)?.patient;
  await audit.record([
    {
      nhsNumber: storable(patient?.nhsNumber ?? '', 20),
      at: store.clock.now(),
      operation: `${kind}.${verb}`,
      outcome: storable(refusal ?? 'allowed', 60),
      status: ctx.status,
      mode: kind === 'cis2' ? 'healthcare-worker' : 'patient-access',
      appId: storable(client?.clientId ?? '', 100),
      odsCode: '',
      userId: storable(userId, 64),
      roleId: storable((session as { selectedRoleId?: string } | undefined)?.selectedRoleId ?? '', 20),
      purpose: '',
      requestId: storable(ctx.get('x-request-id'), 64),
    },
  ]);
}
