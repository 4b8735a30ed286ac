import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  accessErrors,
  actorErrors,
  assertionErrors,
  faults,
  generalErrors,
  logOnErrors,
  logoutErrors,
  type OauthErrorKind,
  providerErrors,
  subjectErrors,
} from '../../src/services/cis/token-service/errors.ts';
import { modeDenied, outcomeOf, type PdsErrorKind, pdsErrors } from '../../src/services/pds/errors.ts';
import { blocksIn, readPage, root, tableRows } from './markdown.ts';

/** The pages of a folder of docs/errors by their title. */
function pagesOf(folder: string): Map<string, string> {
  const pages = readdirSync(join(root, 'docs/errors', folder)).map((file) => readPage(`docs/errors/${folder}/${file}`));
  return new Map(pages.map((page) => [/^# (.+)$/m.exec(page)?.[1] ?? '', page]));
}

const sorted = (values: Iterable<string>) => [...new Set(values)].sort();

describe('PDS errors', () => {
  const pages = pagesOf('pds');
  const kinds: PdsErrorKind[] = Object.values(pdsErrors);

  /** Codes with a 403 of an access mode, whose display names the mode: found where they are refused. */
  const ofModes = (() => {
    const source = join(root, 'src/services/pds');
    const texts = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(source, file), 'utf8'));
    return texts.flatMap((text) =>
      [...text.matchAll(/\bmodeDenied\(\s*'([A-Z_]+)'/g)].map(([, code]) => code as 'ACCESS_DENIED'),
    );
  })();

  test('each code has its page, each page its code', () => {
    expect([...pages.keys()].sort()).toEqual(sorted([...kinds.map(({ code }) => code), ...ofModes, 'ACCESS_DENIED']));
  });

  test.each([...pages])('%s is tabulated as it is answered', (code, page) => {
    const rows = tableRows(page);
    const said = rows.filter((row) => !row.join().includes('{mode}')).map((row) => row.join(' | '));
    const answered = kinds
      .filter((kind) => kind.code === code)
      .map(({ status, display, issueCode, severity }) => [status, display, issueCode, severity].join(' | '));
    expect(said.sort()).toEqual(answered.sort());
    for (const [status, display, issueCode, severity] of rows.filter((row) => row.join().includes('{mode}'))) {
      const kind = modeDenied(code as 'ACCESS_DENIED', display as string);
      expect([status, issueCode, severity]).toEqual([String(kind.status), kind.issueCode, kind.severity]);
    }
    if (ofModes.includes(code as 'ACCESS_DENIED')) expect(rows.some((row) => row.join().includes('{mode}'))).toBe(true);
  });

  test.each([...pages])('the example of %s is what the service writes', (code, page) => {
    const [block] = blocksIn(page).filter(({ language }) => language === 'json');
    const example = JSON.parse(block?.text ?? '') as { issue: { details: object; diagnostics?: string }[] };
    const { diagnostics } = example.issue[0] ?? {};
    const denied = modeDenied('INVALID_METHOD', 'Cannot update resource with application-restricted access token');
    const written = [...kinds, denied].filter((kind) => kind.code === code).map((kind) => outcomeOf(kind, diagnostics));
    expect(written).toContainEqual(example);
    if (diagnostics !== undefined) expect(page).toContain(`- \`${diagnostics}\``);
  });
});

describe('token service errors', () => {
  const pages = pagesOf('token');
  const kinds: OauthErrorKind[] = [
    generalErrors,
    assertionErrors,
    subjectErrors,
    actorErrors,
    accessErrors,
    logOnErrors,
    logoutErrors,
    providerErrors,
  ].flatMap((group) => Object.values(group));

  test('each error has its page, each page its error', () => {
    expect([...pages.keys()].sort()).toEqual(sorted([...kinds.map(({ error }) => error), 'fault']));
  });

  test.each(sorted(kinds.map(({ error }) => error)))('%s lists each of its descriptions with its status', (error) => {
    const page = pages.get(error) ?? '';
    const answered = kinds.filter((kind) => kind.error === error);
    expect(
      tableRows(page)
        .map(([status, description]) => `${status} ${description}`)
        .sort(),
    ).toEqual(sorted(answered.map(({ status, description }) => `${status} ${description}`)));
    const [block] = blocksIn(page);
    const example = JSON.parse(block?.text ?? '') as { error_description: string };
    expect(example).toEqual({
      error,
      error_description: expect.toBeOneOf(answered.map(({ description }) => description)),
      message_id: expect.any(String),
    });
  });

  test('the faults of a resource are all there', () => {
    const rows = tableRows(pages.get('fault') ?? '').map(([errorcode, faultstring]) => ({ faultstring, errorcode }));
    expect(rows).toEqual(Object.values(faults));
  });
});

test('the index names every page', () => {
  const index = readPage('docs/errors/README.md');
  const named = [...index.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path as string);
  const there = ['pds', 'token'].flatMap((folder) =>
    readdirSync(join(root, 'docs/errors', folder)).map((file) => `${folder}/${file}`),
  );
  expect(named.sort()).toEqual(there.sort());
});
