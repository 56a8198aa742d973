import { decimal, fromLog10, percent, plusMinus, probability } from "../format.ts";
import type { Column } from "@kit/table.ts";
import { MEANING } from "./figures.ts";
import type { HostCommands, HostView, Mode, PairRow } from "./views.ts";

/** Send a host's command; a refusal is shown, never thrown. */
export type Send = <Name extends keyof HostCommands>(name: Name, data: HostCommands[Name]) => Promise<void>;

export interface Row extends PairRow {
  id: number;
  online: readonly [boolean, boolean];
}

export function rowsOf({ pairs, players }: Pick<HostView, "pairs" | "players">): Row[] {
  const online = (seat: number): boolean => players[String(seat)]?.online ?? false;
  return Object.entries(pairs).map(([id, pair]) => ({ ...pair, id: Number(id), online: [online(pair.seats[0]), online(pair.seats[1])] }));
}

/** What a pair is doing, in words; the same words the search finds. */
export function statusOf(row: Row): string {
  if (row.closed_reason) return `closed: ${row.closed_reason.replaceAll("_", " ")}`;
  const away = [1, 2].filter((position) => !row.online[position === 1 ? 0 : 1]);
  if (away.length > 0) return `seat ${away.join(" and ")} away`;
  if (row.blocking.length > 0) return `waits for seat ${row.blocking.join(" and ")}`;
  return row.round === null ? "between rounds" : `round ${row.round}`;
}

export function alarmsOf(row: PairRow): string[] {
  return [...(row.supra_quantum_alarm ? ["supra-quantum"] : []), ...(row.no_signalling_alarm ? ["no-signalling"] : [])];
}

/** The columns of the pair table; some belong to one mode, or to a run that is over. */
export function columnsOf(mode: Mode, over: boolean, now: () => number): Column<Row>[] {
  const number = (key: string, label: string, value: (row: Row) => number | null, text: (row: Row) => string, hint?: string): Column<Row> => ({
    key, label, numeric: true, text, order: value, ...(hint ? { hint } : {}),
  });
  const symmetric = [
    number("S1", "S₁", (row) => row.S1, (row) => decimal(row.S1)),
    number("S2", "S₂", (row) => row.S2, (row) => decimal(row.S2)),
    number("trace", "Tr", (row) => row.trace, (row) => decimal(row.trace), "Mean correlation of equal letters, signed"),
  ];
  const holm = number("holm", "P, Holm", (row) => row.p_holm, (row) => probability(row.p_holm), "Corrected for the number of pairs");
  const hardy = [number("H", "H ± σ", (row) => row.H, (row) => plusMinus(row.H, row.H_se, 3), "Local at most 0; this device +1/12")];
  return [
    { key: "name", label: "Pair", heading: true, text: (row) => row.name },
    { key: "status", label: "Now", text: statusOf },
    number("rounds", "n", (row) => row.rounds, (row) => String(row.rounds), "Scored rounds"),
    number("wins", "Wins", (row) => row.wins, (row) => String(row.wins)),
    number("win_rate", "Win rate", (row) => row.win_rate, (row) => percent(row.win_rate), MEANING.win_rate),
    ...(mode === "symmetric" ? symmetric : []),
    number("S", "S ± σ", (row) => row.S, (row) => (row.S === null ? "insufficient" : plusMinus(row.S, row.S_se)), MEANING.S),
    ...(mode === "hardy" ? hardy : []),
    number("e", "e-value", (row) => row.log10_e_value, (row) => fromLog10(row.log10_e_value) + (row.log10_e_value_void_as_loss === null ? "" : ` (${fromLog10(row.log10_e_value_void_as_loss)})`), `${MEANING.e_value}; in brackets with void rounds as lost`),
    number("p", "P", (row) => row.p_local, (row) => probability(row.p_local), MEANING.p_local),
    ...(over ? [holm] : []),
    { key: "marks", label: "Marks", text: (row) => [row.badge ? "badge" : "", ...alarmsOf(row), row.bot ? "bot" : ""].filter(Boolean).join(" ") },
    number("void", "Void", (row) => row.void_rounds, (row) => String(row.void_rounds)),
    number("last", "Last", (row) => (row.last_at ? -new Date(row.last_at).getTime() : null), (row) => since(row.last_at, now())),
  ];
}

function since(time: string | null, now: number): string {
  if (!time) return "";
  const seconds = Math.max(0, Math.round((now - new Date(time).getTime()) / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
