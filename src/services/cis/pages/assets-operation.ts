import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Operation } from '../../../platform/http/operation.ts';
import { header } from '../../../platform/http/operation.ts';
import { html } from './html.ts';
import { assets, page } from './page.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Style and scripts of the pages: the files of one directory, read once. */
export function assetsOperation(directory = join(import.meta.dirname, 'assets')): Operation {
  const files = new Map<string, { body: Buffer; type: string; tag: string }>();
  for (const name of readdirSync(directory)) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const body = readFileSync(join(directory, name));
    files.set(name, { body, type, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"` });
  }
  return {
    name: 'cis.page-asset',
    method: 'GET',
    path: `${assets}/:name`,
    summary: 'Style and scripts of the log-on pages',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'The file' }, 304: { summary: 'Not changed' }, 404: { summary: 'No such file' } },
    async handle(call) {
      const file = files.get(call.params.name ?? '');
      if (!file) return page({ title: 'Page not found', content: html`<p>There is no such file.</p>`, status: 404 });
      const headers = { 'cache-control': 'public, max-age=300', etag: file.tag };
      if (header(call, 'if-none-match') === file.tag) return { status: 304, headers };
      return { status: 200, contentType: file.type, body: file.body, headers };
    },
  };
}
