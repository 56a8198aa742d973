import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, DASH, decimal, fromLog10, percent, percentRange, plural, plusMinus, probability } from "../src/format.ts";

test("what is not available is a dash, never 0", () => {
  for (const text of [percent(null), percentRange(null), decimal(undefined), plusMinus(null, 1), fromLog10(null), probability(null)]) assert.equal(text, DASH);
});

test("rates, intervals and errors", () => {
  assert.equal(percent(0.853553), "85.4 %");
  assert.equal(percent(0.75, 0), "75 %");
  assert.equal(percentRange([0.745455, 0.845283]), "74.5–84.5 %");
  assert.equal(plusMinus(2.4225, 0.203827), "2.42 ± 0.20");
  assert.equal(decimal(-0.607843), "−0.61");
});

test("e-values from any power of ten, tails down to nothing", () => {
  assert.equal(fromLog10(Math.log10(23.29989)), "23.3");
  assert.equal(fromLog10(0), "1.00");
  assert.equal(fromLog10(3.5), "3162");
  assert.equal(fromLog10(267.8202903), "6.6·10²⁶⁷");
  assert.equal(fromLog10(-27.1309153), "7.4·10⁻²⁸");
  assert.equal(probability(0.0390777), "0.0391");
  assert.equal(probability(1.02861e-25), "1.0·10⁻²⁵");
  assert.equal(probability(0), "< 10⁻³⁰⁰");
});

test("times and counts in words", () => {
  assert.deepEqual([0, 4_000, 59_000, 61_000, 7_200_000, 200_000_000].map((ms) => ago(0, ms)), ["now", "now", "59 s", "1 min", "2 h", "2 d"]);
  assert.equal(ago(null, 5), DASH);
  assert.deepEqual([plural(1, "member"), plural(2, "member"), plural(0, "box", "boxes")], ["1 member", "2 members", "0 boxes"]);
});
