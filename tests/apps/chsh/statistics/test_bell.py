"""Correlators, S, its symmetric and Hardy forms."""

from itertools import product
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.chsh.cells import CROSS_CELLS, MODES, QUANTUM_S, wins
from gamekeeper_apps.chsh.counts import Outcomes
from gamekeeper_apps.chsh.device import HARDY_JOINT
from gamekeeper_apps.chsh.statistics.bell import (
    chsh_s,
    correlator,
    correlator_interval,
    hardy_h,
    symmetric_s,
    trace,
    wilson,
)
from tests.apps.chsh import vectors

counts = st.builds(Outcomes, *[st.integers(0, 50)] * 4)


def test_delft() -> None:
    s = chsh_s(vectors.DELFT)
    assert s is not None
    assert isclose(s.value, 2.422500, abs_tol=1e-6)
    assert isclose(s.se, 0.203827, abs_tol=1e-6)
    figures = [correlator(cell) for cell in vectors.DELFT.values()]
    assert [round(one.value, 6) for one in figures if one] == [0.735849, 0.594937, 0.483871, -0.607843]
    assert [round(one.se, 6) for one in figures if one] == [0.093013, 0.090431, 0.111143, 0.111190]
    assert wilson(245, 196) == pytest.approx((0.745455, 0.845283), abs=1e-6)


@given(st.tuples(*[counts] * 4))
def test_s_never_exceeds_four(cells: tuple[Outcomes, ...]) -> None:
    s = chsh_s(dict(zip(CROSS_CELLS, cells, strict=True)))
    assert (s is None) == any(not cell.n for cell in cells)
    if s is not None:
        assert abs(s.value) <= 4 + 1e-12
        assert s.se >= 0


def test_an_empty_cell_is_insufficient_and_never_zero() -> None:
    assert correlator(Outcomes()) is None
    assert correlator_interval(Outcomes()) is None
    assert chsh_s(vectors.DELFT | {"AY": Outcomes()}) is None
    low, high = correlator_interval(Outcomes(pp=10)) or (0, 0)
    assert low < 1
    assert isclose(high, 1)


def best_local(mode: str) -> float:
    cells = MODES[mode].cells
    found = 0.0
    for answers in product("TF", repeat=8):
        first, second = dict(zip("ABXY", answers[:4], strict=True)), dict(zip("ABXY", answers[4:], strict=True))
        found = max(found, sum(wins(cell, first[cell[0]], second[cell[1]]) for cell in cells) / len(cells))
    return found


def test_the_best_local_strategies_by_enumeration() -> None:
    assert best_local("chsh") == MODES["chsh"].local == 3 / 4
    assert best_local("symmetric") == MODES["symmetric"].local == 10 / 12
    assert isclose(MODES["symmetric"].quantum, 0.902369, abs_tol=1e-6)


def test_local_hardy_is_never_positive() -> None:
    for a, b, x, y in product("TF", repeat=4):
        answers = {"A": a, "B": b, "X": x, "Y": y}
        table = {
            cell: Outcomes().plus((answers[cell[0]] != "T") * 2 + (answers[cell[1]] != "T")) for cell in CROSS_CELLS
        }
        h = hardy_h(table)
        assert h is not None
        assert h.value <= 0


def test_the_hardy_table() -> None:
    table = {cell: Outcomes(*(round(p * 12_000) for p in joint)) for cell, joint in HARDY_JOINT.items()}
    h, s = hardy_h(table), chsh_s(table)
    assert h is not None
    assert s is not None
    assert isclose(h.value, 1 / 12, abs_tol=1e-9)
    assert isclose(s.value, 2 + 4 * h.value, abs_tol=1e-9)
    won = sum(wins(cell, "TF"[i // 2], "TF"[i % 2]) * n for cell, one in table.items() for i, n in enumerate(one))
    assert isclose(won / 48_000, 19 / 24, abs_tol=1e-9)


def test_mirrored_orientations_are_never_added() -> None:
    """A local pair, unevenly asked: S1 = S2 = 2, though the sum of the counts would read 3."""
    table = {"AX": 25, "AY": 50, "BX": 50, "BY": 75, "XA": 75, "YA": 50, "XB": 50, "YB": 25}
    first, second = {"A": 0, "B": 0, "X": 0, "Y": 1}, {"A": 0, "B": 1, "X": 0, "Y": 0}
    counted = {cell: Outcomes().plus(first[cell[0]] * 2 + second[cell[1]], n) for cell, n in table.items()}
    s1, s2, s = symmetric_s(counted)
    assert s1 is not None
    assert s2 is not None
    assert s is not None
    assert (abs(s1.value), abs(s2.value)) == (2, 2)
    assert isclose(s.value, (s1.value + s2.value) / 2)
    assert s.se == sqrt(s1.se**2 + s2.se**2) / 2


def test_the_trace_is_signed_and_needs_all_cells() -> None:
    table = {cell: Outcomes(pm=5) for cell in ("AA", "BB", "XX", "YY")}
    assert trace(table) == -1
    del table["YY"]
    assert trace(table) is None


def test_quantum_s() -> None:
    assert isclose(QUANTUM_S, 2.828427, abs_tol=1e-6)
