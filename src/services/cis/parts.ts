import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Config } from '../../platform/config/config.ts';
import type { Database } from '../../platform/db/database.ts';
import type { InProcess } from '../../platform/http/in-process.ts';
import type { Release } from '../../platform/http/ops.ts';
import type { Outbound } from '../../platform/http/outbound.ts';
import type { OwnAddress } from '../../platform/http/own-address.ts';
import type { Applications } from '../../platform/identity/applications.ts';
import type { Tokens } from '../../platform/identity/tokens.ts';
import type { Vault } from '../../platform/identity/vault.ts';
import type { PatientIdentity } from '../pds/index.ts';
import type { Demographics } from './access/legitimate-access.ts';

/** What every room of CIS stands on. */
export type CisParts = {
  readonly config: Pick<
    Config,
    | 'mode'
    | 'issuerBase'
    | 'statusApiKey'
    | 'tls'
    | 'dataDirectory'
    | 'logoutAddresses'
    | 'massLookUps'
    | 'phoneLogOn'
    | 'passwordLogOn'
  >;
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly vault: Vault;
  readonly address: OwnAddress;
  /** What PDS knows of patients that decides who may look at their records. */
  readonly demographics: Demographics;
  /** Who a patient is by PDS, on a day (yyyy-mm-dd); undefined where there is no such patient (any more). */
  readonly identityOf: (nhsNumber: string, day: string) => Promise<PatientIdentity | undefined>;
  /** This Spine, asked without a network: our own providers and token service ask each other so. */
  readonly own: InProcess;
  readonly release: Release;
  /** Whether what the service stands on works, for `_status`. */
  readonly isHealthy: () => Promise<boolean>;
  /** How other machines are asked; by default as the mode allows. */
  readonly outbound?: Outbound;
};
