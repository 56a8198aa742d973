import assert from "node:assert/strict";
import { test } from "node:test";
import { dataOf, InputError, inputsOf, type Schema } from "../src/pages/schemaForm.ts";

const schema: Schema = {
  $ref: "#/$defs/Bid",
  $defs: {
    Bid: {
      type: "object",
      required: ["side", "amount"],
      properties: {
        side: { $ref: "#/$defs/Side" },
        amount: { type: "integer", minimum: 1, maximum: 10 },
        note: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
        secret: { type: "boolean", default: true },
        seats: { type: "array" },
      },
    },
    Side: { enum: ["heads", "tails"] },
  },
};

test("one input per property, by its type", () => {
  const inputs = inputsOf(schema);
  assert.deepEqual(inputs.map(({ name, kind, required }) => [name, kind, required]), [
    ["side", "choice", true], ["amount", "number", true], ["note", "text", false], ["secret", "checkbox", false], ["seats", "json", false],
  ]);
  assert.deepEqual(inputs[0]?.choices, ["heads", "tails"]);
  assert.equal(inputs[1]?.hint, "1–10");
  assert.equal(inputs[3]?.initial, true);
});

test("what was typed becomes data; what was left empty is left to the server", () => {
  const inputs = inputsOf(schema);
  assert.deepEqual(dataOf(inputs, { side: '"tails"', amount: " 7 ", secret: false }), { side: "tails", amount: 7, secret: false });
  assert.deepEqual(dataOf(inputs, { side: '"heads"', amount: 2, note: "x", seats: "[1, 2]" }), { side: "heads", amount: 2, note: "x", secret: true, seats: [1, 2] });
});

test("what cannot be the value names its field", () => {
  const inputs = inputsOf(schema);
  const wrong: [Record<string, string>, string][] = [
    [{ amount: "1" }, "side"], [{ side: '"heads"', amount: "many" }, "amount"], [{ side: '"heads"', amount: "1", seats: "[1" }, "seats"],
  ];
  for (const [typed, field] of wrong) {
    assert.throws(() => dataOf(inputs, typed), (error: InputError) => error instanceof InputError && error.field === field);
  }
});

test("a command without fields is an empty object", () => {
  assert.deepEqual(dataOf(inputsOf({ type: "object" }), {}), {});
});
