import { CLASSICAL_S, LIMITS, QUANTUM_S } from "./figures.ts";
import type { Dot } from "./views.ts";

export type Quantity = "win_rate" | "S";

/** One dot of the class plot. `kind` decides its shape, so that nothing hangs on colour. */
export interface Point {
  id: string;
  name: string | null;
  x: number;
  y: number;
  kind: "few" | "plain" | "badge" | "alarm";
}

export interface Line {
  at: number;
  label: string;
  /** Where there is no room for the label. */
  short: string;
  kind: "classical" | "quantum";
}

/** Below this many rounds a dot is drawn hollow: it says little yet. */
export const FEW_ROUNDS = 20;

/** Dots of pairs with the same number of rounds stand beside each other, each pair always at the same place. */
export function pointsOf(pairs: Readonly<Record<string, Dot>>, quantity: Quantity, alarms: ReadonlySet<string> = new Set()): Point[] {
  return Object.entries(pairs).flatMap(([id, dot]) => {
    const y = dot[quantity];
    if (y === null || dot.rounds === 0) return [];
    const kind = alarms.has(id) ? "alarm" : dot.badge ? "badge" : dot.rounds < FEW_ROUNDS ? "few" : "plain";
    return [{ id, name: dot.name, x: dot.rounds + spread(Number(id)), y, kind }];
  });
}

/** Between -0.4 and 0.4, evenly filled as ids go on (golden-ratio sequence). */
function spread(id: number): number {
  return ((id * 0.618033988749895) % 1) * 0.8 - 0.4;
}

export function linesOf(quantity: Quantity): Line[] {
  if (quantity === "S") {
    return [
      { at: CLASSICAL_S, label: "2 without entanglement", short: "2", kind: "classical" },
      { at: QUANTUM_S, label: "2.83 with entanglement", short: "2.83", kind: "quantum" },
    ];
  }
  const { classical, quantum } = LIMITS;
  const text = (rate: number): string => `${(rate * 100).toFixed(rate === 0.75 ? 0 : 1)} %`;
  return [
    { at: classical, label: `${text(classical)} without entanglement`, short: text(classical), kind: "classical" },
    { at: quantum, label: `${text(quantum)} with entanglement`, short: text(quantum), kind: "quantum" },
  ];
}

/** Both axes: everything in view, and steady while the class plays on. */
export function rangesOf(points: readonly Point[], quantity: Quantity, planned: number | null): { x: [number, number]; y: [number, number] } {
  const rounds = Math.max(10, planned ?? 0, ...points.map(({ x }) => Math.ceil(x)));
  const lowest = Math.min(...points.map(({ y }) => y - 0.03), quantity === "S" ? 0 : 0.5);
  if (quantity === "S") return { x: [0, rounds + 1], y: [Math.floor(lowest), 4] };
  return { x: [0, rounds + 1], y: [Math.max(0, Math.floor(lowest * 10) / 10), 1] };
}
