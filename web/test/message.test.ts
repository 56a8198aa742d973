import assert from "node:assert/strict";
import { test } from "node:test";
import { chosen, direction, mirrored, MIRRORED, written } from "../kit/message.ts";

test("plural forms and numbers follow the language", () => {
  const message = { one: "{n} point", other: "{n} points" };
  assert.equal(written(message, "en", { n: 1 }), "1 point");
  assert.equal(written(message, "en", { n: 1000 }), "1,000 points");
  assert.equal(written({ one: "{n} Punkt", other: "{n} Punkte" }, "de", { n: 1000 }), "1.000 Punkte");
});

test("a value is put in as it is, and what has none stays", () => {
  assert.equal(written("Hello {name}", "en", { name: "{n}" }), "Hello {n}");
  assert.equal(written("Hello {name}", "en"), "Hello {name}");
});

test("the mirrored language turns words, not values", () => {
  assert.equal(direction(MIRRORED), "rtl");
  assert.equal(direction("de"), "ltr");
  assert.ok(mirrored("Join now").includes("\u202eJoin\u202c"));
  assert.ok(written("With {name}", MIRRORED, { name: "Ann" }).endsWith(" Ann"));
});

test("the first language that is known is spoken", () => {
  assert.equal(chosen([null, "fr", "de-AT", "en"], ["en", "de"]), "de");
  assert.equal(chosen(["fr"], ["en", "de"]), "en");
});
