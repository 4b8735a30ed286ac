import { type AccessMode, privilegedPdsScope } from './principal.ts';

/** A product an application subscribes to, with the scopes it brings. */
export type Product = { readonly name: string; readonly scopes: readonly string[] };

/** The product without which an application may not use the token service at all. Its name is ours. */
export const identityProduct: Product = { name: 'identity-service', scopes: [] };

const scopesOfMode: Readonly<Record<AccessMode, readonly string[]>> = {
  'healthcare-worker': [
    'urn:nhsd:apim:user-nhs-id:aal2:personal-demographics-service',
    'urn:nhsd:apim:user-nhs-id:aal3:personal-demographics-service',
  ],
  'patient-access': ['urn:nhsd:apim:user-nhs-login:P9:personal-demographics-service'],
  'application-restricted': ['urn:nhsd:apim:app:level3:personal-demographics-service'],
  'privileged-application-restricted': [privilegedPdsScope],
};

/** The products an application of these modes subscribes to: the token service, and demographics in each mode. */
export function productsFor(modes: readonly AccessMode[]): Product[] {
  if (modes.length === 0) return [];
  return [
    identityProduct,
    ...modes.map((mode) => ({ name: `personal-demographics-service-${mode}`, scopes: scopesOfMode[mode] })),
  ];
}
