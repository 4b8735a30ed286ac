import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What the file holds, made once: a crash leaves no half a file, and of two processes the first one's stays. */
export function readOrMake(file: string, make: () => string): string {
  if (!existsSync(file)) {
    const fresh = `${file}.${process.pid}`;
    writeFileSync(fresh, make(), { mode: 0o600, flush: true });
    try {
      linkSync(fresh, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh);
    }
  }
  return readFileSync(file, 'utf8');
}
