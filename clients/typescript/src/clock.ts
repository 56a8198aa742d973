const KEPT = 8;

/** The server's clock as seen from here: of the newest samples the one with the shortest round trip counts. */
export class Clock {
  #samples: { offsetMs: number; rttMs: number }[] = [];

  constructor(private readonly localNow: () => number = Date.now) {}

  /** `serverMs`: what the server's clock said when it sent something that has just arrived. */
  sample(serverMs: number, rttMs: number): void {
    this.#samples.push({ offsetMs: serverMs + rttMs / 2 - this.localNow(), rttMs });
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Server time minus local time, in milliseconds; 0 before the first sample. */
  get offsetMs(): number {
    if (this.#samples.length === 0) return 0;
    return this.#samples.reduce((best, sample) => (sample.rttMs < best.rttMs ? sample : best)).offsetMs;
  }

  /** Server time, in milliseconds since the epoch. */
  now(): number {
    return this.localNow() + this.offsetMs;
  }
}
