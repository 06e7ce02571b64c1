/**
 * Pauses between attempts to connect: full jitter below a bound that doubles,
 * so that the tabs of a restarted server do not all return at once.
 */
export class Backoff {
  #failures = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  next(): number {
    const bound = Math.min(15_000, 500 * 2 ** this.#failures);
    this.#failures += 1;
    return 100 + this.#random() * bound;
  }

  reset(): void {
    this.#failures = 0;
  }
}
