"""All figures from counts, with what is refused and why. Pure: command line, dashboard details and reports call it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp
from typing import Any

from gamekeeper_apps.chsh.cells import CROSS_CELLS, MIRRORED_CELLS, MODES, SAME_CELLS, Cell
from gamekeeper_apps.chsh.counts import Counts, Outcomes, get, rounds_and_wins
from gamekeeper_apps.chsh.statistics.bell import (
    Estimate,
    backward,
    chsh_s,
    correlator,
    correlator_interval,
    forward,
    hardy_h,
    symmetric_s,
    trace,
    wilson,
)
from gamekeeper_apps.chsh.statistics.binomial import LN10, clopper_pearson
from gamekeeper_apps.chsh.statistics.evidence import (
    SUPRA_QUANTUM_P,
    finite_exp,
    local_bound,
    local_miss,
    log10_p,
    log_e_value,
    quantum_bound,
    quantum_miss,
)
from gamekeeper_apps.chsh.statistics.marginals import marginals
from gamekeeper_apps.chsh.statistics.research import gls_s, min_entropy
from gamekeeper_apps.chsh.statistics.signalling import FEW_ROUNDS, Signalling, no_signalling
from gamekeeper_apps.chsh.statistics.uniformity import (
    REFUSE_COUNTS_P,
    REFUSE_RECORDED_P,
    bias_allowance,
    uniformity,
)

EVIDENCE_KEYS = ("p_local", "log10_p_local", "p_quantum", "e_value")
FIXED_N_KEYS = ("p_local", "log10_p_local")


@dataclass(frozen=True)
class Question:
    """What is asked of the counts, and under which circumstances they came about."""

    mode: str = "chsh"
    schedule: str = "iid"
    recorded_q: bool = False
    """The data carry the probability of each cell: settings are doubted later than those of a bare table."""
    bias: float | None = None
    """Assumed bound of the settings' bias; given, it lifts the refusal of uneven settings."""
    outcomes_known: bool = True
    differ: Mapping[Cell, bool] | None = None
    """Which cells are won by different answers, where a table has its own rule."""
    p_local_refusal: str | None = None
    """Why the fixed-n P-value cannot be given (n not declared or not reached)."""
    void_rounds: int = 0
    crossing_voids: int | None = None
    """How many of them were of the cells that P- and e-values are about; None: all."""
    seeded: bool = False


@dataclass
class Analysis:
    """The result: `figures` under the contract's keys, in its order; what was refused is null and named in
    `warnings`, each of which begins with the key it concerns."""

    figures: dict[str, Any]
    extra: dict[str, Any]
    warnings: list[str] = field(default_factory=list[str])

    def as_json(self) -> dict[str, Any]:
        return {**self.figures, "warnings": self.warnings, "extra": self.extra}


def analyse(counts: Counts, question: Question | None = None) -> Analysis:
    """Everything there is to say of these counts."""
    asked = question or Question()
    crossing = CROSS_CELLS + (MIRRORED_CELLS if asked.mode == "symmetric" else ())
    rounds, wins = _score(counts, crossing, asked)
    analysis = Analysis({}, _extra(asked))
    if not rounds:
        _nothing(analysis)
        return analysis
    low, high = wilson(rounds, wins)
    analysis.figures |= {"rounds": rounds, "wins": wins, "win_rate": wins / rounds, "win_rate_ci95": [low, high]}
    analysis.extra["win_rate_cp95"] = list(clopper_pearson(rounds, wins))
    _bell(analysis, counts, asked)
    refusal = _settings(analysis, counts, asked)
    _evidence(analysis, rounds, wins, asked, refusal)
    _signalling(analysis, counts, asked)
    _voids(analysis, rounds, wins, asked, refusal)
    _descriptions(analysis, counts, asked)
    if asked.seeded:
        analysis.warnings.append("settings_uniform: the questions came from a seed and could be known beforehand")
    return analysis


def _score(counts: Counts, cells: Iterable[Cell], asked: Question) -> tuple[int, int]:
    if asked.differ is None:
        return rounds_and_wins(counts, cells)
    chosen = [(get(counts, cell), asked.differ[cell]) for cell in cells]
    return sum(one.n for one, _ in chosen), sum(one.won(differ) for one, differ in chosen)


def _extra(asked: Question) -> dict[str, Any]:
    bias = asked.bias or 0.0
    return {
        "mode": asked.mode,
        "schedule": asked.schedule,
        "bias": asked.bias,
        "beta": local_bound(bias),
        "beta_quantum": quantum_bound(bias),
        "log10_e_value": None,
        "void_rounds": asked.void_rounds,
    }


