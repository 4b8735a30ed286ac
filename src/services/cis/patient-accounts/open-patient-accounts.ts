import type { Queryable } from '../../../platform/db/database.ts';
import type { Service } from '../../../platform/http/operation.ts';
import { accessDialect } from '../access/wire/dialect.ts';
import type { CisParts } from '../parts.ts';
import type { DeskParts } from './desk.ts';
import { emptyAccounts } from './queries.ts';
import { base, patientAccountOperations } from './wire/operations.ts';

/** Accounts by which patients log on: who vouches for them, and what becomes of them. */
export function openPatientAccounts(
  { db, audit, tokens, demographics }: CisParts,
  desk: Pick<DeskParts, 'authenticators' | 'endAllIn'>,
) {
  const service: Service = {
    name: 'patient-accounts',
    title: 'Accounts of patients (ours)',
    dialect: { ...accessDialect(tokens), base },
    operations: patientAccountOperations({ db, audit, demographics, ...desk }),
  };
  return {
    services: [service] as readonly Service[],
    /** Forgets all accounts. Sandbox only. */
    forgetAll: (tx: Queryable) => emptyAccounts(tx),
  };
}
