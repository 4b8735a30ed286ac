import type { Database } from '../../../../platform/db/database.ts';
import type { OwnAddress } from '../../../../platform/http/own-address.ts';
import type { Applications } from '../../../../platform/identity/applications.ts';
import type { Assertions } from '../../../../platform/identity/assertions.ts';
import type { AuthProvider } from '../../../../platform/identity/principal.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import type { StaffDirectory } from '../../staff-directory.ts';
import type { Standing } from '../../standing.ts';
import type { ClientKeys } from '../client-keys.ts';
import type { IdentityProvider, IdentityProviders, ProviderKeys } from '../providers.ts';

/** What the operations of a token service stand on. A sandbox has two of them, at `/oauth2` and at `/oauth2-mock`. */
export type TokenServiceParts = {
  readonly base: '/oauth2' | '/oauth2-mock';
  readonly db: Database;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly assertions: Assertions;
  /** Keys of clients. */
  readonly keys: ClientKeys;
  readonly providers: IdentityProviders;
  readonly providerKeys: ProviderKeys;
  readonly staff: Pick<StaffDirectory, 'find'>;
  readonly standing: Standing;
  readonly address: OwnAddress;
  readonly authProvider: (provider: IdentityProvider) => AuthProvider;
  /** Scheme and host of our token address; undefined: the address asked. */
  readonly issuerBase: string | undefined;
  readonly scheme: 'http' | 'https';
};
