import type { Service } from '../../../platform/http/operation.ts';
import type { CisParts } from '../parts.ts';
import { developerDialect } from './wire/dialect.ts';
import { applicationOperations } from './wire/operations.ts';

/** The registry of applications as developers see it. */
export function openApplications({ config, db, clock, tokens, applications }: CisParts): Service {
  return {
    name: 'developer',
    title: 'Applications, for their developers (ours)',
    dialect: developerDialect(tokens),
    operations: applicationOperations({
      db,
      clock,
      statusAtFirst: config.mode === 'sandbox' ? 'approved' : 'pending',
      forget: () => applications.forget(),
    }),
  };
}
