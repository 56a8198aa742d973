import { fromLog10 } from "../format.ts";
import type { DeviceKind, Letter, Mode, RunHeader, RunPlan } from "./views.ts";

/** What local and quantum strategies reach at most in the rounds that are counted: those that compare A/B with X/Y. */
export interface Limits {
  classical: number;
  quantum: number;
}

const COS2 = Math.cos(Math.PI / 8) ** 2;
export const CLASSICAL_S = 2;
export const QUANTUM_S = 2 * Math.SQRT2;

export const LIMITS: Limits = { classical: 3 / 4, quantum: COS2 };

/** Whether two letters ask for different answers; the win rule. */
export function mustDiffer(one: Letter, other: Letter): boolean {
  return (one === "B" && other === "Y") || (one === "Y" && other === "B");
}

export const MODE_WORDS: Record<Mode, string> = {
  chsh: "CHSH, 4 cells",
  symmetric: "Symmetric, 12 cells",
  hardy: "Hardy, colour and food",
};

export const DEVICE_WORDS: Record<DeviceKind, string> = {
  off: "No device",
  quantum: "Entangled pair",
  "pr-box": "PR box",
  hardy: "Hardy state",
};

/** What a number on a screen means, said wherever it stands. */
export const MEANING = {
  win_rate: "Share of scored rounds won, with the 95 % Wilson interval",
  e_value: "Evidence that may be watched live",
  p_local: "Chance that a local pair does at least this well; n fixed in advance",
  pair_badge: "Beats every local strategy, corrected for all pairs",
  class_badge: "The class beats every local strategy",
  S: "Description, not a test",
  S_pooled: "Description, not a test; pooled counts may pass 2 by chance",
  H: "At most 0 without entanglement; 1/12 with this device",
  alarm: "More than nature allows: the pair communicates, or something leaks",
} as const;

/** What stands beside an e-value where rounds were void. */
export function voidAsLoss(log10: number | null): string {
  return log10 === null ? "" : `; ${fromLog10(log10)} with void rounds as lost`;
}

/** How everything is said that bends what the numbers mean; themes bring their own. */
export interface MarkWords {
  /** `{device}` is put in. */
  device: string;
  symmetric: string;
  balanced: string;
  seeded: string;
  imported: string;
  /** `{count}` is put in. */
  void: string;
}

const MARKS: MarkWords = {
  device: "{device}, simulated by the server",
  symmetric: "Rounds in which both get the same letter do not count as won or lost",
  balanced: "Balanced questions: past cells give the next away, so no P, e-value or badge",
  seeded: "Seeded questions: a test run",
  imported: "Imported table: nobody played this here",
  void: "Void rounds: {count}, not scored; badges count them as lost",
};

/** Everything that bends what the numbers mean, in words; shown on every screen while it is so. */
export function marksOf(run: RunPlan & Pick<RunHeader, "question_source">, voidRounds = 0, words: MarkWords = MARKS): string[] {
  const { device, mode, schedule, question_source: source } = run;
  return [
    ...(device === "off" ? [] : [words.device.replace("{device}", deviceOf(run))]),
    ...(mode === "symmetric" ? [words.symmetric] : []),
    ...(schedule === "balanced" ? [words.balanced] : []),
    ...(source === "seeded" || source === "imported" ? [words[source]] : []),
    ...(voidRounds > 0 ? [words.void.replace("{count}", String(voidRounds))] : []),
  ];
}

export function deviceOf({ device, visibility }: Pick<RunPlan, "device" | "visibility">): string {
  return device === "quantum" ? `${DEVICE_WORDS.quantum}, visibility ${visibility}` : DEVICE_WORDS[device];
}
