import type { GivenText } from "./views.ts";

/** Texts that read the same; `grade` null while not all of them have one and the same. */
export interface Pile { text: string; players: number[]; grade: number | null }

/** What is given with one press. */
export const GRADES = [{ f: 0, sign: "0", word: "wrong" }, { f: 0.5, sign: "½", word: "part" }, { f: 1, sign: "1", word: "right" }] as const;

/** Answers piled up by what they say, whatever the case and the blanks; those without a grade first. */
export function alike(answers: readonly GivenText[]): Pile[] {
  const piles = new Map<string, Pile>();
  for (const { player, answer, grade } of answers) {
    const key = answer.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
    const pile = piles.get(key);
    if (!pile) piles.set(key, { text: answer, players: [player], grade });
    else {
      pile.players.push(player);
      if (pile.grade !== grade) pile.grade = null;
    }
  }
  return [...piles.values()].sort((one, other) => Number(one.grade !== null) - Number(other.grade !== null));
}
