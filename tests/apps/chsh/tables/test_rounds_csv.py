"""Exported rounds, read back."""

from typing import Any

import pytest

from gamekeeper_apps.chsh.offline import analyse_file
from gamekeeper_apps.chsh.tables.rounds_csv import read_rounds, write_rounds
from gamekeeper_apps.chsh.tables.text import BadTable, parse_table


def row(run: int, round: int, **changes: Any) -> dict[str, Any]:
    """A won round of the cell AX."""
    return {
        "room": "room", "run": run, "mode": "chsh", "schedule": "iid", "planned_rounds": 2, "pair": 1,
        "pair_name": "Ann & Bob", "round": round, "seat1_item": "A", "seat2_item": "X", "seat1_answer": "T",
        "seat2_answer": "T", "same": True, "win": True, "scored": True, "q": 0.25, "device": "off",
        "question_source": "system",
    } | changes  # fmt: skip


def void(run: int, round: int, **changes: Any) -> dict[str, Any]:
    unset = dict.fromkeys(("seat1_answer", "seat2_answer", "same", "win"))
    return row(run, round, **(unset | {"scored": False, "void_reason": "deadline"} | changes))


def written(*rows: dict[str, Any]) -> str:
    return "".join(write_rounds(rows))


def test_runs_stand_in_the_order_of_their_numbers(tmp_path: Any) -> None:
    """Sorting a file by another column changes no figure."""
    rows = [row(number, round) for number in (2, 9, 10) for round in (1, 2)]
    for order in (rows, rows[::-1], sorted(rows, key=lambda one: (one["round"], -one["run"]))):
        file = tmp_path / "rounds.csv"
        file.write_text(written(*order))
        found = analyse_file(file)
        assert found.extra["run"] == "10"
        assert [one["run"] for one in found.extra["runs"]] == ["2", "9"]


def test_a_run_of_void_rounds_alone_is_not_the_latest(tmp_path: Any) -> None:
    file = tmp_path / "rounds.csv"
    file.write_text(written(row(1, 1), row(1, 2), void(2, 1)))
    found = analyse_file(file)
    assert (found.extra["run"], found.figures["rounds"], found.figures["p_local"]) == ("1", 2, 0.75**2)
    file.write_text(written(void(1, 1, mode="symmetric", seat2_item="A")))
    found = analyse_file(file)
    assert (found.figures["rounds"], found.figures["p_local"]) == (0, None)
    assert (found.extra["void_rounds"], found.extra["mode"]) == (1, "symmetric")


def test_void_rounds_of_one_letter_are_no_losses_of_the_test(tmp_path: Any) -> None:
    """`symmetric`: P- and e-values are about the eight cross cells, and so is their version with voids as losses."""
    file = tmp_path / "rounds.csv"
    file.write_text(written(row(1, 1, mode="symmetric"), *(void(1, n, mode="symmetric", seat2_item=item)
                                                           for n, item in ((2, "A"), (3, "Y")))))  # fmt: skip
    found = analyse_file(file).extra
    assert found["void_rounds"] == 2
    assert found["void_as_loss"]["rounds"] == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [("q", "0"), ("q", "nan"), ("q", "inf"), ("planned_rounds", "9" * 5000), ("planned_rounds", "0"), ("pair", ""),
     ("run", ""), ("device", "magic"), ("same", "0"), ("scored", ""), ("seat1_answer", "t"), ("schedule", "plain")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_line(column: str, value: str) -> None:
    with pytest.raises(BadTable) as caught:
        read_rounds(parse_table(written(row(1, 1), row(1, 2) | {column: value}), "t"))
    assert caught.value.line == 3
    assert len(caught.value.reason) < 200
