"""Write `patches.json` beside this file: views, the server's difference between them, the next view. Seeded.

python clients/typescript/test/make_patches.py
"""

import json
import random
from pathlib import Path
from typing import Any

from gamekeeper.core import patch

CASES = 150


def tree(rng: random.Random, depth: int) -> Any:
    kind = rng.randrange(7 if depth else 4)
    if kind < 4:
        return [None, rng.randrange(5), f"t{rng.randrange(5)}", rng.random() < 0.5][kind]
    if kind == 4:
        return [tree(rng, depth - 1) for _ in range(rng.randrange(5))]
    return {f"k{rng.randrange(6)}": tree(rng, depth - 1) for _ in range(rng.randrange(5))}


def mutate(rng: random.Random, value: Any) -> Any:
    if isinstance(value, list):
        items = [mutate(rng, item) if rng.random() < 0.3 else item for item in value]
        if rng.random() < 0.5:
            start = rng.randrange(len(items) + 1)
            items[start : start + rng.randrange(3)] = [tree(rng, 1)] if rng.random() < 0.7 else []
        return items
    if isinstance(value, dict):
        kept = {
            key: mutate(rng, part) if rng.random() < 0.4 else part for key, part in value.items() if rng.random() > 0.15
        }
        return kept | ({f"k{rng.randrange(6)}": tree(rng, 1)} if rng.random() < 0.3 else {})
    return tree(rng, 1)


def main() -> None:
    rng = random.Random(20260105)
    cases = []
    while len(cases) < CASES:
        before = {f"k{number}": tree(rng, 3) for number in range(4)}
        after = mutate(rng, before)
        found = patch.diff(before, after)
        if found is not patch.SAME:
            cases.append([before, found, after])
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name("patches.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
