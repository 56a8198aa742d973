import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, type Column } from "../kit/table.ts";

interface Row {
  name: string;
  n: number | null;
}
const rows: Row[] = [{ name: "pair 10", n: 3 }, { name: "pair 9", n: null }, { name: "Émile", n: 12 }, { name: "pair 2", n: 3 }];
const columns: Column<Row>[] = [
  { key: "name", label: "Name", text: ({ name }) => name },
  { key: "n", label: "n", text: ({ n }) => String(n ?? ""), order: ({ n }) => n },
];
const names = (search: string, key?: string, descending = false): string[] =>
  arrange(rows, columns, search, key ? { key, descending } : null).map(({ name }) => name);

test("keeps the order given until asked for another", () => {
  assert.deepEqual(names(""), ["pair 10", "pair 9", "Émile", "pair 2"]);
});

test("sorts numbers by size, words as people do, what is missing last both ways", () => {
  assert.deepEqual(names("", "n"), ["pair 10", "pair 2", "Émile", "pair 9"]);
  assert.deepEqual(names("", "n", true), ["Émile", "pair 10", "pair 2", "pair 9"]);
  assert.deepEqual(names("", "name"), ["Émile", "pair 2", "pair 9", "pair 10"]);
});

test("finds rows that contain every word in any column", () => {
  assert.deepEqual(names("PAIR 3"), ["pair 10", "pair 2"]);
  assert.deepEqual(names("nobody"), []);
});
