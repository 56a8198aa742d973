"""How often each seat answered T to each letter, against a fair coin. A description."""

from collections.abc import Mapping
from typing import NamedTuple

from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.statistics.binomial import two_sided_fair
from gamekeeper_apps.chsh.statistics.signalling import plus


class Marginal(NamedTuple):
    """`true` of `n` answers of one seat to one letter were T; `p`: exact, two-sided, against 1/2."""

    position: int
    letter: str
    n: int
    true: int
    p: float


def marginals(counts: Mapping[str, Outcomes]) -> list[Marginal]:
    """By seat and letter, those that were asked."""
    seen: dict[tuple[int, str], tuple[int, int]] = {}
    for name, cell in counts.items():
        for seat in (0, 1):
            n, true = seen.get((seat + 1, name[seat]), (0, 0))
            seen[seat + 1, name[seat]] = (n + cell.n, true + plus(cell, seat))
    return [Marginal(*key, n, true, two_sided_fair(n, true)) for key, (n, true) in sorted(seen.items()) if n]
