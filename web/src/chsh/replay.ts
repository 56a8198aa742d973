import type { Dot, Replay } from "./views.ts";

/** Where a replay stands: counts up to some moment. */
export interface Standing {
  rounds: number;
  wins: number;
  void_rounds: number;
  pairs: Record<string, Dot>;
}

/** The class as it was `atMs` after the start of the run: counts only; tests belong to the run's end. */
export function standingAt({ rounds, pairs }: Replay, atMs: number): Standing {
  const counts: Record<string, { rounds: number; wins: number }> = {};
  const standing: Standing = { rounds: 0, wins: 0, void_rounds: 0, pairs: {} };
  for (const [time, pair, win] of rounds) {
    if (time > atMs) break;
    if (win === null) {
      standing.void_rounds++;
      continue;
    }
    const own = (counts[pair] ??= { rounds: 0, wins: 0 });
    own.rounds++;
    own.wins += Number(win);
    standing.rounds++;
    standing.wins += Number(win);
  }
  for (const [id, own] of Object.entries(counts)) {
    standing.pairs[id] = { name: pairs[id]?.name ?? null, rounds: own.rounds, win_rate: own.wins / own.rounds, S: null, badge: false };
  }
  return standing;
}

export function durationOf({ rounds }: Replay): number {
  return rounds.at(-1)?.[0] ?? 0;
}
