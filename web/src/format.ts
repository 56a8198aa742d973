/** Numbers and times as people read them. What is not available is a dash, never 0. */

export const DASH = "–";

type Maybe = number | null | undefined;

export function percent(value: Maybe, digits = 1): string {
  return value == null ? DASH : `${(value * 100).toFixed(digits)} %`;
}

export function percentRange(interval: readonly [number, number] | null | undefined, digits = 1): string {
  return interval ? `${(interval[0] * 100).toFixed(digits)}–${(interval[1] * 100).toFixed(digits)} %` : DASH;
}

export function decimal(value: Maybe, digits = 2): string {
  return value == null ? DASH : value.toFixed(digits).replace("-", "−");
}

export function plusMinus(value: Maybe, error: Maybe, digits = 2): string {
  if (value == null) return DASH;
  return error == null ? decimal(value, digits) : `${decimal(value, digits)} ± ${decimal(error, digits)}`;
}

/** A number given by its decimal logarithm: e-values range from 10⁻³⁰ to 10³⁰⁰. */
export function fromLog10(log10: Maybe): string {
  if (log10 == null) return DASH;
  if (log10 > -3 && log10 < 4) return significant(10 ** log10, 3);
  const exponent = Math.floor(log10);
  return `${(10 ** (log10 - exponent)).toFixed(1)}·10${superscript(exponent)}`;
}

/** A probability: small ones as powers of ten. */
export function probability(value: Maybe): string {
  if (value == null) return DASH;
  if (value === 0) return "< 10⁻³⁰⁰";
  return value < 0.001 ? fromLog10(Math.log10(value)) : significant(value, 3);
}

function significant(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  return text.includes("e") ? String(Math.round(value)) : text;
}

function superscript(value: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return String(value).replace(/[-\d]/g, (sign) => (sign === "-" ? "⁻" : digits[Number(sign)]!));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** How long ago, in words that change slowly. */
export function ago(then: string | number | null, nowMs: number): string {
  if (then === null) return DASH;
  const seconds = Math.max(0, (nowMs - new Date(then).getTime()) / 1000);
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function moment(time: string | number | null): string {
  if (time === null) return DASH;
  return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
