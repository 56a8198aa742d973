import assert from "node:assert/strict";
import { test } from "node:test";
import { projectorView } from "../src/chsh/projection.ts";
import { linesOf, pointsOf, rangesOf } from "../src/chsh/plot.ts";
import { durationOf, standingAt } from "../src/chsh/replay.ts";
import type { ClassFigures, HostView, PairRow, PublicView, Replay } from "../src/chsh/views.ts";

const figures = { pairs: 2 } as ClassFigures;
const row = (name: string, change: Partial<PairRow> = {}): PairRow =>
  ({ name, rounds: 20, win_rate: 0.8, S: null, badge: false, closed_reason: null, ...change }) as PairRow;
const host = (names: boolean, anonymous = false): HostView => ({
  policy: { auto_pair: true, seat_hold_s: 60, absent: "wait", show_names: names, anonymous },
  present: 5, seated: 4, waiting: 1, class: figures, players: {},
  pairs: { 1: row("Ada & Ben"), 2: row("Eve & Uwe", { closed_reason: "host", rounds: 0 }) }, warnings: [], runs: [],
});
const during = (phase: string): PublicView => ({ run: { phase } }) as PublicView;

test("a host's projector shows what a spectator's would: no names unless allowed, no head count while a run is open", () => {
  const open = projectorView("host", host(true), during("open"));
  assert.deepEqual(open, { players: null, class: figures, pairs: { 1: { name: "Ada & Ben", rounds: 20, win_rate: 0.8, S: null, badge: false } } });
  assert.equal(projectorView("host", host(false), during("open"))?.pairs["1"]?.name, null);
  assert.equal(projectorView("host", host(true, true), during("open"))?.pairs["1"]?.name, null);
  assert.equal(projectorView("host", host(true), during("lobby"))?.players, 5);
  assert.equal(projectorView("host", null, null), null);
});

test("dots: one per pair with data, hollow while it says little, a shape for badge and alarm", () => {
  const dot = { name: null, S: 2.1, badge: false };
  const pairs = { 1: { ...dot, rounds: 30, win_rate: 0.7 }, 2: { ...dot, rounds: 5, win_rate: 1 }, 3: { ...dot, rounds: 0, win_rate: null }, 4: { ...dot, rounds: 90, win_rate: 0.9, badge: true } };
  const points = pointsOf(pairs, "win_rate");
  assert.deepEqual(points.map(({ id, kind, y }) => [id, kind, y]), [["1", "plain", 0.7], ["2", "few", 1], ["4", "badge", 0.9]]);
  assert.ok(points.every(({ id, x }) => Math.abs(x - pairs[id as "1" | "2" | "4"].rounds) <= 0.4));
  assert.equal(pointsOf(pairs, "S", new Set(["1"]))[0]?.kind, "alarm");
});

test("lines of each quantity, and axes that keep everything in view", () => {
  assert.deepEqual(linesOf("win_rate").map(({ at }) => at.toFixed(6)), ["0.750000", "0.853553"]);
  assert.deepEqual(linesOf("S").map(({ at }) => at.toFixed(6)), ["2.000000", "2.828427"]);
  assert.deepEqual(rangesOf([], "win_rate", 40), { x: [0, 41], y: [0.5, 1] });
  assert.deepEqual(rangesOf([{ id: "1", name: null, x: 99.6, y: 0.35, kind: "plain" }], "win_rate", 40), { x: [0, 101], y: [0.3, 1] });
});

test("a replay counts up to its moment", () => {
  const replay = { run: {}, pairs: { 1: { name: "a" }, 2: { name: "b" } }, rounds: [[100, 1, true], [200, 2, false], [300, 1, null], [400, 1, false]] } as unknown as Replay;
  assert.equal(durationOf(replay), 400);
  assert.deepEqual(standingAt(replay, 99), { rounds: 0, wins: 0, void_rounds: 0, pairs: {} });
  const end = standingAt(replay, 400);
  assert.deepEqual([end.rounds, end.wins, end.void_rounds], [3, 1, 1]);
  assert.deepEqual(end.pairs["1"], { name: "a", rounds: 2, win_rate: 0.5, S: null, badge: false });
});
