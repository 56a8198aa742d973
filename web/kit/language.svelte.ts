import { chosen, direction, MIRRORED, written, type Message, type Values } from "./message.ts";

/** The language the page speaks. Texts follow it at once. */
export const language = $state({ code: "en" });

/** Languages that people are offered. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
const KNOWN = [...Object.keys(LANGUAGES), MIRRORED];
const KEPT = "language";

/** Speak it: texts, direction, and what a screen reader is told. */
export function speak(code: string): void {
  language.code = code;
  document.documentElement.lang = code === MIRRORED ? "en" : code;
  document.documentElement.dir = direction(code);
}

/** What this person wants: named in the address (`?lang=de`), chosen earlier, or the browser's. */
export function preferred(): string {
  const named = new URLSearchParams(location.search).get("lang");
  const found = chosen([named, kept(), ...navigator.languages], KNOWN);
  if (named && found === named) keep(found);
  return found;
}

export function choose(code: string): void {
  keep(code);
  speak(code);
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT) ?? localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(code: string): void {
  try {
    (code === MIRRORED ? sessionStorage : localStorage).setItem(KEPT, code);
  } catch {
    // It holds until the page is loaded anew.
  }
}

/** The texts of one part of the pages in every language: a function of a key and its values. */
export function texts<Keys extends string>(languages: Readonly<Record<keyof typeof LANGUAGES, Readonly<Record<Keys, Message>>>>) {
  return (key: Keys, values?: Values): string => {
    const messages = languages[language.code === "de" ? "de" : "en"];
    return written(messages[key], language.code, values);
  };
}

/** A number as the language writes it. */
export const figure = (value: number, digits = 0): string =>
  new Intl.NumberFormat(language.code === MIRRORED ? "en" : language.code, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** A date as the language writes it. */
/** A day and a time of day, as people write them. */
export const whenDue = (time: string): string => new Intl.DateTimeFormat(language.code === MIRRORED ? "en" : language.code, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
export const day = (time: string): string => new Intl.DateTimeFormat(language.code === MIRRORED ? "en" : language.code, { dateStyle: "medium" }).format(new Date(time));
