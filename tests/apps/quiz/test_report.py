"""What the host reads after the evening: figures that are the log's own."""

from typing import Any

from gamekeeper import Seat
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.report import BINS, given, report, way
from tests.apps.quiz.stage import CLOUD, OPEN, SINGLE, TYPED, Stage


def played() -> Stage:
    """Ann is right after 1 s, Bob wrong after 12 s, Cy says nothing; then a typed one that only Bob answers."""
    stage = Stage("Ann", "Bob", "Cy", questions=(SINGLE, TYPED), settings={"limit_s": 20, "preset": "flat"})
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    stage.table.advance(11.0)
    stage.answer("Bob", stage.oid(1))
    told(stage)
    stage.host.send(m.Next())
    stage.table.advance(2.0)
    stage.answer("Bob", "dag hammarskjold")
    told(stage)
    return stage


def told(stage: Stage) -> None:
    if stage.room.phase == "open":
        stage.host.send(m.Close())
    stage.table.advance(0.3)
    stage.host.send(m.Reveal())


def test_scores_count_right_wrong_and_unanswered() -> None:
    stage = played()
    rows: dict[str, Any] = {row["name"]: row for row in report(stage.room)["scores"]}
    places = [(rows[name]["score"], rows[name]["rank"]) for name in ("Ann", "Bob", "Cy")]
    assert places == [(1000, 1), (1000, 1), (0, 3)]
    assert [(rows["Bob"][key]) for key in ("right", "part", "wrong", "unanswered")] == [1, 0, 1, 0]
    assert rows["Cy"]["unanswered"] == 2 and rows["Cy"]["mean_ms"] is None
    assert rows["Ann"]["segments"] == [1000]


def test_a_question_is_told_with_counts_fraction_and_times() -> None:
    stage = played()
    first, second = report(stage.room)["asks"]
    assert (first["answered"], first["unanswered"], first["limit_ms"]) == (2, 1, 20_000)
    assert first["mean_f"] == 0.5
    assert sum(first["histogram"]) == 2 and len(first["histogram"]) == BINS
    assert [at for at, count in enumerate(first["histogram"]) if count] == [0, 6]
    texts = {one["oid"]: one["text"] for one in first["options"]}
    counts = {texts[oid]: count for oid, count in first["counts"].items()}
    assert counts == {"Paris": 1, "Rome": 1, "Bonn": 0, "Oslo": 0}
    assert (second["key"], second["counts"]) == ("Dag Hammarskjöld", {"right": 1})


def test_one_player_s_way() -> None:
    stage = played()
    first, second = way(stage.room, Seat(stage.players["Ann"].seat))
    assert (first["answer"], first["f"], first["points"]) == ("Paris", 1.0, 1000)
    assert (second["answer"], second["points"], second["credited_ms"]) == (None, 0, None)


def test_a_void_question_and_a_cloud_are_told_as_such() -> None:
    stage = Stage("Ann", questions=(CLOUD,))
    stage.show(1.0)
    stage.answer("Ann", ["sea"])
    told(stage)
    stage.host.send(m.Void(1))
    whole = report(stage.room)
    assert (whole["mean_f"], whole["asks"][0]["void"]) == (None, True)
    assert whole["asks"][0]["texts"] == [("sea", 1, None)]


def test_every_segment_has_its_board() -> None:
    stage = Stage("Ann", "Bob", questions=(SINGLE,), start=False)
    stage.host.send(m.AddSegment("Two", (SINGLE,)))
    stage.host.send(m.SetPresenter(2, stage.players["Bob"].seat))
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    told(stage)
    one, two = report(stage.room)["segments"]
    assert [(name, points > 0) for _, name, points in one["board"]] == [("Ann", True), ("Bob", False)]
    assert (two["presenters"], two["remix"], two["title"]) == (["Bob"], False, "Two")


def test_texts_are_told_with_the_grades_they_were_given() -> None:
    """Before the answer is out and after it; a grade reaches the board at once."""
    stage = Stage("Ann", "Bob", questions=(OPEN,), settings={"preset": "flat"})
    stage.show(1.0)
    stage.answer("Ann", "to sleep")
    stage.answer("Bob", "to eat")
    ann, bob = (stage.players[name].seat for name in ("Ann", "Bob"))
    stage.host.send(m.Grade(1, ann, 0.5))
    assert [(row["name"], row["answer"], row["grade"]) for row in given(stage.room, stage.ask)] == [
        ("Ann", "to sleep", 0.5),
        ("Bob", "to eat", None),
    ]
    told(stage)
    stage.host.send(m.Board())
    stage.host.send(m.Grade(1, bob, 1.0))
    assert [(name, score) for _, name, score in stage.room.shown_ranking] == [("Bob", 1000), ("Ann", 500)]
