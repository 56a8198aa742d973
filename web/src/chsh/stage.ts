import type { ConnectionState } from "@client";
import type { PlayerView, PublicView } from "./views.ts";

/** What a player's page shows. Exactly one at a time; the connection's own trouble is shown besides. */
export type Stage =
  | "connecting"
  | "closed"
  | "pair_closed"
  | "unpaired"
  | "result"
  | "lobby"
  | "paused"
  | "question"
  | "locked"
  | "void"
  | "feedback"
  | "between";

export interface Known {
  connection: ConnectionState;
  known: boolean;
  public: PublicView | null;
  private: PlayerView | null;
}

/** `chosen`: an answer was given here and is on its way. */
export function stageOf({ connection, known, public: all, private: own }: Known, chosen: boolean): Stage {
  if (connection === "closed") return "closed";
  if (!known || !own || !all) return "connecting";
  if (!own.pair) return own.closed_reason ? "pair_closed" : "unpaired";
  if (own.result) return "result";
  const phase = all.run?.phase;
  if (phase !== "open" && phase !== "paused") return "lobby";
  if (own.question) return own.question.answer || chosen ? "locked" : phase === "paused" ? "paused" : "question";
  if (own.last) return own.last.void_reason ? "void" : "feedback";
  return phase === "paused" ? "paused" : "between";
}

/** Whole seconds until an ISO time; null: no limit. */
export function secondsLeft(closesAt: string | null, nowMs: number): number | null {
  return closesAt === null ? null : Math.max(0, Math.ceil((new Date(closesAt).getTime() - nowMs) / 1000));
}
