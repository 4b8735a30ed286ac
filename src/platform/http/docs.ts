import { z } from 'zod';
import { requirementOf } from '../identity/decide-access.ts';
import type { Operation, Service } from './operation.ts';
import type { Release } from './ops.ts';

/** The pages that describe the rest: OpenAPI of everything and of each service, and a page for people. */
export function docsService(services: readonly Service[], release: Release): Service {
  const dialect = (services.at(-1) as Service).dialect;
  const json = (name: string, path: string, of: readonly Service[]): Operation => {
    let text: string | undefined;
    return page(name, path, 'application/json', () => (text ??= JSON.stringify(openApi(of, release))));
  };
  const described = services.filter((service) => service.operations.length > 0);
  return {
    name: 'docs',
    title: 'Documentation',
    dialect,
    operations: [
      json('openapi', '/openapi.json', described),
      ...described.map((service) => json(`openapi-${service.name}`, `/openapi/${service.name}.json`, [service])),
      page('docs', '/docs', 'text/html; charset=utf-8', () => docsPage(described, release)),
    ],
  };
}

function page(name: string, path: string, contentType: string, body: () => string): Operation {
  return {
    name: `docs.${name}`,
    method: 'GET',
    path,
    summary: 'Documentation',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'The page' } },
    handle: async () => ({ status: 200, contentType, body: body() }),
  };
}

const openPath = (path: string): string => path.replace(/:([A-Za-z]+)/g, '{$1}');

/** The OpenAPI 3.1 document of these services, made from their operations. */
export function openApi(services: readonly Service[], release: Release): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const service of services) {
    for (const operation of service.operations) {
      const at = openPath(operation.path);
      paths[at] = { ...paths[at], [operation.method.toLowerCase()]: describe(service, operation) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenSpine',
      version: release.revision,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'An open implementation of the NHS Spine, over the published wire contracts.',
    },
    tags: services.map((service) => ({ name: service.name, description: service.title })),
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

/** The modes an operation is open to; undefined for an open one. */
function modesOf({ access }: Operation): readonly string[] | undefined {
  return access === 'open' ? undefined : requirementOf(access).modes;
}

function accessOf(operation: Operation): object {
  const modes = modesOf(operation);
  if (modes === undefined) return {};
  const isWhole = 'modes' in (operation.access as object);
  return {
    security: [{ token: [] }],
    'x-access-modes': modes,
    ...(isWhole ? { 'x-access-requirement': operation.access } : {}),
  };
}

function describe(service: Service, operation: Operation): object {
  const parameters = [...operation.path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query =
    operation.input?.query &&
    (z.toJSONSchema(operation.input.query, { io: 'input' }) as { properties?: object; required?: string[] });
  const inQuery = Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    schema,
  }));
  const headers =
    operation.input?.headers &&
    (z.toJSONSchema(operation.input.headers, { io: 'input' }) as { properties?: object; required?: string[] });
  const inHeader = Object.entries(headers?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'header',
    required: headers?.required?.includes(name) ?? false,
    schema,
  }));
  return {
    operationId: operation.name,
    tags: [service.name],
    summary: operation.summary,
    ...accessOf(operation),
    'x-audit': operation.audit,
    parameters: [...parameters, ...inQuery, ...inHeader],
    ...(operation.input?.body
      ? {
          requestBody: {
            content: { 'application/json': { schema: z.toJSONSchema(operation.input.body, { io: 'input' }) } },
          },
        }
      : {}),
    responses: Object.fromEntries(
      Object.entries(operation.answers).map(([status, answer]) => [status, { description: answer.summary }]),
    ),
  };
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`).replace(/`([^`]*)`/g, '<code>$1</code>');

/** One page, no script: every operation by service, with its answers. */
function docsPage(services: readonly Service[], release: Release): string {
  const sections = services.map((service) => {
    const rows = service.operations.map((operation) => {
      const answers = Object.entries(operation.answers).map(
        ([status, answer]) => `<dt>${status}</dt><dd>${escapeHtml(answer.summary)}</dd>`,
      );
      const access = modesOf(operation)?.join(', ') ?? 'open';
      return `<details><summary><code><b>${operation.method}</b> ${escapeHtml(openPath(operation.path))}</code> ${escapeHtml(operation.summary)}</summary>
<p>Access: ${access}. Audit: ${operation.audit}.</p><dl>${answers.join('')}</dl></details>`;
    });
    return `<section><h2>${escapeHtml(service.title)}</h2><p><a href="/openapi/${service.name}.json">OpenAPI 3.1</a></p>${rows.join('\n')}</section>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenSpine interfaces</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#212b32;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}a{color:#005eb8}code{overflow-wrap:anywhere}
details{border-top:1px solid #d8dde0;padding:.4rem 0}summary{cursor:pointer}dl{display:grid;grid-template-columns:4rem 1fr;margin:0}dt{font-weight:600}dd{margin:0}
</style></head><body><main><h1>OpenSpine ${escapeHtml(release.version)}: interfaces</h1>
<p>Made from the operations this Spine serves. Everything in one: <a href="/openapi.json">OpenAPI 3.1</a>.</p>${sections.join('\n')}</main></body></html>`;
}
