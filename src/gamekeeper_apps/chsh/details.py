"""One pair, looked at closely; one run, played again. From the log, when somebody asks."""

from collections import Counter
from datetime import datetime
from typing import Any

from gamekeeper_apps.chsh.analysis import Question, analyse
from gamekeeper_apps.chsh.cells import MODES, outcome
from gamekeeper_apps.chsh.chronicle import Chronicle, Row
from gamekeeper_apps.chsh.counts import NONE, Outcomes
from gamekeeper_apps.chsh.dashboard import summaries
from gamekeeper_apps.chsh.offline import fixed_n_refusal, void_cells, void_rates_warning
from gamekeeper_apps.chsh.state import crossing
from gamekeeper_apps.chsh.statistics.bell import correlator, correlator_interval
from gamekeeper_apps.chsh.statistics.binomial import LN10
from gamekeeper_apps.chsh.statistics.evidence import EProcess
from gamekeeper_apps.chsh.statistics.signalling import FEW_ROUNDS
from gamekeeper_apps.chsh.statistics.voids import VOID_WARNING_P, void_rates_p

PATH_POINTS = 200
LAST_ROUNDS = 20


def rows_of(told: Chronicle, run: int, pair: str | None = None) -> list[Row]:
    """Closed rounds of a run, of one pair or of all."""
    return [row for row in told.rounds if row["run"] == run and pair in (None, "class", str(row["pair"]))]


def pair_detail(told: Chronicle, run: int, pair: str) -> dict[str, Any] | None:
    """A pair (or the whole "class") cell by cell; None: no closed round is known of it."""
    rows = rows_of(told, run, pair)
    if not rows:
        return None
    mode, schedule = rows[0]["mode"], rows[0]["schedule"]
    counts: dict[str, Outcomes] = {}
    voids: dict[str, int] = {}
    for row in rows:
        cell = row["seat1_item"] + row["seat2_item"]
        if row["scored"]:
            counts[cell] = counts.get(cell, NONE).plus(outcome(row["seat1_answer"], row["seat2_answer"]))
        else:
            voids[cell] = voids.get(cell, 0) + 1
    played = Counter(row["pair"] for row in rows if row["scored"])
    asked = Question(
        mode=mode,
        schedule=schedule,
        recorded_q=True,
        p_local_refusal=fixed_n_refusal(rows[0]["planned_rounds"], played.values()),
        void_rounds=sum(voids.values()),
        crossing_voids=sum(count for cell, count in voids.items() if crossing(cell)),
        seeded=rows[0]["question_source"] == "seeded",
    )
    found = analyse(counts, asked).as_json()
    cells = MODES[mode].cells
    return {
        "name": "All pairs" if pair == "class" else rows[-1]["pair_name"],
        "cells": {cell: _cell(counts.get(cell, NONE), voids.get(cell, 0)) for cell in cells},
        "statistics": found | {"research": found["extra"]["research"]},
        "marginals": found["extra"]["marginals"],
        "no_signalling": found["no_signalling"],
        "warnings": [*found["warnings"], *_void_warning(mode, counts, voids)],
        "few_rounds": any(counts.get(cell, NONE).n < FEW_ROUNDS for cell in cells),
        "e_path": _path(rows) if schedule == "iid" else [],
        "last_rounds": [_closed(row) for row in reversed(rows[-LAST_ROUNDS:])],
    }


def _void_warning(mode: str, counts: dict[str, Outcomes], voids: dict[str, int]) -> list[str]:
    """Where some questions are left unanswered more often than others."""
    if not voids:
        return []
    cells = void_cells(mode, counts, voids)
    p = void_rates_p([cell["asked"] for cell in cells.values()], [cell["void"] for cell in cells.values()])
    return [void_rates_warning(p)] if p < VOID_WARNING_P else []


def _cell(cell: Outcomes, voids: int) -> dict[str, Any]:
    e, interval = correlator(cell), correlator_interval(cell)
    return {
        "n": cell.n,
        "counts": list(cell),
        "E": e.value if e else None,
        "E_se": e.se if e else None,
        "E_ci95": list(interval) if interval else None,
        "void_rounds": voids,
    }


def _path(rows: list[Row]) -> list[dict[str, Any]]:
    """The e-value round by round, thinned."""
    path = [EProcess()]
    for row in rows:
        if row["scored"] and crossing(row["seat1_item"] + row["seat2_item"]):
            path.append(path[-1].step(row["win"]))
    step = max(1, -(-(len(path) - 1) // PATH_POINTS))
    thinned = path[:0:-1][::step][::-1]
    return [{"round": one.rounds, "log10_e_value": one.log_value / LN10} for one in thinned]


def _closed(row: Row) -> dict[str, Any]:
    return {
        "round": row["round"],
        "letters": [row["seat1_item"], row["seat2_item"]],
        "answers": [row["seat1_answer"], row["seat2_answer"]],
        "win": row["win"],
        "void_reason": row["void_reason"],
        "closed_at": row["closed_at"],
    }


def replay_of(told: Chronicle, run: int, *, named: bool = True) -> dict[str, Any] | None:
    """A run's rounds that count or are void, in order, as milliseconds since its start; None: there is no such run.
    `named`: with the names of the pairs."""
    summary = next((one for one in summaries(told.state) if one["id"] == run), None)
    if summary is None:
        return None
    rows = sorted(rows_of(told, run), key=lambda row: row["closed_at"])
    rows = [row for row in rows if not row["scored"] or crossing(row["seat1_item"] + row["seat2_item"])]
    begun = _moment(rows[0]["asked_at"]) if rows else 0.0
    pairs = {str(row["pair"]): {"name": row["pair_name"] if named else None} for row in rows}
    rounds = [[round(_moment(row["closed_at"]) - begun, 3), row["pair"], row["win"]] for row in rows]
    return {"run": summary, "pairs": pairs, "rounds": rounds}


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000
