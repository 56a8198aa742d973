import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

type Texts = typeof import("../scripts/texts.mjs");
const { bareWords, compared, everything, named } = (await import(pathToFileURL("scripts/texts.mjs").href)) as Texts;

test("every language says everything, and pages hold no words of their own", () => assert.deepEqual(everything("."), []));

test("a missing key, plural form or value is found", () => {
  const english = { a: "A {name}", b: { one: "{n} b", other: "{n} bs" } };
  assert.deepEqual(compared("de", { a: "A {name}", b: { one: "{n} B", other: "{n} Bs" } }, english), []);
  assert.match(compared("de", { a: "A {name}" }, english).join(), /"b" is missing/);
  assert.match(compared("de", { a: "A", b: { other: "{n}" } }, english).join(), /"a" has other values.*"b" lacks a plural form/);
  assert.match(compared("de", { ...english, c: "C" }, english).join(), /"c" is in no other language/);
  assert.match(compared("de", { ...english, a: " " }, english).join(), /"a" is empty/);
});

test("keys are found in calls, beginnings in templates", () => {
  assert.deepEqual(named('{t("one")} {t(`phase_${view.phase}`)} {not("two")}', "t"), { whole: ["one"], begun: ["phase_"] });
});

test("words in markup are found", () => {
  assert.deepEqual(bareWords('<script>const a = "Hello there";</script><p class="big">{t("one")} · 3 s</p>'), []);
  assert.deepEqual(bareWords("<p>Hello {name}</p>"), ["Hello"]);
  assert.deepEqual(bareWords('<input aria-label="Your name" />'), ["Your name"]);
});
