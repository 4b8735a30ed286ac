import { openSpine } from '../spine.ts';
import { beWorker } from './be-worker.ts';

// One worker process; the supervisor forks this file.
beWorker(openSpine);
