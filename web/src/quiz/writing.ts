import type { Question, QuestionType } from "./views.ts";

/** Types in the order they are offered. */
export const TYPES: readonly QuestionType[] = ["single", "multi", "true_false", "typed", "number", "order", "match", "poll", "word_cloud", "open", "slide"];
export const GRADINGS: Readonly<Partial<Record<QuestionType, readonly string[]>>> = {
  multi: ["all_or_nothing", "partial", "per_option", "weights"], number: ["range", "falloff", "closest"], order: ["all_or_nothing", "partial"], match: ["all_or_nothing", "partial"],
};
export const MAX_OPTIONS = 12;
const WITH_OPTIONS: readonly QuestionType[] = ["single", "multi", "order", "poll", "typed"];
export const hasOptions = (type: QuestionType): boolean => WITH_OPTIONS.includes(type);

const option = (text = "", correct = false) => ({ text, correct, weight: correct ? 100 : 0 });

/** A blank question of a type. */
export function blank(type: QuestionType): Question {
  const question: Question = { type, text: "" };
  if (type === "true_false") question.options = [option("True", true), option("False")];
  else if (type === "typed") question.options = [option("", true)];
  else if (hasOptions(type)) question.options = [option("", type === "single" || type === "multi" || type === "order"), option("", type === "order")];
  if (type === "number") question.numeric = { accept: [{ value: "", tolerance: "0" }] };
  if (type === "match") question.pairs = [{ left: "", right: "" }, { left: "", right: "" }];
  return question;
}

/** The same words as a question of another type: options that mean something there stay. */
export function asType(question: Question, type: QuestionType): Question {
  const fresh = { ...blank(type), text: question.text, explanation: question.explanation ?? null, text_format: question.text_format ?? null };
  if (!hasOptions(type) || !hasOptions(question.type) || !question.options?.length) return fresh;
  const right = question.options.findIndex(({ correct }) => correct);
  const keeps = (at: number, correct: boolean): boolean => (type === "typed" || type === "order" ? true : type === "poll" ? false : type === "single" ? at === Math.max(0, right) : correct);
  return { ...fresh, options: question.options.map(({ text, correct }, at) => option(text, keeps(at, correct))) };
}

export type Lack = "lack_text" | "lack_options" | "lack_right" | "lack_number" | "lack_pairs" | "lack_empty";

/** What still keeps a question from being played; null: nothing. */
export function lackOf(question: Question): Lack | null {
  if (!question.text.trim()) return "lack_text";
  const options = question.options ?? [];
  if (hasOptions(question.type)) {
    if (options.some(({ text }) => !text.trim())) return "lack_empty";
    if (options.length < (question.type === "typed" ? 1 : 2)) return "lack_options";
  }
  if (["single", "multi"].includes(question.type) && !options.some(({ weight }) => weight > 0)) return "lack_right";
  if (question.type === "number" && !question.numeric?.accept.some((one) => bounds(one) !== null)) return "lack_number";
  if (question.type === "match") {
    const pairs = question.pairs ?? [];
    if (pairs.some(({ left, right }) => !right.trim() || left?.trim() === "")) return "lack_empty";
    if (pairs.filter(({ left }) => left !== null).length < 2) return "lack_pairs";
  }
  return null;
}

const decimal = (text: unknown): number | null => {
  const plain = String(text ?? "").trim().replace(",", ".").replace("\u2212", "-");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
};
const short = (value: number): string => String(Number(value.toPrecision(15)));

/** The range an entry stands for: a value with a tolerance, or two bounds. */
export function bounds({ value, tolerance, min, max }: { value?: unknown; tolerance?: unknown; min?: unknown; max?: unknown }): { min: string; max: string } | null {
  const middle = decimal(value);
  if (middle !== null) {
    const span = Math.abs(decimal(tolerance) ?? 0);
    return { min: short(middle - span), max: short(middle + span) };
  }
  const [low, high] = [decimal(min), decimal(max)];
  return low === null || high === null || low > high ? null : { min: String(low), max: String(high) };
}

/** A question as the server takes it: bounds worked out, texts trimmed, what does not apply left out. */
export function finished(question: Question): Question {
  const done: Question = { ...question, text: question.text.trim(), explanation: question.explanation?.trim() || null };
  if (!hasOptions(done.type) && done.type !== "true_false") delete done.options;
  else done.options = (done.options ?? []).map((one) => ({ ...one, text: one.text.trim() }));
  if (done.type === "number")
    done.numeric = { accept: (done.numeric?.accept ?? []).flatMap((one) => {
      const range = bounds(one);
      return range ? [{ ...one, value: decimal(one.value) === null ? null : String(decimal(one.value)), tolerance: decimal(one.value) === null ? null : String(decimal(one.tolerance) ?? 0), ...range, weight: one.weight ?? 100 }] : [];
    }) };
  else done.numeric = null;
  if (done.type !== "match") delete done.pairs;
  return done;
}
