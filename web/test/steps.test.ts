import assert from "node:assert/strict";
import { test } from "node:test";
import { stepOfKey, stepsOf } from "../src/quiz/steps.ts";
import type { Phase, PublicView } from "../src/quiz/views.ts";

const at = (phase: Phase, pause: PublicView["pause"] = null): PublicView => ({
  title: "", phase, pause, ask: null, ended_at: null, segment: null, board: null, segment_board: null, credited: [], teams: null, pace: null,
  rules: { preset: "kahoot", tiebreak: "none", penalty: 0, floor: "zero", streak: false, confidence: false, allow_change: false, teams: [], lead_ms: 800, buttons_only: false },
});

test("the likeliest step is the first; nothing fits a pause", () => {
  assert.deepEqual(stepsOf(at("revealed")), ["board", "next"]);
  assert.deepEqual(stepsOf(at("open", { reason: "host", at: "", resume_at: null })), []);
});

test("a presenter does not start, end or undo", () => {
  assert.deepEqual(stepsOf(at("lobby"), true), []);
  assert.deepEqual(stepsOf(at("ended"), true), []);
  assert.deepEqual(stepsOf(at("intro"), true), ["show", "skip"]);
});

test("keys of a presentation take the first step, letters the others", () => {
  const steps = stepsOf(at("closed"));
  assert.equal(stepOfKey(" ", steps), "reveal");
  assert.equal(stepOfKey("PageDown", steps), "reveal");
  assert.equal(stepOfKey("O", steps), "reopen");
  assert.equal(stepOfKey("x", steps), null);
  assert.equal(stepOfKey(" ", []), null);
});
