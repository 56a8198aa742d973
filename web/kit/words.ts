import { texts } from "./language.svelte.ts";
import de from "./texts/de.json" with { type: "json" };
import en from "./texts/en.json" with { type: "json" };

/** The words of the kit, the frame and the pages before a room. */
export const word = texts<keyof typeof en>({ en, de });
