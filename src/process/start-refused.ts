import { ConfigError } from '../platform/config/config.ts';
import { DatabaseUnavailable } from '../platform/db/server-files.ts';

/** The program cannot start or go on; the message is one sentence for the person who started it. */
export class StartRefused extends Error {}

/** True when the error's message says all that the person who started the program needs. */
export function isForPerson(error: unknown): error is Error {
  return error instanceof StartRefused || error instanceof DatabaseUnavailable || error instanceof ConfigError;
}
