import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';
import { type DatabaseForCli, openDatabaseForCli } from '../../src/cli/database.ts';
import { main } from '../../src/cli/main.ts';
import type { Database } from '../../src/platform/db/database.ts';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { heard } from './command.ts';
import { childrenOf, dataDirectory, type Program, runOpenspine } from './program.ts';

/**
 * A sandbox of several processes with data of its own, to be killed and started again at the same address; no demo
 * patients. To be made where a test file begins: it is ended with the file.
 */
export class Installation {
  readonly directory: string = dataDirectory();
  #program: Program | undefined;
  #url = '';
  #left: DatabaseForCli | undefined;

  constructor() {
    afterAll(() => this.#left?.close());
  }

  /** The supervisor as it runs now. */
  get program(): Program {
    if (!this.#program) throw new Error('not started yet');
    return this.#program;
  }

  /** Where it listens, whichever processes do. */
  get url(): string {
    return this.#url;
  }

  async start(): Promise<void> {
    this.#run('0');
    this.#url = await this.program.url;
  }

  #run(port: string): void {
    this.#program = runOpenspine(['serve', '--workers', '2'], this.directory, {
      OPENSPINE_DEMO_PATIENTS: '0',
      OPENSPINE_PORT: port,
      OPENSPINE_LOG_LEVEL: 'silent',
      OPENSPINE_CARD_PORT: 'off',
    });
  }

  /** Kills the supervisor and whom else is given, and starts again. */
  async restart(...victims: readonly number[]): Promise<void> {
    for (const pid of [this.program.pid, ...victims]) process.kill(pid, 'SIGKILL');
    this.#run(new URL(this.#url).port);
    expect(await this.program.url).toBe(this.#url);
  }

  postgres(): number {
    return findEmbedded(this.directory)?.pid as number;
  }

  workers(): number[] {
    return childrenOf(this.program.pid).filter((pid) => pid !== this.postgres());
  }

  /** Workers and PostgreSQL. */
  everybodyElse(): number[] {
    return childrenOf(this.program.pid);
  }

  /** Calls `/sandbox/<name>`; the parsed answer. */
  async control(name: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.#url}/sandbox/${name}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`sandbox/${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  /** Waits until this many more were counted than when it was called; fails, saying what `told`, after a minute and a half. */
  async progress(counted: readonly unknown[], more: number, told: readonly string[]): Promise<void> {
    const wanted = counted.length + more;
    const until = performance.now() + 90_000;
    while (counted.length < wanted) {
      if (performance.now() > until) throw new Error(`no progress: ${told.join('\n')}\n${this.program.output()}`);
      await pause(20);
    }
  }

  /** The database that the program left behind when it was stopped. */
  async leftDatabase(): Promise<Database> {
    this.#left ??= await openDatabaseForCli({ OPENSPINE_DATA: this.directory });
    return this.#left.db;
  }

  /** Checks the audit log it left behind, by the command an operator uses: nothing may be found. How many entries it has. */
  async verifiedAuditEntries(): Promise<number> {
    const { code, out } = await heard(main, { OPENSPINE_DATA: this.directory }, ['audit', 'verify', '--json']);
    const result = JSON.parse(out.join('\n')) as { findings: unknown[]; entries: number; unsealed: number };
    expect({ code, findings: result.findings, unsealed: result.unsealed }).toEqual({
      code: 0,
      findings: [],
      unsealed: 0,
    });
    return result.entries;
  }
}
