import type { MarkWords } from "./figures.ts";
import type { Answer, Letter } from "./views.ts";

export type Tint = "sea" | "clay" | "plum" | "moss";
export type ShapeName = "circle" | "square" | "diamond" | "triangle";

export interface LetterLook {
  /** What stands on the card, very large: a letter or a word. */
  text: string;
  /** How it is said. */
  word: string;
  tint: Tint;
  /** Outline in a box of 24 by 24; beside the text. */
  icon?: string;
}

export interface AnswerLook {
  word: string;
  shape: ShapeName;
  tint: Tint;
}

/** Texts, icons and colours of a game. Data: another theme changes no event and no number. */
export interface Theme {
  id: string;
  language: string;
  title: string;
  letters: Record<Letter, LetterLook>;
  answers: Record<Answer, AnswerLook>;
  /** Where an answer's word depends on the letter it answers (Hardy: green or red, peas or carrots). */
  answers_by_letter?: Partial<Record<Letter, Record<Answer, AnswerLook>>>;
  words: Record<Word, string>;
  marks: MarkWords;
  rules: { title: string; intro: string; steps: string[]; win: string[]; fair: string[]; tables_title: string; tables_hidden: string; tables_text: string };
}

export const WORDS = [
  "connecting", "live", "reconnecting", "disconnected", "kept", "round_of", "round", "your_question", "choose", "measure", "angle", "preset",
  "measured", "simulated", "outcome_is_answer", "locked", "waiting_partner", "partner_away", "paused", "paused_text", "won", "lost", "done", "you",
  "partner", "same_needed", "differ_needed", "next", "waiting_next", "void", "void_deadline", "void_host_reset", "void_run_ended", "void_pair_closed",
  "silent_you", "silent_partner", "silent_both", "unpaired", "unpaired_text", "pair_code", "partner_code", "pair_up", "lobby", "lobby_text", "get_ready",
  "result", "result_text", "wins_of", "classical", "quantum", "badge", "no_badge", "pair_closed", "closed_partner_left", "closed_removed",
  "closed_absent", "closed_repaired", "closed_host", "ended", "replaced", "use_here", "room_closed", "left", "rules", "seconds", "keys", "void_rounds",
  "e_value", "p_local",
] as const;
export type Word = (typeof WORDS)[number];

const files: Record<string, () => Promise<{ default: unknown }>> = {
  classic: () => import("./themes/classic.json"),
  klassisch: () => import("./themes/klassisch.json"),
  kitchen: () => import("./themes/kitchen.json"),
};

/** Names of the themes there are, with what the host reads. */
export const THEMES: readonly { id: string; title: string }[] = [
  { id: "classic", title: "Letters (English)" },
  { id: "klassisch", title: "Buchstaben (Deutsch)" },
  { id: "kitchen", title: "Colour and food, for Hardy (English)" },
];

export async function loadTheme(id: string): Promise<Theme> {
  const load = files[id] ?? files.classic!;
  return (await load()).default as Theme;
}

/** `{name}` in a text replaced by its value. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function answerLook(theme: Theme, letter: Letter | null, answer: Answer): AnswerLook {
  return (letter && theme.answers_by_letter?.[letter]?.[answer]) || theme.answers[answer];
}
