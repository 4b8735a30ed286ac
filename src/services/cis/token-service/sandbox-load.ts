import { z } from 'zod';
import type { Queryable } from '../../../platform/db/database.ts';
import { isStorable } from '../../../platform/db/is-storable.ts';
import { type Registration, RegistrationError, replaceApplication } from '../../../platform/identity/applications.ts';
import { identityProduct, type Product } from '../../../platform/identity/products.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { providerContext } from './providers.ts';
import { upsertProvider } from './queries.ts';

const keySet = z.looseObject({ keys: z.array(z.looseObject({})) });

/** An application as a suite brings it; `products: []` subscribes to nothing, leaving it out to what most suites need. */
export const applicationShape = z.strictObject({
  apiKey: z.string(),
  name: z.string().optional(),
  secret: z.string().optional(),
  jwks: keySet.optional(),
  jwksUrl: z.string().optional(),
  redirectUris: z.array(z.string()).optional(),
  products: z.array(z.strictObject({ name: z.string(), scopes: z.array(z.string()).default([]) })).optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  status: z.enum(['approved', 'pending', 'revoked', 'organisation-inactive', 'developer-inactive']).optional(),
  odsCode: z.string().optional(),
});
export type LoadedApplication = z.infer<typeof applicationShape>;

/** An identity provider as a suite brings it; with addresses, it is the one at which people log on. */
export const providerShape = z.strictObject({
  issuer: z.string(),
  kind: z.enum(['cis2', 'nhs-login']),
  jwks: keySet.optional(),
  jwksUri: z.string().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  authorizationEndpoint: z.string().optional(),
  tokenEndpoint: z.string().optional(),
  userinfoEndpoint: z.string().optional(),
});
export type LoadedProvider = z.infer<typeof providerShape>;

const service = 'personal-demographics-service';

/** What an application is subscribed to that says nothing of products: demographics, for itself and for people. */
const usualProducts: readonly Product[] = [
  {
    name: service,
    scopes: [
      `urn:nhsd:apim:app:level3:${service}`,
      `urn:nhsd:apim:user-nhs-id:aal2:${service}`,
      `urn:nhsd:apim:user-nhs-id:aal3:${service}`,
      `urn:nhsd:apim:user-nhs-login:P0:${service}`,
      `urn:nhsd:apim:user-nhs-login:P5:${service}`,
      `urn:nhsd:apim:user-nhs-login:P9:${service}`,
    ],
  },
];
const usualAsid = '200000001234';

/** Puts applications in, over those with the same API key. Throws RegistrationError with what is wrong with which. */
export async function loadApplications(
  tx: Queryable,
  applications: readonly LoadedApplication[],
  now: number,
): Promise<void> {
  for (const application of applications) {
    try {
      await replaceApplication(tx, registrationOf(application), now);
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error;
      throw new RegistrationError(`cis/applications/${application.apiKey}: ${error.message}`);
    }
  }
}

function registrationOf(given: LoadedApplication): Registration {
  const { asid = usualAsid, ...attributes } = given.attributes ?? {};
  const products = given.products ?? usualProducts;
  return {
    appId: given.apiKey,
    name: given.name ?? given.apiKey,
    odsCode: given.odsCode,
    asid: asid === '' ? undefined : asid,
    // whoever subscribes to anything has the token service with it
    products: products.length === 0 ? [] : [identityProduct, ...products],
    attributes,
    jwks: given.jwks,
    jwksUrl: given.jwksUrl,
    redirectUris: given.redirectUris,
    secret: given.secret,
    status: given.status,
  };
}

/** Puts identity providers in, over those with the same issuer; of several of one kind the last is asked at log-on. */
export async function loadProviders(
  tx: Queryable,
  vault: Vault,
  providers: readonly LoadedProvider[],
  now: number,
): Promise<void> {
  for (const [i, provider] of providers.entries()) {
    if (!isStorable(provider))
      throw new RegistrationError(`cis/providers/${i}: it holds characters that cannot be kept.`);
    for (const name of ['jwksUri', 'authorizationEndpoint', 'tokenEndpoint', 'userinfoEndpoint'] as const)
      if (provider[name] !== undefined && !URL.canParse(provider[name]))
        throw new RegistrationError(`cis/providers/${provider.issuer}: ${name} is not an absolute address.`);
    await tx.query(
      upsertProvider({
        issuer: provider.issuer,
        kind: provider.kind,
        jwks: provider.jwks ?? null,
        jwks_uri: provider.jwksUri ?? null,
        client_id: provider.clientId ?? null,
        client_secret:
          provider.clientSecret === undefined
            ? null
            : vault.seal(provider.clientSecret, providerContext(provider.issuer)),
        authorization_endpoint: provider.authorizationEndpoint ?? null,
        token_endpoint: provider.tokenEndpoint ?? null,
        userinfo_endpoint: provider.userinfoEndpoint ?? null,
        loaded_at: new Date(now + i),
      }),
    );
  }
}
