import { migrateSchema } from '../process/prepare-database.ts';
import type { Command } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine migrate: bring the schema of the database up to date

It may run while a Spine serves: each migration is compatible with the release before.

Example:
  OPENSPINE_DATABASE_URL=postgres://spine@db/spine openspine migrate`;

/** `openspine migrate`: applies what is not applied yet and names it. */
export const command: Command = {
  name: 'migrate',
  summary: 'bring the schema of the database up to date',
  help,
  async run(_args, io) {
    const { db, close } = await openDatabaseForCli(io.env);
    try {
      const applied = await migrateSchema(db);
      for (const name of applied) io.out(`applied ${name}`);
      if (applied.length === 0) io.out('The schema is up to date.');
      return 0;
    } finally {
      await close();
    }
  },
};
