"""What was measured, kept: one JSON line a run in bench/results/, with what it was measured on."""

import json
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.machine import about

RESULTS = Path(__file__).parent / "results"
FILE = RESULTS / "runs.jsonl"
STARTED = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
"""What the runs of one command have in common."""

Run = dict[str, Any]


def save(runs: Iterable[Run]) -> None:
    """Append runs, so that what was measured is kept should the command be ended. Each says its `phase` and the `name`
    of what was measured."""
    RESULTS.mkdir(exist_ok=True)
    common = about() | {"run": STARTED}
    with FILE.open("a") as file:
        file.writelines(json.dumps(common | one) + "\n" for one in runs)


def latest() -> list[Run]:
    """Of each phase the runs of the command that measured it last."""
    if not FILE.exists():
        return []
    runs: list[Run] = [json.loads(line) for line in FILE.read_text().splitlines()]
    newest = {one["phase"]: one["run"] for one in runs}
    return [one for one in runs if one["run"] == newest[one["phase"]]]


def values(runs: Iterable[Run], phase: str, name: str, key: str) -> list[float]:
    return [one[key] for one in runs if one["phase"] == phase and one["name"] == name and one.get(key) is not None]


def median(runs: Iterable[Run], phase: str, name: str, key: str) -> float | None:
    """None: it was not measured."""
    found = values(runs, phase, name, key)
    return statistics.median(found) if found else None


def percentile(values: Iterable[float], share: float) -> float:
    """NaN where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def shown(value: float | None, digits: int = 2) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"
