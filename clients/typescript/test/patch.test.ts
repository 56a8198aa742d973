import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ViewPatch } from "../src/messages.ts";
import { applyPatch, PatchError } from "../src/patch.ts";

test("replaces, removes, merges and splices", () => {
  assert.deepEqual(applyPatch({ a: 1, b: 2 }, [7]), 7);
  assert.deepEqual(applyPatch({ a: 1, b: 2 }, { a: [], b: [3], c: [null] }), { b: 3, c: null });
  assert.deepEqual(applyPatch({ a: { b: { c: 1, d: 2 } } }, { a: { b: { c: [5] } } }), { a: { b: { c: 5, d: 2 } } });
  assert.deepEqual(applyPatch([1, 2, 3, 4], [1, 2, ["x"]]), [1, "x", 4]);
  assert.deepEqual(applyPatch([1, 2], [2, 0, [3]]), [1, 2, 3]);
  assert.deepEqual(applyPatch([{ n: 1 }, { n: 2 }], { 1: { n: [9] } }), [{ n: 1 }, { n: 9 }]);
});

test("a value that looks like a patch is only a value", () => {
  assert.deepEqual(applyPatch({ a: 1 }, { a: [[]] }), { a: [] });
  assert.deepEqual(applyPatch({ a: 1 }, { a: [[0, 1, []]] }), { a: [0, 1, []] });
  assert.deepEqual(applyPatch(null, [{ a: [] }]), { a: [] });
});

test("what a patch does not touch stays the same object, and nothing is changed in place", () => {
  const before = deepFreeze({ rows: { 1: { n: 1 }, 2: { n: 2 } }, list: [{ a: 1 }, { a: 2 }] });
  const after = applyPatch(before, { rows: { 1: { n: [5] } }, list: { 0: { a: [7] } } }) as typeof before;
  assert.equal(after.rows[2], before.rows[2]);
  assert.equal(after.list[1], before.list[1]);
  assert.notEqual(after.rows[1], before.rows[1]);
  assert.deepEqual(before, { rows: { 1: { n: 1 }, 2: { n: 2 } }, list: [{ a: 1 }, { a: 2 }] });
});

test("a name that JavaScript gives a meaning to is only a name", () => {
  const patch = JSON.parse('{"__proto__": [{"polluted": true}], "constructor": [1]}') as ViewPatch;
  const after = applyPatch({}, patch) as Record<string, unknown>;
  assert.deepEqual(Object.keys(after).sort(), ["__proto__", "constructor"]);
  assert.equal((after as { polluted?: boolean }).polluted, undefined);
  assert.deepEqual(Object.keys(applyPatch(after, { __proto__: [] } as never) as object).length, 2);
  assert.deepEqual(Object.keys(applyPatch(after, JSON.parse('{"__proto__": []}') as ViewPatch) as object), ["constructor"]);
});

test("a patch that does not fit is an error, never a guess", () => {
  const misfits: [unknown, unknown][] = [
    [null, { a: [1] }], [5, { a: [1] }], [{}, { a: { b: [1] } }], [{}, [0, 0, []]], [[1], [0, 2, []]], [[1], [2, 0, []]],
    [[1], [-1, 1, []]], [[1], { 1: [2] }], [[1], { x: [2] }], [[1], { 0: [] }], [[1], [0, 1]], [[1], [0.5, 0, []]],
  ];
  for (const [view, patch] of misfits) assert.throws(() => applyPatch(view, patch as ViewPatch), PatchError, JSON.stringify(patch));
});

test("the server's own differences lead from each view to the next", () => {
  const cases = JSON.parse(readFileSync(new URL("../../test/patches.json", import.meta.url), "utf8")) as [unknown, ViewPatch, unknown][];
  assert.ok(cases.length >= 100);
  for (const [before, patch, after] of cases) assert.deepEqual(applyPatch(deepFreeze(before), patch), after);
});

test("random views: a patch made here leads from one to the other", () => {
  const random = generator(20260105);
  for (let round = 0; round < 2_000; round++) {
    const before = deepFreeze(tree(random, 3));
    const after = random() < 0.2 ? tree(random, 3) : mutate(random, before);
    const patch = difference(random, before, after);
    assert.deepEqual(patch === undefined ? before : applyPatch(before, patch), after);
  }
});

// -- random views and one of many right patches between them -------------------------------------------------------------

type Random = () => number;

/** Mulberry32: small, seeded, good enough to make test data. */
function generator(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const below = (random: Random, bound: number): number => Math.floor(random() * bound);

function tree(random: Random, depth: number): unknown {
  const kind = below(random, depth > 0 ? 7 : 4);
  if (kind < 4) return [null, below(random, 5), `t${below(random, 5)}`, random() < 0.5][kind];
  const size = below(random, 5);
  if (kind === 4) return Array.from({ length: size }, () => tree(random, depth - 1));
  return Object.fromEntries(Array.from({ length: size }, () => [`k${below(random, 6)}`, tree(random, depth - 1)]));
}

function mutate(random: Random, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => (random() < 0.3 ? mutate(random, item) : item));
    if (random() < 0.5) items.splice(below(random, items.length + 1), below(random, 3), ...(random() < 0.7 ? [tree(random, 1)] : []));
    return items;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(() => random() > 0.15);
    const changed = entries.map(([key, part]): [string, unknown] => [key, random() < 0.4 ? mutate(random, part) : part]);
    return Object.fromEntries(random() < 0.3 ? [...changed, [`k${below(random, 6)}`, tree(random, 1)]] : changed);
  }
  return tree(random, 1);
}

/** Undefined: they are equal. Chooses freely between replacing and looking deeper, as any server may. */
function difference(random: Random, before: unknown, after: unknown): ViewPatch | undefined {
  if (same(before, after)) return undefined;
  if (random() < 0.1) return [after];
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(random, before, after);
  if (isTree(before) && isTree(after)) {
    const changed: Record<string, ViewPatch> = {};
    for (const key of Object.keys(before)) if (!(key in after)) changed[key] = [];
    for (const [key, value] of Object.entries(after)) {
      const part = key in before ? difference(random, before[key], value) : ([value] as const);
      if (part !== undefined) changed[key] = part;
    }
    return changed;
  }
  return [after];
}

function listDifference(random: Random, before: unknown[], after: unknown[]): ViewPatch {
  if (before.length === after.length) {
    const parts = after.map((item, index) => [String(index), difference(random, before[index], item)] as const);
    return Object.fromEntries(parts.filter(([, part]) => part !== undefined)) as ViewPatch;
  }
  let start = 0;
  while (start < Math.min(before.length, after.length) && same(before[start], after[start])) start++;
  return [start, before.length - start, after.slice(start)];
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
