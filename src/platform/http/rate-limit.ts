/** So many requests a second for each key, in bursts of at most a second's worth. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes one request from the key's bucket; false when it is empty. `now` in milliseconds. */
  take(key: string, now: number): boolean {
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      if (this.#buckets.size > 50_000) this.#buckets.clear();
      bucket = { tokens: Math.max(1, this.#perSecond), at: now };
      this.#buckets.set(key, bucket);
    }
    const burst = Math.max(1, this.#perSecond);
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * this.#perSecond) / 1000);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }
}
