import { ConfigError } from '../../platform/config/config.ts';
import type { Service } from '../../platform/http/operation.ts';
import { outbound } from '../../platform/http/outbound.ts';
import { Assertions } from '../../platform/identity/assertions.ts';
import type { CisParts } from './parts.ts';
import { openStaffDirectory } from './registration/directory/open-staff-directory.ts';
import { loadDemoStaff } from './registration/loading/demo-staff.ts';
import type { StaffLoad } from './registration/loading/staff-load.ts';
import { ClientKeys } from './token-service/client-keys.ts';
import { authorizeOperation } from './token-service/wire/authorize.ts';
import { backchannelLogoutOperation } from './token-service/wire/backchannel-logout.ts';
import { callbackOperation } from './token-service/wire/callback.ts';
import { oauthDialect } from './token-service/wire/dialect.ts';
import { pingOperation, pingPath, statusOperation, statusPath } from './token-service/wire/monitoring.ts';
import { tokenOperation } from './token-service/wire/token.ts';
import { userinfoOperation } from './token-service/wire/userinfo.ts';

export type { CisParts, StaffLoad };
export { loadDemoStaff };

/** Identity of staff, patients and applications. Throws ConfigError where it could not tell its own address from another's. */
export function openCis(parts: CisParts): { readonly services: readonly Service[] } {
  const { config, db, clock, tokens, applications, release, isHealthy } = parts;
  const isProduction = config.mode === 'production';
  // an assertion made for another token service must not be good here because a caller chose our Host header
  if (isProduction && config.issuerBase === undefined)
    throw new ConfigError('Production mode refuses to start the token service without OPENSPINE_ISSUER_BASE.');
  const directory = openStaffDirectory(db, clock);
  tokens.readRolesFrom(directory.liveRoles);
  const ask = parts.outbound ?? outbound({ isGuarded: isProduction });
  const ping = pingOperation(release);
  const status = statusOperation({ release, statusApiKey: config.statusApiKey, isHealthy });
  const tokenService: Service = {
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
  return { services: [tokenService] };
}
