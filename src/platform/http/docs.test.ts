import { expect, test } from 'vitest';
import { startSpine } from '../../../test/support/spine.ts';

const spine = await startSpine();
type Parameter = { name: string; in: string; required: boolean; schema: object };
type Document = {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; parameters: Parameter[]; responses: Record<string, { description: string }> }>
  >;
};
const read = async (path: string): Promise<Document> => (await (await fetch(`${spine.url}${path}`)).json()) as Document;

test('the OpenAPI document has every operation once, named by service and verb, with its parameters and answers', async () => {
  const { openapi, paths } = await read('/openapi.json');
  expect(openapi).toBe('3.1.0');
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  );
  expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
  const isNamed = (name: string) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(name);
  expect(operations.map((operation) => operation.operationId).filter((name) => !isNamed(name))).toEqual([]);
  for (const { path, parameters, responses } of operations) {
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(named);
    expect(Object.values(responses).every((answer) => answer.description.length > 3)).toBe(true);
  }
  const search = operations.find((operation) => operation.operationId === 'pds.search-patients');
  expect(search?.parameters.find((one) => one.name === 'birthdate')).toMatchObject({ in: 'query', required: true });
  expect(search?.parameters.find((one) => one.name === 'X-Request-ID')).toMatchObject({ in: 'header', required: true });
});

test('what an operation asks of its caller is shown: the modes, and the whole requirement where it declares one', async () => {
  const { paths } = (await read('/openapi/access.json')) as unknown as {
    paths: Record<string, Record<string, object>>;
  };
  expect(paths['/access/alerts']?.get).toMatchObject({
    security: [{ token: [] }],
    'x-access-modes': ['healthcare-worker'],
    'x-access-requirement': { role: 'session-urid', level: { staff: 2 }, activities: { orJobRoles: ['R0001'] } },
  });
});

test('each service has a document of its own, and the page names every operation', async () => {
  const page = await (await fetch(`${spine.url}/docs`)).text();
  const services = [...page.matchAll(/href="(\/openapi\/[^"]+)"/g)].map(([, href]) => href as string);
  expect(services).toContain('/openapi/pds.json');
  for (const path of services) {
    for (const each of Object.keys((await read(path)).paths)) expect(page).toContain(each);
  }
  expect(page).not.toMatch(/<script/i);
});
