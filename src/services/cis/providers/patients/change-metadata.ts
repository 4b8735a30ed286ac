import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../../../../platform/audit/audit-log.ts';
import { type AuditNote, storable } from '../../../../platform/audit/entry.ts';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import { auditedChange } from '../../log-on/audited-change.ts';
import { bodyOf } from '../posted-requests.ts';
import type { ProviderStore } from '../provider-store.ts';
import { merged, sizeFault, wantedMetadata } from './client-metadata.ts';
import type { PatientAccounts } from './patient-accounts.ts';
import { lockMetadata, writeMetadata } from './queries-metadata.ts';

type MetadataParts = { readonly audit: AuditLog; readonly store: ProviderStore; readonly accounts: PatientAccounts };

/** Why a change was refused, as RFC 6750 says it. */
class MetadataRefusal extends Error {
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

const metadataScope = 'client_metadata';

/**
 * `PATCH /userinfo`: an application changes what it keeps with the account of the patient its access token stands for. Every
 * application has its own and sees no other's. What the body looks like is ours.
 */
export async function changeMetadata(
  parts: MetadataParts,
  provider: Provider,
  ctx: Pick<KoaContextWithOIDC, 'req' | 'get' | 'set' | 'is'> & { status: number; body: unknown },
): Promise<void> {
  const found: Found = {};
  try {
    ctx.body = { client_user_metadata: await change(parts, provider, ctx, found) };
    ctx.status = 200;
    ctx.set('cache-control', 'no-store');
  } catch (error) {
    if (!(error instanceof MetadataRefusal)) throw error;
    await parts.audit.record([noteOf(parts, ctx, found, error.error, error.status)]);
    ctx.status = error.status;
    ctx.body = { error: error.error, error_description: error.message };
    if (error.status === 401 || error.status === 403)
      ctx.set('www-authenticate', `Bearer error="${error.error}", error_description="${error.message}"`);
  }
}

/** What came to be known of the caller, for the audit. */
type Found = { sub?: string; clientId?: string; nhsNumber?: string | undefined };

async function change(
  parts: MetadataParts,
  provider: Provider,
  ctx: Pick<KoaContextWithOIDC, 'req' | 'get' | 'is'>,
  found: Found,
): Promise<object> {
  const { sub, clientId } = await patientBehind(parts, provider, ctx, found);
  const body = ctx.is('json') ? await bodyOf(ctx.req) : undefined;
  if (body === undefined) throw new MetadataRefusal(400, 'invalid_request', 'the body is not JSON, or too large');
  const wanted = wantedMetadata(body);
  if ('fault' in wanted) throw new MetadataRefusal(400, 'invalid_request', wanted.fault);
  const now = parts.store.clock.now();
  return auditedChange(
    { db: parts.store.db, audit: parts.audit },
    noteOf(parts, ctx, found, 'allowed', 200),
    async (tx) => {
      const metadata = merged(await lockMetadata(tx, sub, clientId, new Date(now)), wanted.patch);
      const fault = sizeFault(metadata);
      if (fault !== undefined) throw new MetadataRefusal(400, 'invalid_request', fault);
      await writeMetadata(tx, { sub, clientId, metadata }, new Date(now));
      const subject = found.nhsNumber ?? sub;
      await tx.query(
        insertEvents([{ subject, kind: 'cis.client-metadata-changed', happenedAt: now, body: { clientId } }]),
      );
      return metadata;
    },
  );
}

/** For whom, and by which application, the access token was given. */
async function patientBehind(
  { accounts }: MetadataParts,
  provider: Provider,
  ctx: Pick<KoaContextWithOIDC, 'get'>,
  found: Found,
): Promise<{ sub: string; clientId: string }> {
  const [, value] = /^Bearer +([\w.~+/-]+=*)$/i.exec(ctx.get('authorization')) ?? [];
  const token = value === undefined ? undefined : await provider.AccessToken.find(value);
  const clientId = token?.clientId;
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  if (!token || !client || clientId === undefined || token.isExpired)
    throw new MetadataRefusal(401, 'invalid_token', 'invalid token provided');
  found.sub = token.accountId;
  found.clientId = clientId;
  const account = await accounts.find(token.accountId);
  if (!account) throw new MetadataRefusal(401, 'invalid_token', 'invalid token provided');
  found.nhsNumber = account.nhsNumber;
  if (!token.scopes.has(metadataScope))
    throw new MetadataRefusal(403, 'insufficient_scope', `access token has no scope ${metadataScope}`);
  return { sub: token.accountId, clientId };
}

const noteOf = (
  { store }: MetadataParts,
  ctx: Pick<KoaContextWithOIDC, 'get'>,
  { sub, clientId, nhsNumber }: Found,
  outcome: string,
  status: number,
): AuditNote => ({
  nhsNumber: storable(nhsNumber ?? '', 20),
  at: store.clock.now(),
  operation: 'nhs-login.change-metadata',
  outcome,
  status,
  mode: 'patient-access',
  appId: storable(clientId ?? '', 100),
  odsCode: '',
  userId: storable(sub ?? '', 64),
  roleId: '',
  purpose: '',
  requestId: storable(ctx.get('x-request-id'), 64),
});
