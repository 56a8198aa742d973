import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ITEMS, shapeOf } from "../src/pages/jsonShape.ts";

test("words, keys with values, or rows", () => {
  assert.equal(shapeOf(5).kind, "scalar");
  assert.equal(shapeOf(null).kind, "scalar");
  assert.equal(shapeOf({}).kind, "empty");
  assert.equal(shapeOf([1, 2]).kind, "entries");
  assert.equal(shapeOf({ a: 1, b: { c: 2 } }).kind, "entries");
  assert.deepEqual(shapeOf({ 1: { n: 1, w: 2 }, 2: { n: 3, w: 4, x: 5 } }), {
    kind: "rows", columns: ["n", "w", "x"], rows: [["1", { n: 1, w: 2 }], ["2", { n: 3, w: 4, x: 5 }]], left: 0,
  });
});

test("objects that are not alike are no table", () => {
  assert.equal(shapeOf({ one: { a: 1 }, two: { b: 2 }, three: { c: 3 } }).kind, "entries");
});

test("long ones are cut, and the rest is counted", () => {
  const shape = shapeOf(Array.from({ length: MAX_ITEMS + 7 }, (_, index) => index));
  assert.equal(shape.kind === "entries" && shape.entries.length, MAX_ITEMS);
  assert.equal(shape.left, 7);
});
