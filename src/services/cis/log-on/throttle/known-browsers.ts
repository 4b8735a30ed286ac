import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../../../../platform/db/database.ts';
import { type Call, cookieOf } from '../../../../platform/http/operation.ts';
import type { OwnAddress } from '../../../../platform/http/own-address.ts';
import type { Vault } from '../../../../platform/identity/vault.ts';
import { insertKnownBrowser, isKnownBrowser } from './queries-throttle.ts';

const keptMillis = 365 * 86_400_000;

type KnownBrowsersParts = { readonly db: Database; readonly vault: Vault; readonly address: OwnAddress };

/** Browsers told apart by a lasting signed cookie, so that a user's own ones keep an allowance of their own. */
export class KnownBrowsers {
  readonly #parts: KnownBrowsersParts;
  readonly #key: Buffer;

  constructor(parts: KnownBrowsersParts) {
    this.#parts = parts;
    this.#key = parts.vault.derive('known browser');
  }

  /** The call's browser, if this user has logged on in it within a year. */
  async of(call: Call, userId: string): Promise<string | undefined> {
    const browser = this.#browserOf(call);
    if (browser === undefined) return undefined;
    const isKnown = await isKnownBrowser(this.#parts.db, userId, hash(browser), call.now - keptMillis);
    return isKnown ? browser : undefined;
  }

  /** Remembers that this user logged on in the call's browser; the `set-cookie` to send along. */
  async remember(call: Call, userId: string): Promise<string> {
    const browser = this.#browserOf(call) ?? randomBytes(18).toString('base64url');
    await insertKnownBrowser(this.#parts.db, userId, hash(browser), call.now);
    const flags = this.#isSecure ? '; Secure' : '';
    return `${this.#name}=${browser}.${this.#sign(browser)}; Path=/; Max-Age=${keptMillis / 1000}; HttpOnly; SameSite=Lax${flags}`;
  }

  /** A cookie we did not sign is none: it costs no look-up, and nobody chooses another's. */
  #browserOf(call: Call): string | undefined {
    const [browser, signature] = cookieOf(call, this.#name)?.split('.') ?? [];
    if (!browser || !signature) return undefined;
    const [given, right] = [Buffer.from(signature), Buffer.from(this.#sign(browser))];
    return given.length === right.length && timingSafeEqual(given, right) ? browser : undefined;
  }

  get #isSecure(): boolean {
    return this.#parts.address.base.startsWith('https:');
  }

  get #name(): string {
    return this.#isSecure ? '__Host-openspine-browser' : 'openspine-browser';
  }

  #sign(browser: string): string {
    return createHmac('sha256', this.#key).update(browser).digest('base64url');
  }
}

const hash = (browser: string): Buffer => createHash('sha256').update(browser).digest();
