import { parseArgs } from 'node:util';
import { publishedSeals, sealerIn } from '../platform/audit/seal.ts';
import { type Verification, verifyAudit } from '../platform/audit/verify.ts';
import { readConfig } from '../platform/config/config.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine audit verify: read the whole audit log and report every change, gap, insertion and removal

  --json   write the result as JSON

The exit code is 1 when anything is wrong with the log.

Example:
  openspine audit verify --json`;

/** `openspine audit verify`: checks entries against their chains, chains against seals, seals against their copies. */
export const command: Command = {
  name: 'audit',
  summary: 'verify: find any change, gap or removal in the audit log',
  help,
  async run(args, io) {
    const { values, positionals } = parseArgs({ args, options: { json: { type: 'boolean' } }, allowPositionals: true });
    if (positionals.length !== 1 || positionals[0] !== 'verify') {
      io.err('openspine audit: say "verify"; see openspine audit --help');
      return 2;
    }
    const { dataDirectory } = readConfig(io.env);
    const { db, close } = await openDatabaseForCli(io.env);
    try {
      const result = await verifyAudit(db, sealerIn(dataDirectory), publishedSeals(dataDirectory));
      if (values.json) io.out(JSON.stringify(result));
      else report(result, io);
      return result.findings.length === 0 ? 0 : 1;
    } finally {
      await close();
    }
  },
};

function report({ entries, chains, seals, unsealed, findings }: Verification, io: Io): void {
  io.out(`${entries} entries in ${chains} chains, ${seals} seals, ${unsealed} entries not sealed yet`);
  for (const { writer, seq, what } of findings) io.out(`chain ${writer} at ${seq}: ${what}`);
  io.out(
    findings.length === 0 ? 'The audit log is whole.' : `${findings.length} findings: the audit log is not whole.`,
  );
}
