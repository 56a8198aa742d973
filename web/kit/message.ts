/** Texts in message files: one text, or one for each plural category that a language has; `{name}` stands for a value. */

export type Message = string | { readonly [category in Intl.LDMLPluralRule]?: string };
export type Messages = Readonly<Record<string, Message>>;
export type Values = Readonly<Record<string, string | number>>;

/** A language for testing: English, mirrored, from right to left. */
export const MIRRORED = "xr";
const BOM = { mark: "\u200f", override: "\u202e", pop: "\u202c" } as const;

/** A message with its values; `n` chooses the plural form and every number is written as the language writes numbers. */
export function written(message: Message, language: string, values: Values = {}): string {
  const spoken = language === MIRRORED ? "en" : language;
  const form = typeof message === "string" ? message : (message[new Intl.PluralRules(spoken).select(Number(values.n ?? 0))] ?? message.other ?? "");
  const text = language === MIRRORED ? mirrored(form) : form;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === "number" ? new Intl.NumberFormat(spoken).format(value) : (value ?? whole);
  });
}

/** Every word turned around, as a pseudo-language of right-to-left scripts; what values stand for is left alone. */
export function mirrored(text: string): string {
  return text.replace(/\{\w+\}|[^\s{}]+/g, (part) => (part.startsWith("{") ? part : `${BOM.mark}${BOM.override}${part}${BOM.pop}${BOM.mark}`));
}

/** The first of the wanted languages that there is; `en-GB` is content with `en`. */
export function chosen(wanted: readonly (string | null | undefined)[], known: readonly string[]): string {
  for (const one of wanted) {
    const found = known.find((language) => language === one || language === one?.split("-")[0]);
    if (found) return found;
  }
  return known[0] ?? "en";
}

export const direction = (language: string): "ltr" | "rtl" => (language === MIRRORED ? "rtl" : "ltr");
