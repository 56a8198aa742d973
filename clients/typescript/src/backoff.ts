/** Delays between attempts to reconnect: exponential with full jitter, so that a class does not come back all at once. */
export class Backoff {
  #attempt = 0;

  constructor(
    private readonly baseMs = 250,
    private readonly capMs = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds to wait before the next attempt; at least a fifth of the bound of that attempt. */
  next(): number {
    const bound = Math.min(this.capMs, this.baseMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return bound * (0.2 + 0.8 * this.random());
  }

  reset(): void {
    this.#attempt = 0;
  }
}
