import assert from "node:assert/strict";
import { test } from "node:test";
import { asType, blank, bounds, finished, lackOf, TYPES } from "../src/quiz/writing.ts";

test("a blank question of each type says what is missing", () => {
  for (const type of TYPES) assert.equal(lackOf(blank(type)), "lack_text");
  const texts = TYPES.map((type) => lackOf({ ...blank(type), text: "?" }));
  assert.deepEqual(texts, ["lack_empty", "lack_empty", null, "lack_empty", "lack_number", "lack_empty", "lack_empty", "lack_empty", null, null, null]);
});

test("options need a right one and two at least", () => {
  const option = (text: string, weight: number) => ({ text, weight, correct: weight > 0 });
  assert.equal(lackOf({ type: "single", text: "?", options: [option("a", 0), option("b", 0)] }), "lack_right");
  assert.equal(lackOf({ type: "poll", text: "?", options: [option("a", 0)] }), "lack_options");
  assert.equal(lackOf({ type: "match", text: "?", pairs: [{ left: "a", right: "b" }, { left: null, right: "c" }] }), "lack_pairs");
});

test("a number stands for a range, with either decimal sign", () => {
  assert.deepEqual(bounds({ value: "3,14", tolerance: "0.01" }), { min: "3.13", max: "3.15" });
  assert.deepEqual(bounds({ value: "\u22125", tolerance: "" }), { min: "-5", max: "-5" });
  assert.deepEqual(bounds({ min: 1, max: 2 }), { min: "1", max: "2" });
  assert.equal(bounds({ min: 2, max: 1 }), null);
  assert.equal(bounds({ value: "many" }), null);
});

test("what is sent is what applies", () => {
  const sent = finished({ type: "number", text: " How many? ", options: [], numeric: { accept: [{ value: "206", tolerance: "5" }, { value: "" }] }, explanation: " " });
  assert.equal(sent.text, "How many?");
  assert.equal(sent.explanation, null);
  assert.deepEqual(sent.numeric?.accept, [{ value: "206", tolerance: "5", min: "201", max: "211", weight: 100 }]);
  assert.equal("options" in sent, false);
});

test("another type keeps the words that mean something there", () => {
  const single = { ...blank("single"), text: "?", options: [{ text: "a", correct: false, weight: 0 }, { text: "b", correct: true, weight: 100 }] };
  assert.deepEqual(asType(single, "multi").options?.map(({ correct }) => correct), [false, true]);
  assert.deepEqual(asType(single, "order").options?.map(({ weight }) => weight), [100, 100]);
  assert.deepEqual(asType(single, "poll").options?.map(({ correct }) => correct), [false, false]);
  assert.equal(asType(single, "number").options, undefined);
});
