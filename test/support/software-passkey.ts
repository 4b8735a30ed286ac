import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What a test makes an authenticator say instead of the truth. */
export type Twist = {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly signCount?: number;
  readonly isBackupEligible?: boolean;
  readonly isBackedUp?: boolean;
  readonly isUserVerified?: boolean;
  readonly isUserPresent?: boolean;
  readonly userHandle?: string | null;
  readonly crossOrigin?: boolean;
  readonly key?: KeyObject;
};

type Options = { readonly challenge: string; readonly user?: { readonly id: string } };

/** An authenticator with one ES256 key, in software, that can be made to lie. Attestation `none`. */
export class SoftwarePasskey {
  readonly id = randomBytes(32).toString('base64url');
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #origin: string;
  readonly #says: { isBackupEligible: boolean; isBackedUp: boolean; keepsCount: boolean };
  #userHandle: string | undefined;
  signCount = 0;

  constructor(origin: string, says: { isBackupEligible?: boolean; isBackedUp?: boolean; keepsCount?: boolean } = {}) {
    this.#origin = origin;
    this.#says = { isBackupEligible: false, isBackedUp: false, keepsCount: true, ...says };
  }

  /** Answers creation options, as the browser would send it. */
  create(options: Options, twist: Twist = {}): Record<string, unknown> {
    this.#userHandle = options.user?.id;
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    const key = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([this.#authData(twist, 0x40), Buffer.alloc(16), length, id, key]);
    const size = Buffer.alloc(2);
    size.writeUInt16BE(authData.length);
    const attestationObject = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746159', 'hex'),
      size,
      authData,
    ]);
    return this.#answer({
      clientDataJSON: this.#clientData(twist.type ?? 'webauthn.create', options, twist).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers request options, as the browser would send it. */
  get(options: Options, twist: Twist = {}): Record<string, unknown> {
    if (this.#says.keepsCount) this.signCount++;
    const clientData = this.#clientData(twist.type ?? 'webauthn.get', options, twist);
    const authData = this.#authData(twist, 0);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    const userHandle = twist.userHandle === undefined ? this.#userHandle : twist.userHandle;
    return this.#answer({
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, twist.key ?? this.#keys.privateKey).toString('base64url'),
      ...(userHandle ? { userHandle } : {}),
    });
  }

  #answer(response: object): Record<string, unknown> {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #clientData(type: string, options: Options, twist: Twist): Buffer {
    const challenge = twist.challenge ?? options.challenge;
    const crossOrigin = twist.crossOrigin ?? false;
    return Buffer.from(JSON.stringify({ type, challenge, origin: twist.origin ?? this.#origin, crossOrigin }));
  }

  #authData(twist: Twist, flags: number): Buffer {
    const eligible = twist.isBackupEligible ?? this.#says.isBackupEligible;
    const backedUp = twist.isBackedUp ?? this.#says.isBackedUp;
    const [present, verified] = [twist.isUserPresent ?? true, twist.isUserVerified ?? true];
    const all = flags | (present ? 1 : 0) | (verified ? 4 : 0) | (eligible ? 8 : 0) | (backedUp ? 16 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(twist.signCount ?? this.signCount);
    const rpId = twist.rpId ?? new URL(this.#origin).hostname;
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([all]), count]);
  }
}
