import assert from "node:assert/strict";
import { test } from "node:test";
import { secondsLeft, stageOf, type Known, type Stage } from "../src/chsh/stage.ts";
import { DEFAULT_PLAN, type OwnQuestion, type Phase, type PlayerView, type PublicView } from "../src/chsh/views.ts";

const view = (phase: Phase | null): PublicView => ({
  run: phase && {
    ...DEFAULT_PLAN, id: 1, phase, question_source: "system", commitment: null, secret: null, started_at: null, ends_at: null, ended_reason: null,
  },
  counts: null,
  tables_open: false,
});
const pair = { id: 1, name: "Ada & Ben", position: 1, partner: "Ben", partner_online: null, rounds: 0, counted: 0, void_rounds: 0, wins: 0, win_rate: null } as const;
const own = (change: Partial<PlayerView> = {}): PlayerView => ({
  name: "Ada", label: null, pair_code: null, pair, question: null, last: null, ready: false, result: null, closed_reason: null, ...change,
});
const question: OwnQuestion = { round: 1, letter: "A", closes_at: null, left_s: null, measured: null, answer: null };
const last = { round: 1, win: true, letters: null, answers: null, void_reason: null, silent: null } as const;
const at = (phase: Phase | null, change: Partial<PlayerView>, chosen = false, known: Partial<Known> = {}): Stage =>
  stageOf({ connection: "live", known: true, public: view(phase), private: own(change), ...known }, chosen);

test("each situation has its one stage", () => {
  assert.equal(at(null, { pair: null }), "unpaired");
  assert.equal(at("open", { pair: null, closed_reason: "partner_left" }), "pair_closed");
  assert.equal(at(null, {}), "lobby");
  assert.equal(at("lobby", {}), "lobby");
  assert.equal(at("open", {}), "between");
  assert.equal(at("open", { question }), "question");
  assert.equal(at("open", { question }, true), "locked");
  assert.equal(at("open", { question: { ...question, answer: "T" } }), "locked");
  assert.equal(at("open", { last }), "feedback");
  assert.equal(at("open", { last: { ...last, win: null, void_reason: "deadline" } }), "void");
  assert.equal(at("paused", { question }), "paused");
  assert.equal(at("paused", { question: { ...question, answer: "F" } }), "locked");
  assert.equal(at("paused", {}), "paused");
  assert.equal(at("paused", { last }), "feedback");
  const result = { rounds: 1, wins: 1, void_rounds: 0, win_rate: 1, win_rate_ci95: null, log10_e_value: 0, p_local: null, p_local_reason: null, badge: false };
  assert.equal(at("ended", { result }), "result");
});

test("a connection that is coming back changes nothing; one that has ended does", () => {
  assert.equal(at("open", { question }, false, { connection: "reconnecting" }), "question");
  assert.equal(at("open", { question }, false, { connection: "closed" }), "closed");
  assert.equal(at("open", {}, false, { connection: "connecting", known: false, public: null, private: null }), "connecting");
});

test("seconds until a deadline, in server time, never below none", () => {
  const now = Date.parse("2026-01-05T10:00:00Z");
  assert.equal(secondsLeft("2026-01-05T10:00:29.200Z", now), 30);
  assert.equal(secondsLeft("2026-01-05T09:59:00Z", now), 0);
  assert.equal(secondsLeft(null, now), null);
});
