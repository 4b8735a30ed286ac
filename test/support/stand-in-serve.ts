import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/platform/config/config.ts';
import { serve } from '../../src/process/serve.ts';
import { isForPerson } from '../../src/process/start-refused.ts';
import { openStandIn } from './stand-in-spine.ts';

// The program as `openspine serve` runs it, around a Spine that does next to nothing.
const say = (line: string) => process.stdout.write(`${line}\n`);
try {
  process.exitCode = await serve({
    config: readConfig(),
    onProgress: say,
    onEvent: say,
    onReady: (port) => say(`Ready on http://127.0.0.1:${port}`),
    prepareDatabase: async () => {},
    openSpine: async () => openStandIn,
    workerFile: fileURLToPath(new URL('./stand-in-worker.ts', import.meta.url)),
  });
} catch (error) {
  if (!isForPerson(error)) throw error;
  say(error.message);
  process.exitCode = 1;
}
