import assert from "node:assert/strict";
import { test } from "node:test";
import { suggested } from "../kit/names.ts";
import { alike } from "../src/quiz/grading.ts";

test("texts that read the same are one pile, and those without a grade come first", () => {
  const answers = [
    { player: 2, name: "Ann", answer: "to  Sleep", grade: 1 }, { player: 3, name: "Bob", answer: "to sleep ", grade: 1 },
    { player: 4, name: "Cy", answer: "rest", grade: null }, { player: 5, name: "Di", answer: "Rest", grade: 0.5 },
  ];
  assert.deepEqual(alike(answers), [
    { text: "rest", players: [4, 5], grade: null },
    { text: "to  Sleep", players: [2, 3], grade: 1 },
  ]);
});

test("a name is suggested in the language of the page", () => {
  assert.equal(suggested("en", () => 0), "Amber Badger");
  assert.equal(suggested("de", () => 0.999), "Wacher Tiger");
});