def _nothing(analysis: Analysis) -> None:
    keys = ("rounds", "wins", "win_rate", "win_rate_ci95", "cells", "S", "S_se", *EVIDENCE_KEYS)
    analysis.figures = dict.fromkeys((*keys, "settings_uniform", "no_signalling"))
    analysis.figures["rounds"] = 0
    analysis.warnings.append("rounds: there are none, so nothing can be said")


def _bell(analysis: Analysis, counts: Counts, asked: Question) -> None:
    """Correlators and S, with what the mode adds."""
    cells = forward(counts)
    analysis.figures["cells"] = {name: cell_figures(cell) for name, cell in cells.items()}
    s: Estimate | None
    if asked.mode == "symmetric":
        first, second, s = symmetric_s(counts)
        analysis.extra |= {"S1": _value(first), "S2": _value(second), "trace": trace(counts)}
        others = MIRRORED_CELLS + SAME_CELLS
        analysis.extra["other_cells"] = {name: cell_figures(get(counts, name)) for name in others}
        all_rounds, all_wins = rounds_and_wins(counts, MODES["symmetric"].cells)
        analysis.extra["rounds_12_cells"], analysis.extra["wins_12_cells"] = all_rounds, all_wins
    else:
        s = chsh_s(cells, dict(asked.differ) if asked.differ else None)
    if asked.mode == "hardy":
        h = hardy_h(counts)
        analysis.extra |= {"H": _value(h), "H_se": h.se if h else None}
    analysis.figures |= {"S": _value(s), "S_se": s.se if s else None}
    if s is None:
        empty = [name for name in cells if not cells[name].n] or ["a mirrored one"]
        analysis.warnings.append(f"S: insufficient, no rounds in cell {', '.join(empty)}")


def cell_figures(cell: Outcomes) -> dict[str, Any]:
    """n, E and its standard error of one cell; null without rounds."""
    e = correlator(cell)
    return {"n": cell.n, "E": e.value if e else None, "E_se": e.se if e else None}


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate else None


def _settings(analysis: Analysis, counts: Counts, asked: Question) -> str | None:
    """Uniformity of the settings; why P- and e-values must be refused, if they must."""
    found = uniformity([get(counts, cell).n for cell in MODES[asked.mode].cells])
    chi2, dof, p = found if found else (0.0, 0, 1.0)
    analysis.figures |= dict.fromkeys(EVIDENCE_KEYS)
    analysis.figures["settings_uniform"] = {"chi2": chi2, "dof": dof, "p": p}
    if asked.bias is not None:
        analysis.warnings += _doubted_bias(counts, asked)
    if asked.schedule == "balanced":
        return "the schedule was balanced, so later questions could be predicted"
    if asked.differ is not None and sum(asked.differ.values()) % 2 == 0:
        return "win_if asks for an even number of different cells, which a local strategy wins always"
    limit = REFUSE_RECORDED_P if asked.recorded_q else REFUSE_COUNTS_P
    if p < limit and asked.bias is None:
        return f"the settings were not uniform (chi-square {chi2:.6g}, p {p:.3g}); a bound on their bias would help"
    return None


def _doubted_bias(counts: Counts, asked: Question) -> Iterable[str]:
    """Setting bits more uneven than the assumed bias allows."""
    cells = {name: get(counts, name).n for name in MODES[asked.mode].cells}
    for seat in (0, 1):
        for one, other in (("A", "B"), ("X", "Y")):
            first = sum(n for name, n in cells.items() if name[seat] == one)
            n = first + sum(n for name, n in cells.items() if name[seat] == other)
            if n and abs(first / n - 0.5) > bias_allowance(asked.bias or 0.0, n):
                yield (
                    f"settings_uniform: seat {seat + 1} was asked {one} in {first / n:.4f} of {n} rounds, "
                    f"more uneven than a bias of {asked.bias:g} allows"
                )


