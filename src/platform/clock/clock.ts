/**
 * The one clock of the program. In a sandbox it can be moved: `offset` is added to the wall clock, so time keeps
 * running from wherever it was put.
 */
export class Clock {
  #offset = 0;

  /** Milliseconds since 1970, as this Spine believes them. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** Milliseconds since 1970 by the wall, whatever a sandbox believes; for ids and for waiting. */
  wall(): number {
    return Date.now();
  }

  /** How many milliseconds this clock is ahead of the wall clock. */
  get offset(): number {
    return this.#offset;
  }

  /** Puts the clock `millis` ahead of the wall clock (behind, when negative). Sandbox only. */
  moveTo(offsetMillis: number): void {
    this.#offset = offsetMillis;
  }
}
