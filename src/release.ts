import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What this build is, as the ping answers say it. */
export const release = {
  version: `v${version}`,
  revision: version,
  releaseId: `openspine-${version}`,
  commitId: commit(),
} as const;

/** The commit checked out, where this is a checkout. */
function commit(): string {
  try {
    const head = readFileSync(new URL('../.git/HEAD', import.meta.url), 'utf8').trim();
    if (!head.startsWith('ref: ')) return head;
    return readFileSync(new URL(`../.git/${head.slice(5)}`, import.meta.url), 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
