import { mustDiffer } from "./figures.ts";
import type { Answer, Letter } from "./views.ts";

/** An answer fixed in advance to each letter: what two people without entanglement can agree on. */
export type Plan = Readonly<Record<Letter, Answer>>;

export const LETTERS: readonly Letter[] = ["A", "B", "X", "Y"];
export const CELLS: readonly (readonly [Letter, Letter])[] = [["A", "X"], ["A", "Y"], ["B", "X"], ["B", "Y"]];

export function wins(plan: Plan, [one, other]: readonly [Letter, Letter]): boolean {
  return (plan[one] !== plan[other]) === mustDiffer(one, other);
}

/** Cells won, of four. */
export function cellsWon(plan: Plan): number {
  return CELLS.filter((cell) => wins(plan, cell)).length;
}

/** S of a plan: each cell counts +1 when won, -1 when lost. */
export function correlation(plan: Plan): number {
  return 2 * cellsWon(plan) - CELLS.length;
}

/** All sixteen plans, the best first. */
export function allPlans(): Plan[] {
  const plans = Array.from({ length: 16 }, (_, bits) =>
    Object.fromEntries(LETTERS.map((letter, index) => [letter, (bits >> index) & 1 ? "F" : "T"])) as Record<Letter, Answer>,
  );
  return plans.sort((one, other) => cellsWon(other) - cellsWon(one));
}

/** Rounds won of `rounds`: a shared coin picks one of the plans for each round, chance asks. */
export function play(plans: readonly Plan[], rounds: number, random: () => number = Math.random): number {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  let won = 0;
  for (let round = 0; round < rounds; round++) won += Number(wins(pick(plans), pick(CELLS)));
  return won;
}
