import type { Clock } from '../../../platform/clock/clock.ts';
import type { Outbound } from '../../../platform/http/outbound.ts';
import type { Application } from '../../../platform/identity/applications.ts';
import { type KeySet, keySetOf } from '../../../platform/identity/jwks.ts';
import { assertionErrors, refuse } from './errors.ts';

const keptMillis = 3600 * 1000;
const fetchBounds = { millis: 5_000, bytes: 100_000 };
const capacity = 1_000;

/** The public keys of clients: those registered, or those published at the registered address, kept 3,600 s. */
export class ClientKeys {
  readonly #outbound: Outbound;
  readonly #clock: Clock;
  readonly #registered = new WeakMap<object, KeySet>();
  readonly #fetched = new Map<string, { keys: KeySet; at: number }>();
  readonly #underWay = new Map<string, Promise<KeySet | undefined>>();

  constructor(outbound: Outbound, clock: Clock) {
    this.#outbound = outbound;
    this.#clock = clock;
  }

  /** The client's keys by `kid`. Throws the refusals of steps 26 and 27. */
  async of(client: Application): Promise<KeySet> {
    if (client.jwks) return this.#ofRegistered(client.jwks);
    if (client.jwksUrl === undefined) throw refuse(assertionErrors.noKeySet);
    const kept = this.#fetched.get(client.jwksUrl);
    if (kept && Math.abs(this.#clock.now() - kept.at) < keptMillis) return kept.keys;
    const keys = await this.#fetchOnce(client.jwksUrl);
    if (!keys) throw refuse(assertionErrors.keySetUnreachable);
    return keys;
  }

  /** Fetches every key set anew at the next look. */
  forget(): void {
    this.#fetched.clear();
  }

  #ofRegistered(jwks: object): KeySet {
    let keys = this.#registered.get(jwks);
    if (!keys) {
      keys = keySetOf(jwks) ?? new Map();
      this.#registered.set(jwks, keys);
    }
    return keys;
  }

  /** Who asks while the address is being asked waits for the same answer. A failure is not kept. */
  #fetchOnce(url: string): Promise<KeySet | undefined> {
    let fetching = this.#underWay.get(url);
    if (!fetching) {
      fetching = this.#fetch(url).finally(() => this.#underWay.delete(url));
      this.#underWay.set(url, fetching);
    }
    return fetching;
  }

  async #fetch(url: string): Promise<KeySet | undefined> {
    try {
      const answer = await this.#outbound({ url, ...fetchBounds });
      const keys = answer.status === 200 ? keySetOf(JSON.parse(answer.body.toString('utf8'))) : undefined;
      if (!keys) return undefined;
      if (this.#fetched.size >= capacity) this.#fetched.delete(this.#fetched.keys().next().value as string);
      this.#fetched.delete(url);
      this.#fetched.set(url, { keys, at: this.#clock.now() });
      return keys;
    } catch {
      return undefined;
    }
  }
}
