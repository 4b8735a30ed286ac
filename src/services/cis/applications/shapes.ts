import { z } from 'zod';
import type { Application } from '../../../platform/identity/applications.ts';

const modes = [
  'application-restricted',
  'privileged-application-restricted',
  'healthcare-worker',
  'patient-access',
] as const;
const keySet = z.looseObject({ keys: z.array(z.looseObject({})) });
const short = z.string().min(1).max(200);

/** What a developer tells of an application to register. */
export const registrationShape = z.strictObject({
  name: short,
  odsCode: short.optional(),
  asid: short.optional(),
  modes: z.array(z.enum(modes)).max(modes.length).default([]),
  products: z
    .array(z.strictObject({ name: short, scopes: z.array(short).max(50).default([]) }))
    .max(50)
    .default([]),
  attributes: z.record(short, z.string().max(2000)).default({}),
  redirectUris: z.array(z.string().max(2000)).max(20).default([]),
  publicKeyPem: z.string().max(20_000).optional(),
  jwks: keySet.optional(),
  jwksUrl: z.string().max(2000).optional(),
  kid: short.optional(),
  /** Whether a client secret shall be made, for combined log-on. */
  withSecret: z.boolean().default(false),
});

export const keyShape = z.strictObject({
  publicKeyPem: z.string().max(20_000).optional(),
  jwks: keySet.optional(),
  kid: short.optional(),
});

/** An application as its developer sees it; nothing secret is in it, and nobody can be shown a secret again. */
export function shownTo(application: Application): object {
  const { appId, name, odsCode, asid, status, products, attributes, jwks, jwksUrl, redirectUris, secretHash } =
    application;
  return {
    apiKey: appId,
    name,
    odsCode,
    asid,
    status,
    products,
    attributes,
    keys: (jwks?.keys ?? []).map(({ kid }) => ({ kid })),
    jwksUrl,
    redirectUris,
    hasSecret: secretHash !== undefined,
  };
}
