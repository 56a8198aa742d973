import type { ViewPatch } from "./messages.ts";

/** The patch does not fit the view: this copy of the view is wrong and must be fetched anew. */
export class PatchError extends Error {}

type Tree = Record<string, unknown>;

/** The view after a patch. Never changes `view`; what the patch does not touch is the same object as before. */
export function applyPatch(view: unknown, patch: ViewPatch): unknown {
  if (isList(patch)) return applyList(view, patch);
  if (Array.isArray(view)) return mergeItems(view, patch);
  if (typeof view === "object" && view !== null) return mergeKeys(view as Tree, patch);
  throw new PatchError("a merge needs an object or a sequence");
}

function applyList(view: unknown, patch: readonly unknown[]): unknown {
  if (patch.length === 1) return patch[0];
  const [start, deleteCount, items] = patch;
  if (patch.length !== 3 || !Array.isArray(view) || !Array.isArray(items)) {
    throw new PatchError("a splice needs a sequence");
  }
  if (!isIndex(start, view.length) || !isIndex(deleteCount, view.length - start)) {
    throw new PatchError("a splice beyond the end");
  }
  return [...view.slice(0, start), ...items, ...view.slice(start + deleteCount)];
}

function mergeItems(view: readonly unknown[], patch: Readonly<Record<string, ViewPatch>>): unknown[] {
  const items = [...view];
  for (const [key, part] of Object.entries(patch)) {
    const index = Number(key);
    if (!isIndex(index, items.length - 1)) throw new PatchError(`no item ${key}`);
    items[index] = applyPatch(items[index], part);
  }
  return items;
}

function mergeKeys(view: Tree, patch: Readonly<Record<string, ViewPatch>>): Tree {
  const merged: Tree = { ...view };
  for (const [key, part] of Object.entries(patch)) {
    if (isList(part) && part.length === 0) delete merged[key];
    else define(merged, key, applyPatch(Object.hasOwn(merged, key) ? merged[key] : null, part));
  }
  return merged;
}

/** An own property whatever it is called: assigning `__proto__` would change the prototype instead. */
function define(target: Tree, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else target[key] = value;
}

function isList(patch: ViewPatch): patch is readonly [] | readonly [unknown] | readonly [number, number, readonly unknown[]] {
  return Array.isArray(patch);
}

function isIndex(value: unknown, last: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= last;
}
