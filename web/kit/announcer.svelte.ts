import { untrack } from "svelte";

/** What is said to everybody who uses the page: aloud (screen readers) and, if wanted, in a short note at the bottom. */

export interface Note {
  id: number;
  text: string;
  tone: "plain" | "good" | "bad";
}

const MAX_NOTES = 3;
const SHOWN_MS = 6_000;

let last = 0;
export const announcer = $state<{ spoken: string; notes: Note[] }>({ spoken: "", notes: [] });

/** Say it aloud only. The same words twice are said twice. May be called in an effect. */
export function say(text: string): void {
  announcer.spoken = untrack(() => announcer.spoken) === text ? `${text}\u00a0` : text;
}

/** Show a note for a few seconds, and say it. */
export function note(text: string, tone: Note["tone"] = "plain"): void {
  const id = ++last;
  announcer.notes = [...announcer.notes.slice(1 - MAX_NOTES), { id, text, tone }];
  say(text);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  announcer.notes = announcer.notes.filter((other) => other.id !== id);
}
