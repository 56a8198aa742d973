"""Exports: every number from the rounds alone, every answer once, nothing secret, inert in a spreadsheet."""

import csv
import io
import json
import math

import pytest

from gamekeeper_apps.chsh import messages as m
from gamekeeper_apps.chsh.analysis import Question, analyse
from gamekeeper_apps.chsh.chronicle import chronicle
from gamekeeper_apps.chsh.dashboard import host
from gamekeeper_apps.chsh.details import pair_detail, replay_of
from gamekeeper_apps.chsh.export import export, runs_of
from gamekeeper_apps.chsh.labels import DISCLAIMER
from gamekeeper_apps.chsh.offline import analyse_run
from gamekeeper_apps.chsh.schedule import verify_commitment
from gamekeeper_apps.chsh.tables.answers_csv import COLUMNS as ANSWERS
from gamekeeper_apps.chsh.tables.answers_csv import duplicates_and_keys
from gamekeeper_apps.chsh.tables.rounds_csv import COLUMNS as ROUNDS
from gamekeeper_apps.chsh.tables.rounds_csv import read_rounds
from gamekeeper_apps.chsh.tables.text import BadTable, parse_table
from tests.apps.chsh.table import Table


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_figure_comes_back_from_the_rounds(table: Table) -> None:
    """Check 13."""
    text = export("room", table.room.records, "rounds-csv")
    run = read_rounds(parse_table(text, "export")).runs[-1]
    found = analyse_run(run)
    live = analyse(table.room.state.figures.cells, Question(recorded_q=True)).figures
    for key in ("rounds", "wins", "win_rate", "S", "S_se", "e_value", "p_local"):
        assert found.figures[key] == pytest.approx(live[key], rel=1e-9)
    pair = found.extra["pairs"][0]
    assert pair["wins"] == table.pair(1).figures.wins
    assert math.log10(pair["e_value"]) == pytest.approx(table.pair(1).figures.e.log_value / math.log(10), abs=1e-9)


def test_the_whole_dashboard_comes_back_from_the_rounds(table: Table) -> None:
    """Check 13: every number of every row, and of the class, voids counted."""
    dashboard = host(table.room.state)
    result = analyse_run(read_rounds(parse_table(export("room", table.room.records, "rounds-csv"), "export")).runs[-1])
    recomputed = [(dashboard["class"], result.as_json())]
    recomputed += [(dashboard["pairs"][one["pair"]], one) for one in result.extra["pairs"]]
    assert len(recomputed) == 3
    for shown, found in recomputed:
        for key in ("rounds", "wins", "win_rate", "win_rate_ci95", "S", "S_se", "p_local"):
            assert shown[key] == pytest.approx(found[key], rel=1e-9), key
        assert shown["void_rounds"] == found["extra"]["void_rounds"]
        assert shown["log10_e_value"] == pytest.approx(found["extra"]["log10_e_value"], rel=1e-9)
        assert shown["no_signalling_alarm"] == found["no_signalling"]["alarm"]
        assert shown["supra_quantum_alarm"] == any(one.startswith("supra_quantum") for one in found["warnings"])
        if "p_holm" in found:
            assert shown["p_holm"] == pytest.approx(found["p_holm"], rel=1e-9)


@pytest.fixture
def table() -> Table:
    table = Table(pairs=2, deadline_s=5.0, planned_rounds=30)
    table.play(10)
    table.answer(table.players[0])
    table.room.advance(6)
    table.play(40)
    return table


def test_rounds_one_row_each(table: Table) -> None:
    found = rows(export("room", table.room.records, "rounds-csv"))
    assert tuple(found[0]) == ROUNDS
    closed = [r for r in table.room.records if r.type in ("round_scored", "round_voided")]
    assert len(found) == len(closed)
    void = next(row for row in found if row["scored"] == "0")
    assert (void["void_reason"], void["win"], void["same"]) == ("deadline", "", "")
    assert found[0]["asked_at"].endswith("Z")
    assert found[0]["q"] == "0.25"


def test_answers_row_for_row(table: Table) -> None:
    text = export("room", table.room.records, "answers-csv")
    found = rows(text)
    assert tuple(found[0]) == ANSWERS
    locked = [r for r in table.room.records if r.type == "answer_locked"]
    assert len(found) == len(locked)
    assert duplicates_and_keys(parse_table(text, "answers"))[1] == 0
    assert any(row["counted"] == "0" for row in found), "the answer of a void round is there and not counted"


def test_an_open_round_is_in_no_export() -> None:
    table = Table()
    table.answer(table.players[0])
    assert rows(export("room", table.room.records, "rounds-csv")) == []
    assert rows(export("room", table.room.records, "answers-csv")) == []
    assert "No round has been closed" in export("room", table.room.records, "report")
    log = export("room", table.room.records, "jsonl")
    assert "question_asked" not in log and "answer_locked" not in log
    table.answer(table.players[1])
    log = export("room", table.room.records, "jsonl")
    assert log.count('"type": "question_asked"') == 1, "the first round is closed, the second open"
    assert log.count('"type": "answer_locked"') == 2


def test_names_that_are_hidden_are_in_no_export(table: Table) -> None:
    table.players[0].send(m.JoinRoom("Zacharias", "row 7"))
    table.host.send(m.AnonymiseNames())
    for form in ("rounds-csv", "answers-csv", "jsonl", "report"):
        text = export("room", table.room.records, form)
        assert "Player 0" not in text and "Zacharias" not in text and "row 7" not in text, form
    assert rows(export("room", table.room.records, "rounds-csv"))[0]["pair_name"] == "Pair 1"


