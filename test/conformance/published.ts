import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const contracts = process.env.OPENSPINE_CONTRACTS ?? join(root, '../shared/contracts');

/** The published examples of one service, in the directory that OPENSPINE_CONTRACTS names. */
export function publishedExamples(service: string) {
  const directory = join(contracts, service, 'examples');
  return {
    directory,
    isThere: existsSync(directory),
    /** Paths below the directory of one kind of example, e.g. `search/empty_searchset.json`. */
    of: (kind: string): string[] =>
      existsSync(join(directory, kind))
        ? readdirSync(join(directory, kind))
            .filter((file) => file.endsWith('.json'))
            .sort()
            .map((file) => `${kind}/${file}`)
        : [],
    // biome-ignore lint/suspicious/noExplicitAny: whatever was published
    read: (path: string): any => JSON.parse(readFileSync(join(directory, path), 'utf8')),
  };
}

export type PublishedExamples = ReturnType<typeof publishedExamples>;
