import type { Challenge } from "./views.ts";

export const EVERY_MS = 20_000;

/** The number of a moment (server time, milliseconds) and the share of its time that is left. */
export function numberAt({ numbers, since }: Challenge, now: number): { number: string; left: number } {
  const passed = Math.max(0, now - Date.parse(since));
  const place = Math.min(Math.floor(passed / EVERY_MS), numbers.length - 1);
  return { number: numbers[place] ?? "", left: Math.min(1, Math.max(0, 1 - (passed - place * EVERY_MS) / EVERY_MS)) };
}
