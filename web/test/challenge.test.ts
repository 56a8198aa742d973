import assert from "node:assert/strict";
import { test } from "node:test";
import { numberAt } from "../src/quiz/challenge.ts";

const since = "2026-01-01T00:00:00Z";
const challenge = { numbers: ["111111", "222222", "333333"], since };
const at = (seconds: number) => numberAt(challenge, Date.parse(since) + seconds * 1000);

test("each number has its twenty seconds", () => {
  assert.deepEqual(at(0), { number: "111111", left: 1 });
  assert.deepEqual(at(5), { number: "111111", left: 0.75 });
  assert.deepEqual(at(20), { number: "222222", left: 1 });
  assert.equal(at(59.9).number, "333333");
});

test("a clock that is off shows the nearest", () => {
  assert.deepEqual(at(-3), { number: "111111", left: 1 });
  assert.deepEqual(at(70), { number: "333333", left: 0 });
});
