import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readOrMake } from '../config/kept-file.ts';

/** The master key cannot be used; the message says why. */
export class VaultError extends Error {}

/**
 * Keeps secrets that the database must hold but not tell: authenticator seeds, private keys, secrets of clients of others.
 * AES-256-GCM under a key derived from the installation's master key; what is sealed for one purpose opens for no other.
 */
export class Vault {
  readonly #master: Buffer;
  /** Derived once: MESH seals and opens a key for each message. */
  readonly #sealing: Buffer;

  constructor(master: Buffer) {
    this.#master = master;
    this.#sealing = this.derive('seal');
  }

  /** Seals a text; `context` (a purpose and whose it is) must be given again to open it. */
  seal(plain: string, context: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Opens what was sealed with the same context. Throws VaultError when it was altered or sealed under another key. */
  open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new VaultError('A sealed value cannot be opened: it was altered, or sealed under another master key.');
    }
  }

  /** 32 bytes for one purpose, the same in every process with this master key. */
  derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#master, '', `openspine ${purpose}`, 32));
  }
}

const keyFile = 'master.key';

/** The vault under the master key given (64 hexadecimal digits), or under one made once in the data directory. */
export function openVault(directory: string, given: string | undefined): Vault {
  const text = given ?? readOrMake(join(directory, keyFile), () => `${randomBytes(32).toString('hex')}\n`).trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new VaultError('The master key is not 64 hexadecimal digits.');
  return new Vault(Buffer.from(text, 'hex'));
}
