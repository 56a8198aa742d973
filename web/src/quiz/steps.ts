import type { Phase, PublicView } from "./views.ts";

/** A command that takes nothing, as a button of host and presenter. */
export type Step = "start" | "intro" | "show" | "open" | "close" | "reveal" | "board" | "next" | "skip" | "reopen" | "undo_end" | "skip_remix";

/** What fits each phase, the likeliest first. */
const STEPS: Readonly<Record<Phase, readonly Step[]>> = {
  lobby: ["start"],
  intro: ["show", "skip"],
  shown: ["open", "skip"],
  open: ["close", "skip"],
  closed: ["reveal", "reopen", "skip"],
  revealed: ["board", "next"],
  board: ["next", "skip"],
  segment_done: ["intro"],
  remix_ready: ["skip_remix"],
  ended: ["undo_end"],
  paced: [],
};
const OF_PRESENTERS: ReadonlySet<Step> = new Set(["show", "open", "close", "reveal", "board", "next", "skip", "reopen"]);

/** Steps that host or presenter may take now. Nothing but `resume` fits a pause. */
export function stepsOf(view: PublicView, presenter = false): readonly Step[] {
  if (view.pause) return [];
  const steps = STEPS[view.phase];
  return presenter ? steps.filter((step) => OF_PRESENTERS.has(step)) : steps;
}

/** The key that takes a step, as in a presentation: space or page down for the likeliest, letters for the others. */
export const KEYS: Readonly<Partial<Record<Step, string>>> = { skip: "s", reopen: "o", next: "n" };
const FORWARD: ReadonlySet<string> = new Set([" ", "PageDown", "ArrowRight"]);

export function stepOfKey(key: string, steps: readonly Step[]): Step | null {
  if (FORWARD.has(key)) return steps[0] ?? null;
  return steps.find((step, at) => at > 0 && KEYS[step] === key.toLowerCase()) ?? null;
}

/** Whether a key press is meant for the field or button that has the focus. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof Element && event.target.closest("input, textarea, select, button, a, summary, dialog") !== null);
