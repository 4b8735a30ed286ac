import { parseArgs } from 'node:util';
import { type SeedProgress, seedPatients } from '../population/seed.ts';
import { migrateSchema } from '../process/prepare-database.ts';
import type { Command, Io } from './command.ts';
import { openDatabaseForCli } from './database.ts';

const help = `openspine seed: fill PDS with a synthetic nation

  --patients N   how many people (person n is the same in every nation of one seed)
  --from N       the first person's index (0)
  --seed N       which nation (1)

Cut short, the same command goes on where it was. Nothing else should use PDS meanwhile.

Example:
  openspine seed --patients 1000000`;

/** `openspine seed`: loads synthetic people by COPY, with progress and rate; can be resumed. */
export const command: Command = {
  name: 'seed',
  summary: 'fill PDS with a synthetic nation of any size',
  help,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        patients: { type: 'string' },
        from: { type: 'string', default: '0' },
        seed: { type: 'string', default: '1' },
      },
    });
    const [count, from, seed] = [Number(values.patients), Number(values.from), Number(values.seed)];
    if (![count, from, seed].every((number) => Number.isSafeInteger(number) && number >= 0) || count === 0) {
      io.err('openspine seed: give --patients N (and --from N, --seed N) as whole numbers; see openspine seed --help');
      return 2;
    }
    const { db, close } = await openDatabaseForCli(io.env);
    try {
      await migrateSchema(db);
      const began = performance.now();
      await seedPatients({ db, seed, from, count, onProgress: reporter(io, began) });
      io.out(`${count.toLocaleString('en')} people of nation ${seed} are loaded (${seconds(began)} s)`);
      return 0;
    } finally {
      await close();
    }
  },
};

const seconds = (began: number): string => ((performance.now() - began) / 1000).toFixed(1);

/** One line a second at most: how many, of how many, how fast. */
function reporter(io: Io, began: number): (progress: SeedProgress) => void {
  let saidAt = 0;
  let first: number | undefined;
  return ({ stage, done, target }) => {
    first ??= done;
    if (performance.now() - saidAt < 1000 && done < target) return;
    saidAt = performance.now();
    const share = `${done.toLocaleString('en')} of ${target.toLocaleString('en')}`;
    const rate = Math.round((done - first) / ((performance.now() - began) / 1000)).toLocaleString('en');
    io.out(
      stage === 'load'
        ? `${seconds(began).padStart(7)} s  people ${share} (${rate}/s)`
        : `${seconds(began).padStart(7)} s  ${stage} ${share}`,
    );
  };
}
