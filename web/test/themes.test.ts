import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { announcement } from "../src/chsh/announcement.ts";
import { LIMITS, marksOf } from "../src/chsh/figures.ts";
import { answerLook, fill, THEMES, WORDS, type Theme } from "../src/chsh/theme.ts";
import { DEFAULT_PLAN, type PlayerView } from "../src/chsh/views.ts";

const folder = new URL("../../../../src/chsh/themes/", import.meta.url);
const themes = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Theme);
const named = (id: string): Theme => themes.find((theme) => theme.id === id)!;

test("every theme has every word, with the places the first one has", () => {
  const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();
  assert.deepEqual(themes.map(({ id }) => id).sort(), THEMES.map(({ id }) => id).sort());
  for (const theme of themes) {
    assert.deepEqual(Object.keys(theme.words).sort(), [...WORDS].sort(), theme.id);
    for (const word of WORDS) assert.deepEqual(places(theme.words[word]), places(named("classic").words[word]), `${theme.id} ${word}`);
    assert.deepEqual(Object.keys(theme.marks).sort(), ["balanced", "device", "imported", "seeded", "symmetric", "void"]);
  }
});

test("the two answers never differ in colour alone", () => {
  for (const theme of themes) {
    for (const letter of ["A", "B", "X", "Y"] as const) {
      const [yes, no] = [answerLook(theme, letter, "T"), answerLook(theme, letter, "F")];
      assert.notEqual(yes.shape, no.shape);
      assert.notEqual(yes.word, no.word);
    }
  }
});

test("unknown places stay as they are", () => {
  assert.equal(fill("{a} and {b}", { a: 1 }), "1 and {b}");
});

test("question, lock and result are said in words", () => {
  const pair = { id: 1, name: "", position: 2, partner: "Ben", partner_online: null, rounds: 1, counted: 1, void_rounds: 0, wins: 1, win_rate: 1 } as const;
  const own: PlayerView = {
    name: "Ada", label: null, pair_code: null, pair, ready: false, result: null, closed_reason: null, last: null,
    question: { round: 2, letter: "Y", closes_at: null, left_s: null, measured: null, answer: null },
  };
  const theme = named("classic");
  assert.equal(announcement(theme, "question", own), "Round 2. Your letter: Y");
  assert.equal(announcement(theme, "locked", { ...own, question: { ...own.question!, answer: "F" } }), "You answered No. Waiting for Ben");
  const last = { round: 2, win: true, letters: ["B", "Y"], answers: ["T", "F"], void_reason: null, silent: null } as const;
  assert.equal(announcement(theme, "feedback", { ...own, question: null, last }), "Won. You: Y, No. Ben: B, Yes. B and Y: different answers were needed.");
  const hidden = { ...last, win: null, letters: null, answers: null };
  assert.equal(announcement(theme, "feedback", { ...own, last: hidden }), "Round closed");
});

test("marks name everything that bends the numbers", () => {
  const run = { ...DEFAULT_PLAN, question_source: "system" } as const;
  assert.deepEqual(marksOf(run), []);
  const marks = marksOf({ ...run, device: "quantum", visibility: 0.9, schedule: "balanced", question_source: "seeded" }, 3);
  assert.equal(marks.length, 4);
  assert.match(marks[0]!, /visibility 0.9, simulated/);
  assert.match(marks[3]!, /3/);
});

test("wins are held against the limits of the rounds that count, whatever the mode", () => {
  assert.deepEqual([LIMITS.classical, LIMITS.quantum.toFixed(6)], [0.75, "0.853553"]);
  assert.equal(marksOf({ ...DEFAULT_PLAN, mode: "symmetric", question_source: "system" }).length, 1);
});
