import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The words and passwords that guessers try first, in small letters; our own list. */
export const commonestPasswords: ReadonlySet<string> = new Set(
  readFileSync(join(import.meta.dirname, 'commonest-passwords.txt'), 'utf8')
    .split('\n')
    .filter(Boolean),
);
