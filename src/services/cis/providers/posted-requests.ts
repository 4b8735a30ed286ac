import type { Readable } from 'node:stream';
import type { Provider } from 'oidc-provider';

const mostBytes = 8_192;

/**
 * A log-on asked for by POST (OpenID Connect Core, section 3.1.2.1) becomes the same request by GET, so that cookies need
 * not come along with posts from other sites.
 */
export function takePostedRequests(provider: Provider): void {
  provider.use(async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/authorize') return next();
    const form = ctx.is('application/x-www-form-urlencoded') ? await bodyOf(ctx.req) : undefined;
    if (form === undefined) {
      ctx.status = 400;
      ctx.body = { error: 'invalid_request', error_description: 'the body is no form, or too large' };
      return;
    }
    ctx.redirect(`${provider.issuer}/authorize?${new URLSearchParams(form)}`);
    ctx.status = 303;
    ctx.body = '';
  });
}

/** The body as text; undefined when it is larger than a request has any need to be. */
export async function bodyOf(request: Readable): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
