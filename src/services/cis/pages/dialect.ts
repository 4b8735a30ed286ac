import type { Answer, Call, Dialect } from '../../../platform/http/operation.ts';
import { header } from '../../../platform/http/operation.ts';
import { Refusal } from '../../../platform/http/refusal.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** Whether a script of ours is asking, which reads JSON, and not a browser on its way to a page. */
export function isScript(call: Call): boolean {
  return /json/.test(header(call, 'content-type') ?? '') || /^application\/json/.test(header(call, 'accept') ?? '');
}

/** A refusal in words: a page for people, `{error, message}` for scripts. */
export function refuseInWords(
  call: Call,
  refusal: { readonly status: number; readonly code: string; readonly title: string; readonly message: string },
): Refusal {
  const { status, code, title, message } = refusal;
  if (isScript(call)) return new Refusal(status, code, { error: code, message }, { 'cache-control': 'no-store' });
  return refuseWithPage(code, page({ title, content: html`<p>${message}</p>`, status }));
}

/** A page that is a refusal: recorded as one, with its code. */
export function refuseWithPage(code: string, answer: Answer): Refusal {
  return new Refusal(
    answer.status,
    code,
    Buffer.from((answer.body ?? '') as string),
    answer.headers as Record<string, string>,
    'text/html; charset=utf-8',
  );
}

const failures = {
  unforeseen: { status: 500, title: 'Something went wrong', message: 'It is not your doing. Please try again.' },
  busy: { status: 503, title: 'Too busy just now', message: 'Please try again in a few seconds.' },
  'too-large': { status: 413, title: 'Too much was sent', message: 'What was sent is larger than this page takes.' },
  malformed: { status: 400, title: 'That was not understood', message: 'What was sent is not what this page takes.' },
} as const;

/** How the pages below a base speak: pages to people, JSON to our own scripts. */
export function pagesDialect(base: string): Dialect {
  return {
    base,
    admit: async () => {},
    unknown: () => page({ title: 'Page not found', content: html`<p>There is no such page here.</p>`, status: 404 }),
    failure(kind, call): Answer {
      const { status, title, message } = failures[kind];
      const headers: Record<string, string> = kind === 'busy' ? { 'retry-after': '5' } : {};
      if (call && isScript(call)) return { status, body: { error: kind, message }, headers };
      return page({ title, content: html`<p>${message}</p>`, status, headers });
    },
    headers: () => ({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }),
  };
}
