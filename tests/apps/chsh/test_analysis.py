"""Which figures are given, which refused, and why."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamekeeper_apps.chsh.analysis import Question, analyse
from gamekeeper_apps.chsh.cells import CROSS_CELLS, MODES
from gamekeeper_apps.chsh.counts import Outcomes
from tests.apps.chsh import vectors

KEYS = (
    "rounds", "wins", "win_rate", "win_rate_ci95", "cells", "S", "S_se", "p_local", "log10_p_local", "p_quantum",
    "e_value", "settings_uniform", "no_signalling", "warnings", "extra",
)  # fmt: skip
EVIDENCE = ("p_local", "log10_p_local", "p_quantum", "e_value")


def test_delft_under_the_contracts_keys() -> None:
    found = analyse(vectors.DELFT).as_json()
    assert sorted(found) == sorted(KEYS)
    assert (found["rounds"], found["wins"], found["win_rate"]) == (245, 196, 0.8)
    assert isclose(found["p_local"], 0.0390777, rel_tol=1e-5)
    assert isclose(found["log10_p_local"], -1.408071, abs_tol=1e-6)
    assert isclose(found["p_quantum"], 0.991110, abs_tol=1e-6)
    assert isclose(found["e_value"], 1.369782, abs_tol=1e-6)
    assert found["settings_uniform"]["dof"] == 3
    assert found["no_signalling"]["alarm"] is False
    assert found["warnings"] == []


def test_no_rounds() -> None:
    found = analyse({}).as_json()
    assert found["rounds"] == 0
    assert all(found[key] is None for key in KEYS if key not in ("rounds", "warnings", "extra"))


def test_supra_quantum() -> None:
    found = analyse(vectors.SIGNALLING).as_json()
    assert isclose(found["p_quantum"], 1.76254e-14, rel_tol=1e-4)
    assert isclose(found["p_local"], 1.02861e-25, rel_tol=1e-4)
    assert {warning.partition(":")[0] for warning in found["warnings"]} == {"supra_quantum", "no_signalling"}
    assert [warning.partition(":")[0] for warning in analyse(vectors.PR_BOX).warnings] == ["supra_quantum"]


def test_tilted() -> None:
    found = analyse(vectors.TILTED).as_json()
    assert (found["wins"], found["rounds"]) == (1555, 2000)
    assert isclose(found["S"], 2.22)
    assert isclose(found["S_se"], 0.0743774, abs_tol=1e-7)
    assert isclose(found["p_local"], 0.00221324, rel_tol=1e-5)
    assert isclose(found["e_value"], 5.83447, rel_tol=1e-5)


def test_uneven_settings_are_refused_and_a_bias_bound_lifts_it() -> None:
    found = analyse(vectors.UNEVEN).as_json()
    assert all(found[key] is None for key in EVIDENCE)
    assert [warning.partition(":")[0] for warning in found["warnings"]] == list(EVIDENCE)
    assert isclose(found["settings_uniform"]["chi2"], 192.857, abs_tol=1e-3)
    lifted = analyse(vectors.UNEVEN, Question(bias=0.2)).as_json()
    assert isclose(lifted["p_local"], 0.999998, abs_tol=1e-6)
    assert isclose(lifted["e_value"], 0.0321761, rel_tol=1e-5)
    assert isclose(lifted["extra"]["beta"], 0.91)
    assert isclose(lifted["extra"]["beta_quantum"], 0.910122, abs_tol=1e-6)
    assert [warning.partition(":")[0] for warning in lifted["warnings"]] == ["settings_uniform"] * len(
        lifted["warnings"]
    )


def test_vienna() -> None:
    assert analyse(vectors.VIENNA).figures["p_local"] is None
    unbiased = analyse(vectors.VIENNA, Question(bias=0.0)).as_json()
    assert unbiased["rounds"] == 3502784150
    assert isclose(unbiased["p_local"], 0.376644, abs_tol=1e-4 * 0.4)
    assert isclose(unbiased["S"], 2.00002812, abs_tol=1e-8)
    assert isclose(analyse(vectors.VIENNA, Question(bias=1e-5)).figures["p_local"], 0.853713, abs_tol=1e-5)


def test_a_run_with_its_own_q_is_doubted_later() -> None:
    table = dict(zip(CROSS_CELLS, (Outcomes(pp=72), Outcomes(pp=45), Outcomes(pp=45), Outcomes(pm=30)), strict=True))
    assert analyse(table).figures["p_local"] is None
    assert analyse(table, Question(recorded_q=True)).figures["p_local"] is not None


@pytest.mark.parametrize("bias", [None, 0.1])
def test_balanced_is_refused_whatever_the_bias(bias: float | None) -> None:
    found = analyse(vectors.DELFT, Question(schedule="balanced", bias=bias)).as_json()
    assert all(found[key] is None for key in EVIDENCE)


def test_an_unreached_plan_keeps_the_e_value() -> None:
    found = analyse(vectors.DELFT, Question(p_local_refusal="n was not reached")).as_json()
    assert (found["p_local"], found["log10_p_local"]) == (None, None)
    assert found["e_value"] is not None
    assert [warning.partition(":")[0] for warning in found["warnings"]] == ["p_local", "log10_p_local"]


def test_an_even_number_of_different_cells_is_no_test() -> None:
    differ = dict.fromkeys(CROSS_CELLS, False)
    found = analyse(vectors.DELFT, Question(differ=differ)).as_json()
    assert all(found[key] is None for key in EVIDENCE)
    assert found["S"] is not None


def test_voids_are_counted_as_lost_beside() -> None:
    found = analyse(vectors.DELFT, Question(void_rounds=5)).as_json()
    assert found["rounds"] == 245
    assert found["extra"]["void_as_loss"]["rounds"] == 250
    assert found["extra"]["void_as_loss"]["p_local"] > found["p_local"]


def test_an_e_value_past_the_doubles() -> None:
    table = {cell: Outcomes(pp=3000) for cell in ("AX", "AY", "BX")} | {"BY": Outcomes(pm=3000)}
    found = analyse(table).as_json()
    assert found["e_value"] is None
    assert found["extra"]["log10_e_value"] > 308
    assert found["p_local"] == 0.0
    assert any(warning.startswith("e_value:") for warning in found["warnings"])


def test_symmetric_scores_the_cross_cells() -> None:
    table = {cell: Outcomes(pp=10) for cell in MODES["symmetric"].cells} | {
        "BY": Outcomes(pm=10),
        "YB": Outcomes(pm=10),
    }
    found = analyse(table, Question(mode="symmetric", recorded_q=True)).as_json()
    assert (found["rounds"], found["wins"]) == (80, 80)
    assert found["settings_uniform"]["dof"] == 11
    assert list(found["cells"]) == list(CROSS_CELLS)
    assert (found["S"], found["extra"]["S1"], found["extra"]["S2"], found["extra"]["trace"]) == (4, 4, 4, 1)
    assert (found["extra"]["rounds_12_cells"], found["extra"]["wins_12_cells"]) == (120, 120)


@given(st.lists(st.tuples(st.sampled_from(CROSS_CELLS), st.integers(0, 3)), max_size=80), st.randoms())
def test_the_order_of_rounds_changes_nothing(rounds: list[tuple[str, int]], rng: object) -> None:
    def counted(sequence: list[tuple[str, int]]) -> dict[str, Outcomes]:
        table: dict[str, Outcomes] = {}
        for cell, outcome in sequence:
            table[cell] = table.get(cell, Outcomes()).plus(outcome)
        return table

    shuffled = list(rounds)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert analyse(counted(rounds)).as_json() == analyse(counted(shuffled)).as_json()
