import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../src/clock.ts";

test("the sample with the shortest round trip counts, among the newest eight", () => {
  let local = 1_000;
  const clock = new Clock(() => local);
  assert.equal(clock.now(), 1_000);
  clock.sample(9_000, 100);
  assert.equal(clock.offsetMs, 8_050);
  clock.sample(9_000, 20);
  assert.equal(clock.offsetMs, 8_010);
  clock.sample(20_000, 500);
  assert.equal(clock.offsetMs, 8_010);
  local = 2_000;
  for (let count = 0; count < 8; count++) clock.sample(5_000, 200);
  assert.equal(clock.offsetMs, 3_100);
  assert.equal(clock.now(), 5_100);
});
