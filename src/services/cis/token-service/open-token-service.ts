import { BlockList } from 'node:net';
import { inProcessAddress } from '../../../platform/http/in-process.ts';
import type { Service } from '../../../platform/http/operation.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import { Assertions } from '../../../platform/identity/assertions.ts';
import type { CisParts } from '../parts.ts';
import type { StaffDirectory } from '../staff-directory.ts';
import type { Standing } from '../standing.ts';
import { ClientKeys } from './client-keys.ts';
import { IdentityProviders, type OwnProviders, ProviderKeys, type SignAssertion } from './providers.ts';
import { forgetOldAttempts, forgetOldCodes, forgetOldLogOns } from './queries.ts';
import { authorizeOperation } from './wire/authorize.ts';
import { backchannelLogoutOperation } from './wire/backchannel-logout.ts';
import { callbackOperation } from './wire/callback.ts';
import { oauthDialect } from './wire/dialect.ts';
import { pingOperation, statusOperation } from './wire/monitoring.ts';
import type { TokenServiceParts } from './wire/parts.ts';
import { tokenOperation } from './wire/token.ts';
import { userinfoOperation } from './wire/userinfo.ts';

const dayMillis = 86_400_000;

export type TokenServiceSurroundings = {
  /** The two identity providers of this Spine. */
  readonly ownProviders: OwnProviders;
  readonly staff: Pick<StaffDirectory, 'find'>;
  readonly standing: Standing;
  /** Our proof to providers at which we have no secret. */
  readonly assertion: SignAssertion;
  /** How other machines are asked. */
  readonly ask: Outbound;
};

/** The token service at `/oauth2`, and in a sandbox by its second published address `/oauth2-mock` too. */
export function openTokenService(
  parts: CisParts,
  { ownProviders, staff, standing, assertion, ask }: TokenServiceSurroundings,
) {
  const { config, db, clock, vault } = parts;
  const providers = new IdentityProviders({ db, clock, vault, ask, own: ownProviders, assertion });
  const keys = new ClientKeys(ask, clock);
  const providerKeys = new ProviderKeys(clock);
  const assertions = new Assertions(db);
  const serviceAt = (base: TokenServiceParts['base'], title: string): Service => {
    const prefix = base === '/oauth2' ? '' : 'apim-mock-';
    const whole: TokenServiceParts = {
      base,
      db,
      tokens: parts.tokens,
      applications: parts.applications,
      assertions,
      keys,
      providers,
      providerKeys,
      staff,
      standing,
      address: parts.address,
      authProvider: ({ kind }) => (kind === 'cis2' ? `${prefix}nhs-cis2` : `${prefix}nhs-login`),
      issuerBase: config.issuerBase,
      scheme: config.tls ? 'https' : 'http',
    };
    const ping = pingOperation(base, parts.release);
    const status = statusOperation(whole, { ...parts, statusApiKey: config.statusApiKey });
    return {
      name: base === '/oauth2' ? 'cis' : 'cis-mock',
      title,
      dialect: oauthDialect(base, { [ping.path]: ping.handle, [status.path]: status.handle }),
      operations: [
        tokenOperation(whole),
        authorizeOperation(whole),
        callbackOperation(whole),
        userinfoOperation(whole),
        backchannelLogoutOperation(whole, addressesOf(config.logoutAddresses)),
        ping,
        status,
      ],
    };
  };
  return {
    services: [
      serviceAt('/oauth2', 'Token service'),
      ...(config.mode === 'sandbox' ? [serviceAt('/oauth2-mock', 'Token service, by its test address')] : []),
    ],
    /** Looks for providers and keys anew, after they were changed behind its back. */
    forget: () => {
      providers.forget();
      providerKeys.forget();
      keys.forget();
    },
    /** What is kept for a while only. */
    chore: async (now: number) => {
      await db.query(forgetOldAttempts(now - dayMillis));
      await db.query(forgetOldCodes(now - dayMillis));
      await db.query(forgetOldLogOns(now - 2 * dayMillis));
    },
  };
}

/** The addresses that may tell of ended sessions: our own provider's, and those given, or else this machine. */
function addressesOf(given: readonly string[]): BlockList {
  const list = new BlockList();
  for (const one of [inProcessAddress, ...(given.length > 0 ? given : ['127.0.0.0/8', '::1'])]) {
    const [address = '', bits] = one.split('/');
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
