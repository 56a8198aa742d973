// Message files: every language says everything, with its plural forms and values; every key that is used exists and
// every key that exists is used; pages hold no words of their own. Run by each build, which stops on the first problem.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const PUT_TOGETHER = /`([a-z_]+)\$\{/g;
const SPOKEN = /\s(?:aria-label|title|placeholder|label|alt|hint|text|note)="([^"{]*\p{L}{2}[^"{]*)"/gu;
const NAMES = new Set(["Gamekeeper"]);

const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort().join();
const forms = (message) => (typeof message === "string" ? [message] : Object.values(message));

/** What is wrong between two message files. */
export function compared(language, messages, original) {
  const problems = [];
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const key of Object.keys(original)) if (!(key in messages)) problems.push(`${language}: "${key}" is missing`);
  for (const [key, message] of Object.entries(messages)) {
    if (!(key in original)) problems.push(`${language}: "${key}" is in no other language`);
    else if (typeof message !== "string" && wanted.some((category) => !(category in message))) problems.push(`${language}: "${key}" lacks a plural form of ${wanted}`);
    const widest = (one) => placeholders(forms(one).at(-1) ?? "");
    if (key in original && widest(message) !== widest(original[key])) problems.push(`${language}: "${key}" has other values`);
    if (forms(message).some((form) => !form.trim())) problems.push(`${language}: "${key}" is empty`);
  }
  return problems;
}

/** Keys that a source names by calling `speak`: whole ones, and beginnings of those put together at run time. */
export function named(source, speak) {
  const calls = source.matchAll(new RegExp(`\\b${speak}\\(\\s*"([^"]*)"`, "g"));
  return { whole: [...calls].map(([, key]) => key), begun: [...source.matchAll(PUT_TOGETHER)].map(([, start]) => start) };
}

/** Words in a component's markup that should be in a message file. */
export function bareWords(source) {
  const markup = source.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, "");
  const spoken = [...markup.matchAll(SPOKEN)].map(([, words]) => words);
  let text = markup;
  for (let before = ""; before !== text; ) [before, text] = [text, text.replace(/\{[^{}]*\}/g, " ")];
  text = text.replace(/<[^>]*>/g, "\n");
  const written = text.split("\n").map((line) => line.replace(/^[·\s]+/, "").trim()).filter((line) => /\p{L}{2}/u.test(line) && !NAMES.has(line) && !/^&\w+;$/.test(line));
  return [...spoken, ...written];
}

const json = (file) => JSON.parse(readFileSync(file, "utf8"));

/** `folder` holds `texts/en.json` and its other languages; `users`: where sources that speak them are. */
export function checked(folder, speak, users) {
  const languages = readdirSync(join(folder, "texts")).map((file) => basename(file, ".json"));
  const english = json(join(folder, "texts", "en.json"));
  const problems = languages.flatMap((language) => compared(language, json(join(folder, "texts", `${language}.json`)), english));
  const sources = users.flatMap(files).map((file) => [file, readFileSync(file, "utf8")]);
  const used = sources.map(([file, source]) => [file, named(source, speak)]);
  const begun = used.flatMap(([, keys]) => keys.begun);
  const whole = new Set(used.flatMap(([, keys]) => keys.whole));
  for (const [file, keys] of used) {
    for (const key of keys.whole) if (!(key in english)) problems.push(`${basename(file)}: "${key}" is in no message file`);
  }
  const quoted = (key) => sources.some(([, source]) => source.includes(`"${key}"`));
  for (const key of Object.keys(english)) if (!whole.has(key) && !quoted(key) && !begun.some((start) => key.startsWith(start))) problems.push(`"${key}" is not used`);
  for (const file of users.flatMap(files).filter((name) => name.endsWith(".svelte")))
    for (const words of bareWords(readFileSync(file, "utf8"))) problems.push(`${basename(file)}: "${words}" belongs into the message files`);
  return problems;
}

function files(place) {
  if (/\.(svelte|ts)$/.test(place)) return [place];
  return readdirSync(place).filter((name) => /\.(svelte|ts)$/.test(name)).map((name) => join(place, name));
}

/** Every part of the pages that is translated. */
export function everything(web) {
  const [kit, quiz, src] = [join(web, "kit"), join(web, "src", "quiz"), join(web, "src")];
  const framed = [kit, join(src, "Shell.svelte"), join(src, "App.svelte"), join(src, "pages", "Join.svelte")];
  return [...checked(kit, "word", framed), ...checked(quiz, "t", [quiz])];
}

export function texts() {
  return {
    name: "texts",
    buildStart() {
      const problems = everything(dirname(dirname(new URL(import.meta.url).pathname)));
      if (problems.length) this.error(`message files:\n  ${problems.join("\n  ")}`);
    },
  };
}
