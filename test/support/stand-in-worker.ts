import { existsSync } from 'node:fs';
import { beWorker } from '../../src/process/be-worker.ts';
import { openStandIn } from './stand-in-spine.ts';

// A worker for tests; it cannot start while the file named by OPENSPINE_TEST_BROKEN exists.
beWorker(async (config, surroundings) => {
  if (existsSync(process.env.OPENSPINE_TEST_BROKEN ?? '')) throw new Error('this build is broken');
  return openStandIn(config, surroundings);
});
