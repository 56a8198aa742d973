"""What may be said of a run's figures, live and of past runs: evidence, badges, alarms, and why not."""

from math import log

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.analysis import worse_signalling
from gamekeeper_apps.chsh.cells import LOCAL_BOUND, MODES, QUANTUM_BOUND
from gamekeeper_apps.chsh.counts import get
from gamekeeper_apps.chsh.state import Figures
from gamekeeper_apps.chsh.statistics.binomial import LN10
from gamekeeper_apps.chsh.statistics.evidence import BADGE_E, SUPRA_QUANTUM_P, log10_p
from gamekeeper_apps.chsh.statistics.uniformity import REFUSE_RECORDED_P, uniformity


def why_no_evidence(of: Figures, plan: m.Plan) -> str | None:
    """Why there is neither a P- nor an e-value, a badge or a comparison with quantum pairs; None: there is."""
    if plan.schedule == "balanced":
        return "the schedule is balanced: later questions could be predicted"
    settings = uniformity([get(of.cells, cell).n for cell in MODES[plan.mode].cells])
    if settings is not None and settings[2] < REFUSE_RECORDED_P:
        return "the settings were not uniform"
    return None


def why_no_p(of: Figures, plan: m.Plan, scored: int) -> str | None:
    """Why there is no fixed-n P-value; None: there is one. `scored`: by the pair that has played least."""
    if (refused := why_no_evidence(of, plan)) is not None:
        return refused
    if plan.planned_rounds is None:
        return "the number of rounds was not declared before the first one"
    if scored < plan.planned_rounds:
        return f"the planned {plan.planned_rounds} rounds are not reached"
    return None if of.rounds else "no round counts"


def p_local(of: Figures, plan: m.Plan, scored: int) -> float | None:
    """The fixed-n P-value, where there may be one."""
    return None if why_no_p(of, plan, scored) is not None else float(10 ** log10_p(of.rounds, of.wins, LOCAL_BOUND))


def log10_e(of: Figures, plan: m.Plan) -> float | None:
    """log10 of the e-value over scored rounds, where there may be one."""
    return None if why_no_evidence(of, plan) is not None else of.e.log_value / LN10


def log10_e_void_as_loss(of: Figures, plan: m.Plan) -> float | None:
    """The same with void rounds counted as lost; None also where there are none of these."""
    return None if not of.e.voids or why_no_evidence(of, plan) is not None else of.e.log_with_voids / LN10


def has_badge(of: Figures, plan: m.Plan, pairs: int = 1) -> bool:
    """The running maximum of e, voids counted as lost, reached 20 times the number of pairs it is one of."""
    return of.e.log_max >= log(BADGE_E * max(pairs, 1)) and why_no_evidence(of, plan) is None


def supra_quantum(of: Figures, plan: m.Plan) -> bool:
    """Better than nature allows."""
    if not of.rounds or why_no_evidence(of, plan) is not None:
        return False
    return log10_p(of.rounds, of.wins, QUANTUM_BOUND) < log(SUPRA_QUANTUM_P) / LN10


def signals(of: Figures, plan: m.Plan) -> bool:
    """The no-signalling alarm."""
    found = worse_signalling(of.cells, plan.mode)
    return found is not None and found.alarm
