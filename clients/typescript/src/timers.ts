/** Time, so that tests can own it. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Call after that many milliseconds; the answer cancels. */
  after(milliseconds: number, call: () => void): () => void;
}

export const systemTimers: Timers = {
  now: Date.now,
  after(milliseconds, call) {
    const id = setTimeout(call, milliseconds);
    return () => clearTimeout(id);
  },
};
