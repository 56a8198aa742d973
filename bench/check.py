"""Compare what was measured last with the goals and with the stored baseline: `python -m bench.check [--save]`.

A figure that is worse than the baseline by more than a tenth is a regression (ratios only: absolute figures belong to
the machine they were measured on). Exit status 1: a regression, or a goal that was missed. `--slack 2` lets a goal be
missed by that factor, for machines that are shared. `--save` makes what was measured the baseline.
"""

import argparse
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bench import results
from bench.results import Run, median, shown, table

GOALS = Path(__file__).parent / "goals.toml"
BASELINE = Path(__file__).parent / "baseline.json"
REGRESSION = 0.10


@dataclass(frozen=True)
class Goal:
    """`over` (divided by `under`, where there is one) is to be at least or at most something."""

    name: str
    over: str
    under: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def value(self, runs: list[Run]) -> float | None:
        """None: not measured."""
        over = _figure(runs, self.over)
        under = _figure(runs, self.under) if self.under else 1.0
        return over / under if over is not None and under else None

    def met(self, value: float, slack: float = 1.0) -> bool:
        if self.at_least is not None:
            return value >= self.at_least / slack
        return value <= (self.at_most or 0.0) * slack

    def regressed(self, value: float, before: float) -> bool:
        """Only of ratios."""
        if not self.under:
            return False
        return value < before * (1 - REGRESSION) if self.at_least is not None else value > before * (1 + REGRESSION)

    @property
    def wish(self) -> str:
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


def _figure(runs: list[Run], reference: str) -> float | None:
    phase, name, key = reference.split()
    return median(runs, phase, name, key)


def goals() -> list[Goal]:
    return [Goal(**each) for each in tomllib.loads(GOALS.read_text())["goal"]]


def baseline() -> dict[str, float]:
    stored: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    return stored


def report(runs: list[Run], slack: float = 1.0) -> int:
    """Print goals and regressions of what these runs measured; the exit status."""
    before, failed, rows = baseline(), False, []
    for goal in goals():
        value = goal.value(runs)
        if value is None:
            continue
        old = before.get(goal.name)
        worse = old is not None and goal.regressed(value, old)
        met = goal.met(value, slack)
        failed |= worse or not met
        verdict = ("met" if met else "MISSED") + (", REGRESSED" if worse else "")
        rows.append([goal.name, goal.wish, shown(value), "-" if old is None else shown(old), verdict])
    print(table(["goal", "wanted", "measured", "baseline", ""], rows))
    return int(failed)


def save(runs: list[Run]) -> None:
    """Make the ratios of these runs the baseline; what they did not measure stays."""
    found = {goal.name: goal.value(runs) for goal in goals() if goal.under}
    stored = baseline() | {name: round(value, 4) for name, value in found.items() if value is not None}
    BASELINE.write_text(json.dumps(stored, indent=2) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--slack", type=float, default=1.0)
    options = parser.parse_args()
    runs = results.latest()
    if options.save:
        save(runs)
    return report(runs, options.slack)


if __name__ == "__main__":
    raise SystemExit(main())
