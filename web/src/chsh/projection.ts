import type { Role } from "@client";
import type { Dot, HostView, PairRow, PublicView, SpectatorView } from "./views.ts";

/** What the projector shows, whoever opened it: a spectator's view, or the same part of a host's. */
export function projectorView(role: Role | null, shared: HostView | SpectatorView | null, all: PublicView | null): SpectatorView | null {
  if (!shared) return null;
  if (role !== "host" || !("policy" in shared)) return shared as SpectatorView;
  const phase = all?.run?.phase;
  const live = phase === "open" || phase === "paused";
  const named = shared.policy.show_names && !shared.policy.anonymous;
  const open = Object.entries(shared.pairs).filter(([, row]) => !row.closed_reason || row.rounds > 0);
  return {
    players: live ? null : shared.present,
    class: shared.class,
    pairs: Object.fromEntries(open.map(([id, row]) => [id, dotOf(row, named)])),
  };
}

export function dotOf(row: PairRow, named = true): Dot {
  const { name, rounds, win_rate, S, badge } = row;
  return { name: named ? name : null, rounds, win_rate, S, badge };
}
