import type { Answer, Call, Dialect } from '../../../../platform/http/operation.ts';
import { errorBody, generalErrors, type OauthErrorKind } from '../errors.ts';
import { isForm } from './form.ts';

const answerOf = (kind: OauthErrorKind, headers: Record<string, string> = {}): Answer => ({
  status: kind.status,
  body: errorBody(kind),
  headers,
});

/**
 * How the token service speaks: every refusal is `{error, error_description, message_id}`, a wrong method on a known
 * path 405 with nothing but `Allow`. `heads` answers HEAD where that is published.
 */
export function oauthDialect(base: string, heads: Readonly<Record<string, (call: Call) => Promise<Answer>>>): Dialect {
  const tokenPath = `${base}/token`;
  // paths whose wrong methods are told apart from unknown paths
  const allowedMethod: Readonly<Record<string, string>> = { [tokenPath]: 'POST', [`${base}/authorize`]: 'GET' };
  return {
    base,
    admit: async () => {},
    unknown(call) {
      const allowed = allowedMethod[call.path];
      if (allowed !== undefined) return { status: 405, headers: { allow: allowed } };
      const head = call.method === 'HEAD' ? heads[call.path] : undefined;
      return head ? head(call) : answerOf(generalErrors.notFound);
    },
    failure(kind, call) {
      if (kind === 'busy') return answerOf(generalErrors.busy, { 'retry-after': '5' });
      if (kind === 'unforeseen') return answerOf(generalErrors.unforeseen);
      // a request the server could not even read may still be wrong in the first thing that is published
      if (call?.method === 'POST' && call.path === tokenPath && !isForm(call))
        return answerOf(generalErrors.contentType);
      return answerOf(kind === 'too-large' ? generalErrors.tooLarge : generalErrors.malformed);
    },
    // tokens and their refusals are kept by nobody on the way (RFC 6749, section 5.1)
    headers: () => ({ 'cache-control': 'no-store', pragma: 'no-cache' }),
  };
}
