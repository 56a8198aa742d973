import type { Ask, Medium, QuestionType } from "./views.ts";

/** A shape beside every colour, so that nothing is told by colour alone. */
export const SHAPES = ["▲", "◆", "●", "■", "★", "⬟", "✚", "♥", "☾", "⬢", "▼", "♣"] as const;

/** What is left of the time, 1 to 0; null without a clock. While paused time stands still at `pausedAt`. */
export function leftOf(ask: Ask, now: number, pausedAt: string | null): number | null {
  if (ask.closes_at === null) return null;
  const at = pausedAt === null ? now : Date.parse(pausedAt);
  const opens = Date.parse(ask.opens_at);
  const closes = Date.parse(ask.closes_at);
  return Math.max(0, Math.min(1, (closes - Math.max(at, opens)) / Math.max(1, closes - opens)));
}

/** Milliseconds until the options are uncovered; 0: they are. */
export const untilOpen = (ask: Ask, now: number): number => Math.max(0, Date.parse(ask.opens_at) - now);

/** The options in the order this seat sees them. */
export function ordered(ask: Ask, order: readonly string[] | null): Ask["options"] {
  if (!order || !ask.options) return ask.options;
  const place = new Map(order.map((oid, at) => [oid, at]));
  return [...ask.options].sort((one, other) => (place.get(one.oid) ?? 0) - (place.get(other.oid) ?? 0));
}

/** Whether an option belongs to the key that was told. */
export const isKey = (ask: Ask, oid: string): boolean => Array.isArray(ask.key) && ask.key.includes(oid);

/** A key as people read it. */
export function keyText(ask: Ask): string {
  const shown = new Map([...(ask.options ?? []), ...(ask.rights ?? [])].map(({ oid, text }) => [oid, text]));
  const said = (one: unknown): string => shown.get(String(one)) ?? String(one);
  if (Array.isArray(ask.key)) return ask.key.map(said).join(ask.type === "order" ? " → " : ", ");
  if (ask.key && typeof ask.key === "object" && "accept" in ask.key) {
    const ranges = ask.key.accept as { value: unknown; min: unknown; max: unknown }[];
    return ranges.map(({ value, min, max }) => (min === max || min === null ? String(value ?? min) : `${String(min)} – ${String(max)}`)).join(", ");
  }
  if (ask.key && typeof ask.key === "object") return Object.entries(ask.key).map(([left, right]) => `${said(left)} → ${said(right)}`).join(", ");
  return "";
}

/** The ask as a seat with a time factor has it: its own end, or none. */
export function atPace(ask: Ask, factor: string): Ask {
  if (ask.closes_at === null || factor === "1") return ask;
  if (factor === "off") return { ...ask, closes_at: null };
  const extra = ask.limit_ms * (Number(factor) - 1);
  return { ...ask, closes_at: new Date(Date.parse(ask.closes_at) + extra).toISOString() };
}

/** Seconds that are left, counted as people count them; null without a clock. */
export function secondsLeft(ask: Ask, now: number, pausedAt: string | null): number | null {
  const left = leftOf(ask, now, pausedAt);
  if (left === null || ask.closes_at === null) return null;
  return Math.max(0, Math.ceil((left * (Date.parse(ask.closes_at) - Date.parse(ask.opens_at))) / 1000 - 1e-9));
}

/** Which of the spoken moments (half of the time, 10 s, 5 s) lie between two looks at the clock, in seconds left. */
export function marksBetween(limitMs: number, before: number, after: number): number[] {
  const marks = [Math.round(limitMs / 2000), 10, 5].filter((mark, at, all) => mark > 0 && mark * 1000 < limitMs && all.indexOf(mark) === at);
  return marks.filter((mark) => before > mark && after <= mark);
}

/** What is answered with one tap. */
export const isChoice = (type: QuestionType): boolean => ["single", "true_false", "multi", "poll"].includes(type);
export const isWritten = (type: QuestionType): boolean => ["typed", "number", "open", "word_cloud"].includes(type);
/** Types that nobody can be right or wrong about. */
export const isUngraded = (type: QuestionType): boolean => ["poll", "word_cloud", "slide", "open"].includes(type);

/** An order with one entry moved; what would fall off an end stays. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const order = [...list];
  const [one] = order.splice(from, 1);
  if (one !== undefined) order.splice(Math.max(0, Math.min(order.length, to)), 0, one);
  return order;
}

const PICTURES: Readonly<Record<string, string>> = { png: "png", jpg: "jpeg", jpeg: "jpeg", gif: "gif", webp: "webp", avif: "avif", svg: "svg+xml" };

/** Pictures of a question as addresses. What is no picture, or from elsewhere than this server, is left out. */
export function pictures(media: unknown, room = ""): { source: string; alt: string }[] {
  const listed = (Array.isArray(media) ? media : media ? [media] : []) as Medium[];
  return listed.flatMap((one) => {
    const kind = PICTURES[(one.name ?? one.url ?? "").split(".").at(-1)?.toLowerCase() ?? ""];
    if (one.hash) return [{ source: `/api/quiz/rooms/${encodeURIComponent(room)}/pictures/${encodeURIComponent(one.hash)}`, alt: one.alt ?? "" }];
    if (one.url?.startsWith("/") && !one.url.startsWith("//")) return [{ source: one.url, alt: one.alt ?? "" }];
    return kind && one.base64 ? [{ source: `data:image/${kind};base64,${one.base64}`, alt: one.alt ?? one.name ?? "" }] : [];
  });
}

/** Words of a cloud as sent: trimmed, none twice, at most three. */
export function cloudWords(entries: readonly string[]): string[] {
  return [...new Set(entries.map((entry) => entry.trim()).filter(Boolean))].slice(0, 3);
}

/** A moment as a field for one takes it: local, to the minute. */
export function localMoment(stamp: string): string {
  const moment = new Date(stamp);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
