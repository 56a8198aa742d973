import assert from "node:assert/strict";
import { test } from "node:test";
import { atPace, cloudWords, isKey, keyText, leftOf, marksBetween, moved, ordered, pictures, secondsLeft, untilOpen } from "../src/quiz/asking.ts";
import type { Ask } from "../src/quiz/views.ts";

const ask: Ask = {
  ask: 1, number: 1, of: 2, type: "single", text: "?", text_format: null, media: null, rights: null, limit_ms: 10_000, points: 1000, void: false,
  options: [{ oid: "a", text: "Rome" }, { oid: "b", text: "Paris" }], opens_at: "2026-01-01T00:00:10Z", closes_at: "2026-01-01T00:00:20Z",
  closed: null, key: null, counts: null, texts: null, explanation: null,
};
const opens = Date.parse(ask.opens_at);

test("the bar is full before the opening, empty at the end and still in a pause", () => {
  assert.equal(leftOf(ask, opens - 5_000, null), 1);
  assert.equal(leftOf(ask, opens + 5_000, null), 0.5);
  assert.equal(leftOf(ask, opens + 50_000, null), 0);
  assert.equal(leftOf(ask, opens + 9_000, "2026-01-01T00:00:15Z"), 0.5);
  assert.equal(leftOf({ ...ask, closes_at: null }, opens, null), null);
  assert.equal(untilOpen(ask, opens - 300), 300);
});

test("options stand in the seat's own order", () => {
  assert.deepEqual(ordered(ask, ["b", "a"])?.map(({ oid }) => oid), ["b", "a"]);
  assert.equal(ordered(ask, null), ask.options);
});

test("keys are said in words", () => {
  assert.equal(keyText({ ...ask, key: ["b"] }), "Paris");
  assert.equal(isKey({ ...ask, key: ["b"] }, "a"), false);
  assert.equal(keyText({ ...ask, key: { accept: [{ value: 5, min: 4, max: 6 }] } }), "4 – 6");
  assert.equal(keyText({ ...ask, rights: [{ oid: "x", text: "France" }], key: { b: "x" } }), "Paris → France");
  assert.equal(keyText(ask), "");
});

test("a seat with more time has its own end", () => {
  assert.equal(atPace(ask, "1"), ask);
  assert.equal(Date.parse(atPace(ask, "1.5").closes_at ?? ""), opens + 15_000);
  assert.equal(atPace(ask, "off").closes_at, null);
});

test("seconds are counted as people count them", () => {
  assert.equal(secondsLeft(ask, opens - 5_000, null), 10);
  assert.equal(secondsLeft(ask, opens + 9_001, null), 1);
  assert.equal(secondsLeft(ask, opens + 60_000, null), 0);
  assert.equal(secondsLeft({ ...ask, closes_at: null }, opens, null), null);
});

test("half the time, ten seconds and five are said once, however rarely one looks", () => {
  assert.deepEqual(marksBetween(60_000, 31, 30), [30]);
  assert.deepEqual(marksBetween(60_000, 30, 29), []);
  assert.deepEqual(marksBetween(60_000, 12, 4), [10, 5]);
  assert.deepEqual(marksBetween(20_000, 11, 10), [10]);
  assert.deepEqual(marksBetween(8_000, 8, 5), [5]);
});

test("moving keeps what would fall off an end", () => {
  assert.deepEqual(moved(["a", "b", "c"], 0, 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], 0, -1), ["a", "b", "c"]);
});

test("pictures are the question's own or this server's", () => {
  assert.deepEqual(pictures([{ name: "a.png", base64: "QQ==" }])[0]?.source, "data:image/png;base64,QQ==");
  assert.deepEqual(pictures([{ url: "https://example.invalid/a.png" }, { url: "//example.invalid/a.png" }, { name: "a.exe", base64: "QQ==" }]), []);
  assert.deepEqual(pictures([{ hash: "ab", alt: "a bee" }], "r 1"), [{ source: "/api/quiz/rooms/r%201/pictures/ab", alt: "a bee" }]);
  assert.deepEqual(pictures({ url: "/media/a", alt: "a bee" }), [{ source: "/media/a", alt: "a bee" }]);
  assert.deepEqual(pictures(null), []);
});

test("a cloud takes three words, none twice", () => assert.deepEqual(cloudWords([" sea ", "sea", "", "sky", "sun", "air"]), ["sea", "sky", "sun"]));
