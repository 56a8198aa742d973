import { Rejection } from "@client";
import { note } from "@kit/announcer.svelte.ts";
import { texts } from "@kit/language.svelte.ts";
import de from "./texts/de.json" with { type: "json" };
import en from "./texts/en.json" with { type: "json" };

/** A text of the quiz in the language of the page. */
export const t = texts<keyof typeof en>({ en, de });

/** Why something was refused, in the language of the page; what has no text of its own is told as the server says it. */
export function refusal(error: { code: string; message: string }): string {
  const key = `refused_${error.code}`;
  return key in en ? t(key as keyof typeof en) : error.message;
}

/** Await a command and say it when it was refused; whether it took effect. */
export async function attempt(command: Promise<unknown>): Promise<boolean> {
  try {
    await command;
    return true;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    if (error.code !== "left") note(refusal(error), "bad");
    return false;
  }
}
