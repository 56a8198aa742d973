/** Friendly names for those who have none at hand: an adjective and an animal that goes with it. */
const WORDS = {
  en: [
    ["Amber", "Brave", "Clever", "Daring", "Eager", "Gentle", "Happy", "Jolly", "Kind", "Lucky", "Mighty", "Nimble", "Proud", "Quick", "Swift", "Witty"],
    ["Badger", "Bear", "Crane", "Dolphin", "Eagle", "Falcon", "Fox", "Hare", "Heron", "Lynx", "Otter", "Owl", "Panda", "Raven", "Seal", "Tiger"],
  ],
  de: [
    ["Bunter", "Flinker", "Flotter", "Froher", "Großer", "Heller", "Kluger", "Kühner", "Lieber", "Mutiger", "Netter", "Ruhiger", "Schlauer", "Sanfter", "Stolzer", "Wacher"],
    ["Adler", "Bär", "Dachs", "Delfin", "Falke", "Fink", "Fuchs", "Hase", "Igel", "Kranich", "Luchs", "Otter", "Panda", "Rabe", "Storch", "Tiger"],
  ],
} as const;

/** One of 256 names; `chance` gives 0 to less than 1. */
export function suggested(language: string, chance: () => number = Math.random): string {
  const lists = language === "de" ? WORDS.de : WORDS.en;
  return lists.map((words) => words[Math.floor(chance() * words.length)]).join(" ");
}
