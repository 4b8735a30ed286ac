import { fileURLToPath } from 'node:url';
import type { Migrations } from './platform/db/migrate.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Every room that has tables, in the order in which they are made. */
export const rooms: readonly Migrations[] = [
  { room: 'jobs', directory: at('./platform/jobs/migrations') },
  { room: 'audit', directory: at('./platform/audit/migrations') },
  { room: 'events', directory: at('./platform/events/migrations') },
  { room: 'identity', directory: at('./platform/identity/migrations') },
  { room: 'cis', directory: at('./services/cis/migrations') },
  { room: 'mesh', directory: at('./services/mesh/migrations') },
  { room: 'sandbox', directory: at('./sandbox/migrations') },
  { room: 'pds', directory: at('./services/pds/migrations') },
  { room: 'population', directory: at('./population/migrations') },
];
