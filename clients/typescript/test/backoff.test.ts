import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../src/backoff.ts";

test("doubles up to the cap, within a fifth and the whole of each bound", () => {
  const shortest = new Backoff(250, 10_000, () => 0);
  const longest = new Backoff(250, 10_000, () => 1);
  const bounds = [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
  assert.deepEqual(bounds.map(() => shortest.next()), bounds.map((bound) => bound * 0.2));
  assert.deepEqual(bounds.map(() => longest.next()), bounds);
  longest.reset();
  assert.equal(longest.next(), 250);
  for (let count = 0; count < 2_000; count++) assert.ok(longest.next() <= 10_000);
});
