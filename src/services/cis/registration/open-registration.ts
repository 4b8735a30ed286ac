import type { Service } from '../../../platform/http/operation.ts';
import type { CisParts } from '../parts.ts';
import type { OpenStaffDirectory } from './directory/open-staff-directory.ts';
import { resetStaff } from './loading/load-staff.ts';
import { usersThere } from './loading/queries.ts';
import { forgetOldRegistrationRequests } from './queries-record.ts';
import type { RegistrationParts } from './registration-parts.ts';
import { registrationDialect } from './wire/dialect.ts';
import { identityOperations } from './wire/identity-operations.ts';
import { positionOperations } from './wire/position-operations.ts';

const dayMillis = 86_400_000;

export type Registration = {
  readonly services: readonly Service[];
  /** Forgets request ids after seven days. */
  readonly chore: (now: number) => Promise<void>;
  /** Back to the demo nation's staff, or to nobody; live sessions follow. Sandbox only. */
  readonly reset: (population: 'demo' | 'none') => Promise<void>;
};

/** The Registration Authority: who works where in which role, by whose decision. */
export function openRegistration(
  parts: Pick<CisParts, 'db' | 'clock' | 'audit' | 'tokens' | 'vault'>,
  others: { readonly directory: OpenStaffDirectory } & Pick<
    RegistrationParts,
    'cards' | 'authenticators' | 'endSessionsIn'
  >,
): Registration {
  const { db, clock, tokens } = parts;
  const registration = { ...parts, ...others };
  return {
    services: [
      {
        name: 'registration-authority',
        title: 'Registration Authority (ours)',
        dialect: registrationDialect(tokens),
        operations: [...identityOperations(registration), ...positionOperations(registration)],
      },
    ],
    async chore(now) {
      await db.query(forgetOldRegistrationRequests(now - 7 * dayMillis));
    },
    async reset(population) {
      await db.transaction(async (tx) => {
        const before = await usersThere(tx);
        await resetStaff(tx, population, clock.now());
        for (const userId of new Set([...before, ...(await usersThere(tx))])) await tokens.rereadIn(tx, userId);
      });
    },
  };
}
