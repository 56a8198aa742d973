import { mustDiffer } from "./figures.ts";
import type { Stage } from "./stage.ts";
import { answerLook, fill, type Theme } from "./theme.ts";
import type { ClosedRound, OwnPair, PlayerView } from "./views.ts";

/** What a screen reader says at this stage; the same text as long as nothing new has happened. */
export function announcement(theme: Theme, stage: Stage, own: PlayerView): string {
  const { words } = theme;
  const { question, last, pair } = own;
  if (stage === "question" && question) {
    return `${fill(words.round, { round: question.round })}. ${words.your_question}: ${theme.letters[question.letter].word}`;
  }
  if (stage === "locked" && question?.answer && pair) {
    const answer = answerLook(theme, question.letter, question.answer).word;
    return `${fill(words.locked, { answer })}. ${fill(words.waiting_partner, { partner: pair.partner })}`;
  }
  if ((stage === "feedback" || stage === "void") && last && pair) return closing(theme, last, pair);
  if (stage === "paused") return words.paused;
  if (stage === "result" && own.result) return `${words.result}: ${fill(words.result_text, { wins: own.result.wins, rounds: own.result.rounds })}`;
  if (stage === "unpaired") return words.unpaired;
  return stage === "lobby" && pair ? fill(words.lobby, { partner: pair.partner }) : "";
}

function closing(theme: Theme, last: ClosedRound, pair: OwnPair): string {
  const { words } = theme;
  if (last.void_reason) return `${words.void}. ${words[`void_${last.void_reason}`]}`;
  const outcome = last.win === null ? words.done : last.win ? words.won : words.lost;
  if (!last.letters || !last.answers) return outcome;
  const mine = pair.position - 1;
  const side = (index: number): string => {
    const letter = last.letters![index === 0 ? 0 : 1];
    return `${theme.letters[letter].word}, ${answerLook(theme, letter, last.answers![index === 0 ? 0 : 1]).word}`;
  };
  const needed = mustDiffer(...last.letters) ? words.differ_needed : words.same_needed;
  return `${outcome}. ${words.you}: ${side(mine)}. ${pair.partner}: ${side(1 - mine)}. ${needed}`;
}
