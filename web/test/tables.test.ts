import assert from "node:assert/strict";
import { test } from "node:test";
import { allPlans, cellsWon, CELLS, correlation, LETTERS, play, wins, type Plan } from "../src/chsh/tables.ts";

const plan = (text: string): Plan => Object.fromEntries(LETTERS.map((letter, index) => [letter, text[index]])) as Plan;
const lost = (text: string): string[] => CELLS.filter((cell) => !wins(plan(text), cell)).map((cell) => cell.join(""));

test("the four plans that lose one cell, and their mirror images", () => {
  for (const [text, cell] of [["TTTF", "AY"], ["TTTT", "BY"], ["TFTT", "BX"], ["FTTF", "AX"]] as const) {
    assert.deepEqual(lost(text), [cell]);
    assert.deepEqual(lost(text.replace(/[TF]/g, (answer) => (answer === "T" ? "F" : "T"))), [cell]);
  }
});

test("of sixteen plans eight win three cells, eight win one: 3/4 and S = 2 at most", () => {
  const plans = allPlans();
  assert.equal(new Set(plans.map((one) => JSON.stringify(one))).size, 16);
  assert.deepEqual(plans.map(cellsWon), [...Array<number>(8).fill(3), ...Array<number>(8).fill(1)]);
  assert.equal(Math.max(...plans.map(correlation)), 2);
});

test("playing asks all cells and counts what is won", () => {
  const asked = [0.1, 0.3, 0.6, 0.9];
  let call = 0;
  const random = (): number => (call++ % 2 ? asked[Math.floor(call / 2 - 1) % 4]! : 0);
  assert.equal(play([plan("TTTF")], 400, random), 300);
});
