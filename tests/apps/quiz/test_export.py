"""A played room to take away: M19 and M20."""

import csv
import io
import json
import zipfile
from typing import Any

from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.chronicle import COLUMNS, totals
from gamekeeper_apps.quiz.export import export, harmless
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.programme import quiz_hash
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.stage import SINGLE, TYPED, Stage


def played() -> Stage:
    stage = Stage("=1+1", "Bob", questions=(SINGLE, TYPED))
    for value in (None, "@SUM(A1)"):
        stage.show(2.0)
        stage.answer("=1+1", value or stage.oid(0))
        stage.reveal()
    stage.host.send(m.End())
    return stage


def test_csv_has_one_row_per_stored_answer_and_no_formula() -> None:
    stage = played()
    rows = list(csv.DictReader(io.StringIO(export("R", stage.table.records, "csv").decode())))
    assert list(rows[0]) == list(COLUMNS) and len(rows) == 2
    assert [row["points"] for row in rows] == ["950", "0"]
    assert rows[0]["name"] == "'=1+1" and rows[1]["answer"] == "'@SUM(A1)"
    assert rows[0]["raw_ms"] == rows[0]["credited_ms"] == "2000" and rows[0]["command_id"].endswith(":1")
    assert harmless(-5) == -5


def test_json_is_enough_to_count_again() -> None:
    exported = json.loads(export("R", played().table.records, "json"))
    assert matches(exported)
    assert exported["totals"]["gathering"][0] == {"player": 2, "name": "=1+1", "rank": 1, "score": 950, "raw": 950}
    exported["totals"]["gathering"][0]["score"] += 1
    assert not matches(exported)


def test_the_workbook_has_its_sheets_and_texts_stay_texts() -> None:
    book = zipfile.ZipFile(io.BytesIO(export("R", played().table.records, "xlsx")))
    names = book.read("xl/workbook.xml").decode()
    assert [name for name in ("Overview", "Final scores", "Q01", "Q02", "Raw") if f'"{name}"' not in names] == []
    sheets = b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))
    assert b"<f>" not in sheets and b"quotePrefix" in book.read("xl/styles.xml")


def test_a_void_question_is_marked() -> None:
    stage = played()
    stage.host.send(m.Void(1))
    rows = list(csv.DictReader(io.StringIO(export("R", stage.table.records, "csv").decode())))
    assert [row["voided"] for row in rows] == ["true", "false"]
    assert matches(json.loads(export("R", stage.table.records, "json")))


def test_the_log_holds_what_every_point_is_made_of() -> None:
    """M20: the quiz's hash, the order of the options, raw and credited time; replay gives the same views and totals."""
    stage = Stage("Ann", "Bob", questions=(SINGLE, TYPED), settings={"shuffle": "room", "streak": True})
    for value in (None, "dag hammarskjold"):
        stage.show(2.0)
        stage.answer("Ann", value or stage.oid(0))
        stage.reveal()
    exported = json.loads(export("R", stage.table.records, "json"))
    events: dict[str, list[dict[str, Any]]] = {}
    for event in exported["events"]:
        events.setdefault(event["type"], []).append(event["data"])
    assert events["quiz_loaded"][0]["hash"] == quiz_hash((SINGLE, TYPED)) == exported["segments"][0]["hash"]
    shown = events["question_shown"][0]
    assert sorted(shown["order"]) == [0, 1, 2, 3] and len(shown["oids"]) == 4
    assert {"limit_ms", "points", "preset", "opens_at", "closes_at"} <= set(shown)
    given = events["answered"][0]
    assert (given["player"], given["raw_ms"], given["credited_ms"], given["credit_ms"]) == (2, 2_000, 2_000, 0)
    again = stage.table.replayed()
    game = Quiz()
    for seat in stage.room.players:
        assert game.private(again, seat) == game.private(stage.room, seat)
    assert game.public(again) == game.public(stage.room) and totals(again) == totals(stage.room)


def test_a_segment_s_board_and_the_host_are_told() -> None:
    book = zipfile.ZipFile(io.BytesIO(export("R", played().table.records, "xlsx")))
    texts = book.read("xl/sharedStrings.xml").decode()
    assert all(f">{word}</t>" in texts for word in ("Host", "Segment 1", "Discrimination", "Unanswered"))
