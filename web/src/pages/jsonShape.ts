/** How any JSON value is best shown: as a word, as keys with values, or, where all parts are alike, as rows. */

export const MAX_ITEMS = 100;

type Entries = [string, unknown][];
export type Tree = Record<string, unknown>;

export type Shape =
  | { kind: "scalar"; left: 0 }
  | { kind: "empty"; left: 0 }
  | { kind: "entries"; entries: Entries; left: number }
  | { kind: "rows"; columns: string[]; rows: [string, Tree][]; left: number };

export function shapeOf(value: unknown): Shape {
  if (typeof value !== "object" || value === null) return { kind: "scalar", left: 0 };
  const all: Entries = Array.isArray(value) ? value.map((item, index) => [String(index), item]) : Object.entries(value);
  if (all.length === 0) return { kind: "empty", left: 0 };
  const entries = all.slice(0, MAX_ITEMS);
  const left = all.length - entries.length;
  const rows = entries.filter((entry): entry is [string, Tree] => isTree(entry[1]));
  if (rows.length < entries.length || !alike(rows)) return { kind: "entries", entries, left };
  return { kind: "rows", columns: [...new Set(rows.flatMap(([, row]) => Object.keys(row)))], rows, left };
}

/** At least two objects that share most of their few keys. */
function alike(rows: [string, Tree][]): boolean {
  const keys = rows.map(([, row]) => Object.keys(row));
  const all = new Set(keys.flat());
  const shared = keys.reduce((sum, own) => sum + own.length, 0) / rows.length;
  return rows.length > 1 && all.size <= 20 && shared >= all.size / 2;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
