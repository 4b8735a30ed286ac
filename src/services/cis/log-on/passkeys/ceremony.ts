import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { Passkey } from '../authenticator.ts';
import { refusePasskey } from './errors.ts';
import type { PasskeyFlags } from './passkey-rules.ts';

/** Where passkeys are good: our own origin, and its host as relying party. */
export type RelyingParty = { readonly origin: string; readonly id: string };

export function relyingPartyOf(base: string): RelyingParty {
  const { origin, hostname } = new URL(base);
  return { origin, id: hostname };
}

const patienceMillis = 120_000;

/** EdDSA, ES256, RS256 (COSE). */
const algorithms = [-8, -7, -257];

type KnownPasskey = Pick<Passkey, 'credentialId' | 'transports'>;
const described = ({ credentialId, transports }: KnownPasskey) => ({
  id: credentialId,
  transports: [...transports],
});

/** What the browser needs to make a passkey that knows its user and asks for a fingerprint or PIN each time. */
export function creationOptions(
  party: RelyingParty,
  user: { readonly handle: Buffer; readonly name: string; readonly displayName: string },
  challenge: string,
  existing: readonly KnownPasskey[],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'OpenSpine',
    rpID: party.id,
    userName: user.name,
    userDisplayName: user.displayName,
    userID: new Uint8Array(user.handle),
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: patienceMillis,
    attestationType: 'none',
    excludeCredentials: existing.map(described),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  });
}

/** What the browser needs to log on: with any passkey it has for us, or one of `allowed` where the user is known. */
export function requestOptions(
  party: RelyingParty,
  challenge: string,
  allowed: readonly KnownPasskey[] | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
    timeout: patienceMillis,
    userVerification: 'required',
    ...(allowed ? { allowCredentials: allowed.map(described) } : {}),
  });
}

const bytes = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);
const common = {
  id: bytes(1400),
  rawId: bytes(1400),
  type: z.literal('public-key'),
  clientExtensionResults: z.looseObject({}).optional().default({}),
  authenticatorAttachment: z.string().max(40).nullish(),
};
const assertionShape = z.object({
  ...common,
  response: z.object({
    clientDataJSON: bytes(8_000),
    authenticatorData: bytes(8_000),
    signature: bytes(4_000),
    // some security keys send an empty one
    userHandle: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_-]*$/)
      .nullish(),
  }),
});
const attestationShape = z.object({
  ...common,
  name: z.string().max(200).optional(),
  response: z.object({
    clientDataJSON: bytes(8_000),
    attestationObject: bytes(40_000),
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});
const clientDataShape = z.looseObject({
  challenge: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
});

export type Assertion = z.infer<typeof assertionShape> & { readonly challenge: string };
export type Attestation = z.infer<typeof attestationShape> & { readonly challenge: string };

/** The answer of a passkey to a log-on, as far as its shape goes. Throws a refusal. */
export const readAssertion = (body: Buffer): Assertion => read(body, assertionShape);

/** The answer of an authenticator that made a passkey, as far as its shape goes. Throws a refusal. */
export const readAttestation = (body: Buffer): Attestation => read(body, attestationShape);

function read<Shape extends { id: string; rawId: string; response: { clientDataJSON: string } }>(
  body: Buffer,
  shape: z.ZodType<Shape>,
): Shape & { readonly challenge: string } {
  const parsed = shape.safeParse(jsonOf(body));
  if (!parsed.success || parsed.data.id !== parsed.data.rawId) throw refusePasskey('MALFORMED');
  const client = clientDataShape.safeParse(jsonOf(Buffer.from(parsed.data.response.clientDataJSON, 'base64url')));
  if (!client.success) throw refusePasskey('MALFORMED');
  // a page of ours in somebody else's frame is not ours
  if (client.data.crossOrigin === true || client.data.topOrigin !== undefined) throw refusePasskey('PASSKEY_INVALID');
  return { ...parsed.data, challenge: client.data.challenge };
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

export type SeenPasskey = PasskeyFlags & { readonly signCount: number };

/**
 * Checks an assertion with the user's key: type, challenge, origin, relying party, presence, verification of the user,
 * signature. The counter is told, not judged. Throws a refusal.
 */
export async function verifyAssertion(
  party: RelyingParty,
  assertion: Assertion,
  passkey: Pick<Passkey, 'credentialId' | 'publicKey'>,
): Promise<SeenPasskey> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: assertion as unknown as AuthenticationResponseJSON,
      expectedChallenge: assertion.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential: { id: passkey.credentialId, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    if (verified) {
      return {
        signCount: authenticationInfo.newCounter,
        isBackupEligible: authenticationInfo.credentialDeviceType === 'multiDevice',
        isBackedUp: authenticationInfo.credentialBackedUp,
      };
    }
  } catch {
    // whatever of it is wrong, the same is answered
  }
  throw refusePasskey('PASSKEY_INVALID');
}

export type MadePasskey = SeenPasskey & {
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly transports: readonly string[];
  readonly model: string;
};

/** Checks the making of a passkey like an assertion. Throws a refusal. */
export async function verifyAttestation(party: RelyingParty, attestation: Attestation): Promise<MadePasskey> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: attestation as unknown as RegistrationResponseJSON,
      expectedChallenge: attestation.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    if (verified && registrationInfo.credential.id === attestation.id) {
      return {
        credentialId: registrationInfo.credential.id,
        publicKey: Buffer.from(registrationInfo.credential.publicKey),
        transports: attestation.response.transports ?? [],
        model: registrationInfo.aaguid,
        signCount: registrationInfo.credential.counter,
        isBackupEligible: registrationInfo.credentialDeviceType === 'multiDevice',
        isBackedUp: registrationInfo.credentialBackedUp,
      };
    }
  } catch {
    // whatever of it is wrong, the same is answered
  }
  throw refusePasskey('PASSKEY_INVALID');
}