def test_a_hostile_name_survives_and_is_inert() -> None:
    table = Table()
    table.players[0].send(m.JoinRoom('=1+1,"x"'))
    third = table.room.join("Third")
    table.host.send(m.FormPairs(((table.players[0].seat, third.seat),)))
    table.players = [table.players[0], third]
    table.play(3)
    text = export("room", table.room.records, "rounds-csv")
    found = rows(text)[-1]["pair_name"]
    assert found == '\'=1+1,"x" & Third'
    run = runs_of(chronicle("room", table.room.records))[-1]
    assert '=1+1,"x" & Third' in [pair.name for pair in run.pairs.values()]


def test_the_log_as_lines_without_secrets() -> None:
    table = Table(committed=True, seed=None)
    secret = table.room.state.run.secret
    text = export("room", table.room.records, "jsonl")
    assert secret not in text
    table.host.send(m.EndRun(table.run))
    lines = [json.loads(line) for line in export("room", table.room.records, "jsonl").splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(list(line) == sorted(line) for line in lines)
    assert secret in export("room", table.room.records, "jsonl"), "the end reveals it"


def test_the_commitment_is_verified_and_one_flipped_letter_found() -> None:
    table = Table(committed=True, seed=None)
    table.play(25)
    run = table.room.state.run
    told = chronicle("rehearsal", table.room.records)
    asked = {(row["pair"], row["round"]): row["seat1_item"] + row["seat2_item"] for row in told.rounds}
    arguments = (run.commitment, bytes.fromhex(run.secret), "rehearsal", run.id)
    cells = ("AX", "AY", "BX", "BY")
    assert verify_commitment(*arguments, asked, cells) == []
    flipped = asked | {(1, 3): "AY" if asked[1, 3] == "AX" else "AX"}
    assert verify_commitment(*arguments, flipped, cells) == [(1, 3)]
    assert verify_commitment("0" * 64, *arguments[1:], asked, cells) == sorted(asked)


def test_the_report_says_what_everything_means(table: Table) -> None:
    text = export("room", table.room.records, "report")
    assert DISCLAIMER in text
    for said in ("n fixed in advance", "description, not a test", "could be known beforehand", "left out of the main"):
        assert said in text


def test_details_and_replay(table: Table) -> None:
    told = chronicle("room", table.room.records)
    detail = pair_detail(told, 1, "1")
    assert detail is not None
    assert sum(cell["n"] for cell in detail["cells"].values()) == 30
    assert len(detail["last_rounds"]) == 20
    assert detail["e_path"][-1]["round"] == 30
    assert len(detail["marginals"]) == 4
    assert pair_detail(told, 1, "class") is not None
    assert pair_detail(told, 9, "1") is None
    replay = replay_of(told, 1)
    assert replay is not None
    assert len(replay["rounds"]) == len(told.rounds)
    assert replay_of(told, 9) is None


def test_details_give_no_p_value_before_its_time() -> None:
    """Section 4: the fixed-n P-value waits for the planned rounds on every screen."""
    table = Table(pairs=2, planned_rounds=30)
    table.play(10)
    for pair in ("1", "class"):
        detail = pair_detail(chronicle("room", table.room.records), 1, pair)
        assert detail is not None
        assert detail["statistics"]["p_local"] is None
        assert detail["statistics"]["e_value"] is not None
    table.play(20)
    for pair in ("1", "class"):
        detail = pair_detail(chronicle("room", table.room.records), 1, pair)
        assert detail is not None and detail["statistics"]["p_local"] is not None


def test_the_report_holds_all_of_section_3(table: Table) -> None:
    """Per run and per pair: intervals, marginals, voids counted as lost and per cell, Holm, alarms, evidence."""
    text = export("room", table.room.records, "report")
    for part in text.split("#### ")[1:]:
        for said in (
            "Clopper-Pearson", "voids counted as lost", "seat 1, A: answers T", "seat 2, Y: answers T", "P (Holm)",
            "void rounds in AX", "no-signalling", "settings uniform", "evidence that may be watched live",
            "too few rounds", "running maximum of the e-value", "interval of E(BY)",
        ):  # fmt: skip
            assert said in part, said
    assert "void rates" in text


def test_archived_runs_export_the_same_bytes() -> None:
    """Check 14."""
    table = Table(planned_rounds=5)
    table.play(6)
    before = export("room", table.room.records, "rounds-csv")
    table.host.send(m.OpenRun(planned_rounds=5, feedback_pause_s=0.0))
    assert export("room", table.room.records, "rounds-csv") == before


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [("win", "0", "answers say otherwise"), ("seat1_item", "Q", "no cell"), ("q", "2", "probability"),
     ("scored", "x", "scored"), ("mode", "chess", "mode"), ("planned_rounds", "-1", "planned_rounds")],
)  # fmt: skip
def test_a_tampered_export_is_refused(table: Table, column: str, value: str, reason: str) -> None:
    lines = export("room", table.room.records, "rounds-csv").split("\r\n")
    index = next(number for number, line in enumerate(lines[1:], 1) if ",1,1," in line)
    cells = next(csv.reader([lines[index]]))
    cells[ROUNDS.index(column)] = value
    lines[index] = ",".join(cells)
    with pytest.raises(BadTable, match=reason) as caught:
        read_rounds(parse_table("\r\n".join(lines), "export"))
    assert caught.value.line in (index + 1, index + 2)
