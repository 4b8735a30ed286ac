/**
 * Scheme, host and port under which this Spine is reached, without a slash at the end: the configured one, or, in a
 * sandbox that was given none, `localhost` with the port it came to listen on.
 */
export class OwnAddress {
  readonly #given: string | undefined;
  readonly #scheme: 'http' | 'https';
  #port: number | undefined;

  constructor(given: string | undefined, scheme: 'http' | 'https') {
    this.#given = given;
    this.#scheme = scheme;
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  get base(): string {
    if (this.#given !== undefined) return this.#given;
    if (this.#port === undefined) throw new Error('The own address is known only once the Spine listens.');
    return `${this.#scheme}://localhost:${this.#port}`;
  }
}
