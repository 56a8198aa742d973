"""Analysis of a file: a counts table from anywhere, or the rounds of a room as exported."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gamekeeper_apps.chsh.analysis import Analysis, Question, analyse
from gamekeeper_apps.chsh.cells import MODES, Cell
from gamekeeper_apps.chsh.counts import Counts, get
from gamekeeper_apps.chsh.statistics.binomial import LN10
from gamekeeper_apps.chsh.statistics.evidence import EProcess, holm
from gamekeeper_apps.chsh.statistics.voids import VOID_WARNING_P, void_rates_p
from gamekeeper_apps.chsh.tables.counts_csv import is_counts, read_counts
from gamekeeper_apps.chsh.tables.rounds_csv import RunRounds, is_rounds, read_rounds
from gamekeeper_apps.chsh.tables.text import Table, read_table

MAX_PAIRS_LISTED = 10_000


def analyse_file(path: Path, bias: float | None = None) -> Analysis:
    """Raises `BadTable`. `bias`: an assumed bound of the settings' bias, in [0, 0.5)."""
    table = read_table(path)
    if is_rounds(table):
        return _rounds(table, bias)
    if is_counts(table):
        return _counts(table, bias)
    raise table.bad(table.header_line, "neither a counts table (a,b,same,different) nor exported rounds")


def _counts(table: Table, bias: float | None) -> Analysis:
    found = read_counts(table)
    asked = Question(bias=bias, outcomes_known=found.outcomes_known, differ=found.differ)
    analysis = analyse(found.counts, asked)
    analysis.warnings = found.warnings + analysis.warnings
    return analysis


def _rounds(table: Table, bias: float | None) -> Analysis:
    """Of the latest run with scored rounds, its pairs pooled; earlier runs go to `extra.runs`."""
    found = read_rounds(table)
    scored = [run for run in found.runs if run.rounds]
    latest = scored[-1] if scored else found.runs[-1] if found.runs else None
    analysis = analyse_run(latest, bias) if latest is not None else analyse({}, Question(bias=bias))
    analysis.warnings = found.warnings + analysis.warnings
    if latest is not None and len(scored) > 1:
        analysis.extra["runs"] = [{"run": run.run} | analyse_run(run, bias).as_json() for run in scored[:-1]]
        earlier = ", ".join(run.run for run in scored[:-1])
        analysis.warnings.append(f"rounds: of run {latest.run} only; earlier runs ({earlier}) are in extra.runs")
    return analysis


def analyse_run(run: RunRounds, bias: float | None = None) -> Analysis:
    """One run, its pairs pooled, with a table of the pairs."""
    asked = Question(
        mode=run.mode,
        schedule=run.schedule,
        recorded_q=True,
        bias=bias,
        p_local_refusal=fixed_n_refusal(run.planned_rounds, [pair.rounds for pair in run.pairs.values()]),
        void_rounds=sum(run.voids.values()),
        crossing_voids=run.crossing_voids,
        seeded=run.question_source == "seeded",
    )
    analysis = analyse(run.counts, asked)
    analysis.extra |= {
        "run": run.run,
        "planned_rounds": run.planned_rounds,
        "device": run.device,
        "question_source": run.question_source,
        "pairs": _pairs(run, asked),
    }
    if run.voids:
        cells = void_cells(run.mode, run.counts, run.voids)
        p = void_rates_p([cell["asked"] for cell in cells.values()], [cell["void"] for cell in cells.values()])
        analysis.extra["void_rates"] = {"p": p, "cells": cells}
        if p < VOID_WARNING_P:
            analysis.warnings.append(void_rates_warning(p))
    return analysis


def log10_e_max(analysis: Analysis, path: EProcess) -> float | None:
    """log10 of the running maximum that badges go by, voids counted as lost; null where there is no e-value. Of several
    pairs together it depends on whose round came first, so it is none of the figures that a seed fixes."""
    return path.log_max / LN10 if analysis.extra["log10_e_value"] is not None else None


def void_cells(mode: str, counts: Counts, voids: Mapping[Cell, int]) -> dict[Cell, dict[str, int]]:
    """How often each cell was asked, and left unanswered."""
    void = {cell: voids.get(cell, 0) for cell in MODES[mode].cells}
    return {cell: {"asked": get(counts, cell).n + count, "void": count} for cell, count in void.items()}


def fixed_n_refusal(planned: int | None, played: Iterable[int]) -> str | None:
    """Why pairs that have played so many scored rounds have no fixed-n P-value together; None: they have one."""
    if planned is None:
        return "the number of rounds was not declared before the first one"
    reached = [rounds >= planned for rounds in played if rounds]
    if all(reached):
        return None
    return f"the planned {planned} rounds were not reached" + (" by every pair" if len(reached) > 1 else "")


def _pairs(run: RunRounds, asked: Question) -> list[dict[str, Any]]:
    """Each pair under the same keys, with Holm's adjustment over those that have a P-value."""
    rows: list[dict[str, Any]] = []
    for key, pair in list(run.pairs.items())[:MAX_PAIRS_LISTED]:
        own = replace(
            asked,
            p_local_refusal=fixed_n_refusal(run.planned_rounds, [pair.rounds]),
            void_rounds=sum(pair.voids.values()),
            crossing_voids=pair.crossing_voids,
            seeded=False,
        )
        found = analyse(pair.counts, own)
        found.extra["log10_e_max"] = log10_e_max(found, pair.e)
        if pair.voids:
            found.extra["void_rates"] = {"cells": void_cells(run.mode, pair.counts, pair.voids)}
        rows.append({"pair": key, "pair_name": pair.name} | found.as_json() | {"p_holm": None})
    judged = [row for row in rows if row["p_local"] is not None]
    for row, adjusted in zip(judged, holm([row["p_local"] for row in judged]), strict=True):
        row["p_holm"] = adjusted
    return rows


def void_rates_warning(p: float) -> str:
    return f"void_rates: some cells are left unanswered more often than others (p {p:.3g})"
