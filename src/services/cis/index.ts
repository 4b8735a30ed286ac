import type { Clock } from '../../platform/clock/clock.ts';
import { type Config, ConfigError } from '../../platform/config/config.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Service } from '../../platform/http/operation.ts';
import { type Outbound, outbound } from '../../platform/http/outbound.ts';
import type { Applications } from '../../platform/identity/applications.ts';
import { Assertions } from '../../platform/identity/assertions.ts';
import type { Tokens } from '../../platform/identity/tokens.ts';
import { ClientKeys } from './token-service/client-keys.ts';
import { authorizeOperation } from './token-service/wire/authorize.ts';
import { backchannelLogoutOperation } from './token-service/wire/backchannel-logout.ts';
import { callbackOperation } from './token-service/wire/callback.ts';
import { oauthDialect } from './token-service/wire/dialect.ts';
import { pingOperation, pingPath, type Release, statusOperation, statusPath } from './token-service/wire/monitoring.ts';
import { tokenOperation } from './token-service/wire/token.ts';
import { userinfoOperation } from './token-service/wire/userinfo.ts';

export type CisParts = {
  readonly config: Pick<Config, 'mode' | 'issuerBase' | 'statusApiKey' | 'tls'>;
  readonly db: Database;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly release: Release;
  /** Whether what the service stands on works, for `_status`. */
  readonly isHealthy: () => Promise<boolean>;
  /** How other machines are asked; by default as the mode allows. */
  readonly outbound?: Outbound;
};

/** The token service. Throws ConfigError where it could not tell its own address from another's. */
export function cisService(parts: CisParts): Service {
  const { config, db, clock, tokens, applications, release, isHealthy } = parts;
  const isProduction = config.mode === 'production';
  // an assertion made for another token service must not be good here because a caller chose our Host header
  if (isProduction && config.issuerBase === undefined)
    throw new ConfigError('Production mode refuses to start the token service without OPENSPINE_ISSUER_BASE.');
  const ask = parts.outbound ?? outbound({ isGuarded: isProduction });
  const ping = pingOperation(release);
  const status = statusOperation({ release, statusApiKey: config.statusApiKey, isHealthy });
  return {
    name: 'cis',
    title: 'Token service',
    dialect: oauthDialect({ [pingPath]: ping.handle, [statusPath]: status.handle }),
    operations: [
      tokenOperation({
        applications,
        assertions: new Assertions(db),
        keys: new ClientKeys(ask, clock),
        tokens,
        issuerBase: config.issuerBase,
        scheme: config.tls ? 'https' : 'http',
      }),
      authorizeOperation(applications),
      callbackOperation(),
      userinfoOperation(tokens),
      backchannelLogoutOperation(),
      ping,
      status,
    ],
  };
}