def _evidence(analysis: Analysis, rounds: int, wins: int, asked: Question, refusal: str | None) -> None:
    if refusal is not None:
        analysis.warnings += [f"{key}: refused, {refusal}" for key in EVIDENCE_KEYS]
        return
    bias = asked.bias or 0.0
    if asked.p_local_refusal is None:
        log10 = log10_p(rounds, wins, local_bound(bias), local_miss(bias))
        analysis.figures |= {"p_local": exp(log10 * LN10), "log10_p_local": log10}
    else:
        analysis.warnings += [f"{key}: not given, {asked.p_local_refusal}" for key in FIXED_N_KEYS]
    p_quantum = exp(log10_p(rounds, wins, quantum_bound(bias), quantum_miss(bias)) * LN10)
    log_e = log_e_value(rounds, wins, local_bound(bias), local_miss(bias))
    e_value = finite_exp(log_e)
    analysis.figures |= {"p_quantum": p_quantum, "e_value": e_value}
    analysis.extra["log10_e_value"] = log_e / LN10
    if e_value is None:
        analysis.warnings.append("e_value: beyond the range of numbers here, see extra.log10_e_value")
    if p_quantum < SUPRA_QUANTUM_P:
        analysis.warnings.append(
            f"supra_quantum: more than nature allows (p_quantum {p_quantum:.3g}): the pair communicates, or something "
            "leaks"
        )


def worse_signalling(counts: Counts, mode: str) -> Signalling | None:
    """The no-signalling test; in `symmetric` per orientation, and the worse one counts. None: a cell is empty."""
    found = [no_signalling(forward(counts))]
    if mode == "symmetric":
        found.append(no_signalling(backward(counts)))
    complete = [one for one in found if one is not None]
    if len(complete) < len(found):
        return None
    return min(complete, key=lambda one: (not one.alarm, one.p, -one.chi2))


def _signalling(analysis: Analysis, counts: Counts, asked: Question) -> None:
    analysis.figures["no_signalling"] = None
    if not asked.outcomes_known:
        return
    found = worse_signalling(counts, asked.mode)
    if found is None:
        analysis.warnings.append("no_signalling: not given, a cell has no rounds")
        return
    analysis.figures["no_signalling"] = found._asdict()
    if found.alarm:
        foreseen = ", or (the schedule being balanced) foresaw the questions" if asked.schedule == "balanced" else ""
        analysis.warnings.append(
            f"no_signalling: a seat's answers depend on the other's letter (p {found.p:.3g}): the pair communicates"
            f"{foreseen}, or something leaks"
        )


def _descriptions(analysis: Analysis, counts: Counts, asked: Question) -> None:
    """What is no test: intervals of the correlators, marginals, the researcher's figures."""
    cells = MODES[asked.mode].cells
    intervals = {name: correlator_interval(get(counts, name)) for name in cells}
    analysis.extra["cells_ci95"] = {name: list(found) if found else None for name, found in intervals.items()}
    if not asked.outcomes_known:
        return
    analysis.extra["few_rounds"] = any(get(counts, name).n < FEW_ROUNDS for name in cells)
    analysis.extra["marginals"] = [one._asdict() for one in marginals(counts)]
    adjusted, s = gls_s(forward(counts)) if asked.differ is None else None, analysis.figures["S"]
    analysis.extra["research"] = {
        "S_gls": _value(adjusted),
        "S_gls_se": adjusted.se if adjusted else None,
        "would_certify_bits": min_entropy(s) if s is not None else None,
    }


def _voids(analysis: Analysis, rounds: int, wins: int, asked: Question, refusal: str | None) -> None:
    """Beside the main result, the one that counts void rounds as lost."""
    if not asked.void_rounds:
        return
    voids = asked.void_rounds if asked.crossing_voids is None else asked.crossing_voids
    n, bias = rounds + voids, asked.bias or 0.0
    counted: dict[str, Any] = {"rounds": n, "wins": wins, "win_rate": wins / n, "win_rate_ci95": list(wilson(n, wins))}
    counted |= dict.fromkeys((*EVIDENCE_KEYS, "log10_e_value"))
    if refusal is None:
        log_e = log_e_value(n, wins, local_bound(bias), local_miss(bias))
        counted |= {"e_value": finite_exp(log_e), "log10_e_value": log_e / LN10}
        counted["p_quantum"] = exp(log10_p(n, wins, quantum_bound(bias), quantum_miss(bias)) * LN10)
        if asked.p_local_refusal is None:
            log10 = log10_p(n, wins, local_bound(bias), local_miss(bias))
            counted |= {"p_local": exp(log10 * LN10), "log10_p_local": log10}
    analysis.extra["void_as_loss"] = counted
    analysis.warnings.append(
        f"rounds: {asked.void_rounds} void rounds are left out; extra.void_as_loss counts them as lost"
    )
