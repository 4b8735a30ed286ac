import type { Answer } from '../../../platform/http/operation.ts';
import { type Html, html } from './html.ts';

export type Page = {
  readonly title: string;
  readonly content: Html;
  readonly status?: number;
  /** Addresses of scripts of our own, below `assets`. */
  readonly scripts?: readonly string[];
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
};

export const assets = '/cis2/assets';

/** Nothing but our own style and scripts, in no frame, kept by nobody, telling no other site where it came from. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
};

/** A whole page: plain, readable on a phone, usable without a mouse. */
export function page({ title, content, status = 200, scripts = [], headers = {} }: Page): Answer {
  const whole = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – OpenSpine</title><link rel="stylesheet" href="${assets}/log-on.css">
${scripts.map((name) => html`<script src="${assets}/${name}" defer></script>`)}</head>
<body><a class="skip" href="#main">Skip to main content</a><header><p class="mark">OpenSpine</p></header>
<main id="main"><h1>${title}</h1>${content}</main></body></html>`;
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    headers: { ...pageHeaders, ...headers },
    body: whole.text,
  };
}
