import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target]) =>
    relative(root, resolve(root, dirname(file), target as string)),
  );

/** Which services a service may use, through its door only (design, section 4). */
const mayUse: Record<string, readonly string[]> = {
  sds: [],
  pds: ['sds'],
  cis: ['sds', 'pds'],
  scr: ['sds', 'pds', 'cis'],
  mesh: ['sds', 'pds', 'cis'],
  eps: ['sds', 'pds', 'cis', 'mesh'],
  ers: ['sds', 'pds', 'cis', 'mesh'],
  tms: ['sds', 'pds', 'cis', 'mesh'],
  sus: ['mesh'],
};

const serviceOf = (path: string): string | undefined => /^src\/services\/([^/]+)\//.exec(path)?.[1];

const offences = (rule: (file: string, imported: string) => boolean): string[] =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => rule(file, imported))
      .map((imported) => `${file} → ${imported}`),
  );

test('the platform imports no service, command, transition or population', () => {
  expect(
    offences(
      (file, to) => file.startsWith('src/platform/') && /^src\/(services|cli|transition|population|sandbox)\//.test(to),
    ),
  ).toEqual([]);
});

test('a service uses another only through its door, and only where the design allows it', () => {
  expect(
    offences((file, to) => {
      const [own, other] = [serviceOf(file), serviceOf(to)];
      if (own === undefined || other === undefined || own === other) return false;
      return !to.endsWith(`/services/${other}/index.ts`) || !(mayUse[own] ?? []).includes(other);
    }),
  ).toEqual([]);
});

test('nothing but the wiring and the process knows the wiring', () => {
  expect(offences((file, to) => to === 'src/spine.ts' && !/^src\/(process|cli)\//.test(file))).toEqual([]);
});

test('queries import nothing of a service but its types', () => {
  const bad = files
    .filter((file) => /\/queries[^/]*\.ts$/.test(file) && file.startsWith('src/services/'))
    .flatMap((file) =>
      [...textOf(file).matchAll(/^import (type )?(?:.*?)from '(\.[^']+)'/gms)]
        .filter(
          ([, isType, target]) =>
            isType === undefined &&
            !(target as string).includes('platform/db') &&
            !(target as string).startsWith('./queries'),
        )
        .map(([, , target]) => `${file} → ${target}`),
    );
  expect(bad).toEqual([]);
});

test('SQL text stands only where it may', () => {
  const mayHaveSql = /\/queries[^/]*\.ts$|^src\/platform\/(db|audit|events|jobs)\//;
  expect(files.filter((file) => !mayHaveSql.test(file) && /\bsql`/.test(textOf(file)))).toEqual([]);
});

test('a service speaks of its own schema only', () => {
  const bad = files.flatMap((file) => {
    const own = serviceOf(file);
    if (own === undefined || !/\/queries[^/]*\.ts$/.test(file)) return [];
    const schemas = [
      ...textOf(file).matchAll(/\b(?:from|join|into|update|table|truncate|delete from)\s+([a-z]+)\.[a-z_]+/g),
    ].map(([, schema]) => schema as string);
    return schemas.filter((schema) => schema !== own && schema !== 'excluded').map((schema) => `${file}: ${schema}`);
  });
  expect(bad).toEqual([]);
});

test('the environment is read in platform/config only', () => {
  const allowed = /^src\/(platform\/config|cli|process|platform\/db\/embedded)/;
  expect(files.filter((file) => !allowed.test(file) && /process\.env/.test(textOf(file)))).toEqual([]);
});

test('the wall clock is read in platform/clock only', () => {
  const allowed = /^src\/(platform\/clock|cli|process|population)\//;
  expect(files.filter((file) => !allowed.test(file) && /\bDate\.now\(\)|new Date\(\)/.test(textOf(file)))).toEqual([]);
});

test('console is for commands only', () => {
  expect(files.filter((file) => !/^src\/(cli|process)\//.test(file) && /\bconsole\./.test(textOf(file)))).toEqual([]);
});

test('outbound HTTP goes through platform/http only', () => {
  const allowed = /^src\/(platform\/http|cli)\//;
  expect(
    files.filter((file) => !allowed.test(file) && /(?<![.\w#])fetch\(|from 'node:https?'/.test(textOf(file))),
  ).toEqual([]);
});

test('there are no rooms for odds and ends, no default exports, no enums, no barrels', () => {
  expect(files.filter((file) => /\/(utils?|helpers?|common|misc|manager|base)(\/|\.ts$)/.test(file))).toEqual([]);
  expect(
    files.filter((file) => /^export default|^(export )?(const )?enum |^export \* from/m.test(textOf(file))),
  ).toEqual([]);
});

test('no source file outgrows 300 lines but for tables of data', () => {
  const tables = /languages|countries|names|places|streets|demo\/|categories/;
  expect(files.filter((file) => !tables.test(file) && textOf(file).split('\n').length > 320)).toEqual([]);
});
