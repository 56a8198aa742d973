"""When a question closes by itself: with the last answer it waits for, and for whom it does not wait."""

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import closing
from gamekeeper_apps.quiz import messages as m
from tests.apps.quiz.stage import SINGLE, Stage


def test_the_last_answer_closes_the_question() -> None:
    stage = Stage("Ann", "Bob")
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    assert stage.room.phase == "open"
    stage.answer("Bob", stage.oid(0))
    assert (stage.room.phase, stage.ask.closed) == ("closed", "all")


def test_who_came_after_it_was_put_is_not_waited_for() -> None:
    stage = Stage("Ann", questions=(SINGLE, SINGLE))
    stage.show(1.0)
    stage.players["Late"] = stage.table.join("Late")
    stage.answer("Ann", stage.oid(0))
    assert stage.room.phase == "closed"
    stage.reveal()
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    assert stage.room.phase == "open"
    stage.answer("Late", stage.oid(0))
    assert stage.room.phase == "closed"


def test_nobody_is_waited_for_whose_name_is_pending_or_who_is_gone() -> None:
    stage = Stage("Ann", "Bob", settings={"approve_names": True}, start=False)
    stage.host.send(m.Approve(f"name:{stage.players['Ann'].seat}"))
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    assert stage.room.phase == "closed"


def test_the_away_are_waited_for_ten_seconds() -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 60})
    stage.show(1.0)
    stage.table.leave(stage.players["Bob"])
    stage.answer("Ann", stage.oid(0))
    stage.table.advance(8)
    assert stage.room.phase == "open"
    stage.table.advance(3)
    assert stage.room.phase == "closed"


def test_a_presenter_neither_answers_in_the_remix_nor_is_waited_for() -> None:
    stage = Stage("Ann", "Bob", settings={"remix": True}, start=False)
    stage.host.send(m.SetPresenter(1, stage.players["Ann"].seat))
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.answer("Bob", stage.oid(0))
    assert stage.room.phase == "closed"
    stage.reveal()
    for command in (m.Next(), m.Next(), m.DrawRemix(1)):
        stage.host.send(command)
    stage.show(1.0)
    with pytest.raises(Rejected, match="not_allowed"):
        stage.answer("Ann", stage.oid(0))
    stage.answer("Bob", stage.oid(0))
    assert stage.room.phase == "closed"


def test_more_time_for_all_ends_the_overtime_of_some() -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 10, "close_when_all": False})
    stage.host.send(m.SetTimeFactor(stage.players["Ann"].seat, "1.5"))
    stage.show(11.0)
    assert stage.ask.overtime
    stage.host.send(m.Extend(10))
    assert not stage.ask.overtime
    stage.answer("Bob", stage.oid(0))
    stage.table.advance(9.5)
    assert stage.ask.overtime and stage.room.phase == "open"
    stage.table.advance(5)
    assert stage.room.phase == "closed"


def test_a_seat_without_a_clock_is_waited_for_until_the_host_closes() -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 10})
    stage.host.send(m.SetTimeFactor(stage.players["Ann"].seat, "off"))
    stage.show(200.0)
    assert stage.room.phase == "open"
    stage.answer("Ann", stage.oid(0))
    with pytest.raises(Rejected, match="too_late"):
        stage.answer("Bob", stage.oid(0))
    stage.reveal()
    assert stage.score("Ann") == 750


@pytest.mark.parametrize("advance", ["manual", "auto"])
def test_the_answer_is_told_a_quarter_second_after_the_close_unless_all_have_answered(advance: str) -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 5, "advance": advance})
    stage.show(5.1)
    assert stage.room.phase == "closed"
    if advance == "manual":
        stage.host.send(m.Reveal())
    stage.table.advance(0.1)
    assert stage.room.phase == "closed"
    stage.table.advance(0.1)
    assert stage.room.phase == "revealed"


@pytest.mark.parametrize(("small", "told"), [(40, 4), (1, 2)])
def test_who_presents_is_told_how_many_have_answered(monkeypatch: pytest.MonkeyPatch, small: int, told: int) -> None:
    """Every answer of a few; of a hall the first, and the last one that is waited for, and four times a second."""
    monkeypatch.setattr(closing, "SMALL_ROOM", small)
    stage = Stage("Pat", "Ann", "Bob", "Cy", "Di", start=False)
    pat = stage.players["Pat"]
    stage.host.send(m.SetPresenter(1, pat.seat))
    stage.host.send(m.Start())
    stage.show(1.0)
    before = len(pat.payloads)
    for name in ("Ann", "Bob", "Cy", "Di"):
        stage.answer(name, stage.oid(0))
        stage.table.advance(0.01)
    counted = [payload for payload in pat.payloads[before:] if b'"answered"' in payload]
    assert len(counted) == told
    assert (pat.private["presenting"]["answered"], pat.private["presenting"]["present"]) == (4, 4)
