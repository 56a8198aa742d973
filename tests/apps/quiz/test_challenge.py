"""The number on the big screen that changes every 20 seconds: who does not see it stays at the door."""

from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.challenge import NUMBERS, TRIES
from gamekeeper_apps.quiz.game import Quiz
from tests.apps.quiz.stage import SINGLE, Stage


def stage(*names: str, **settings: Any) -> Stage:
    return Stage(*names, start=False, settings={"challenge": True} | settings)


def number(stage: Stage) -> str:
    """What is on the screen now, as a page makes it out."""
    told = stage.host.shared["challenge"]
    since = stage.room.challenge.since.timestamp() if stage.room.challenge else 0.0
    return str(told["numbers"][int((stage.table.time.now() - since) // 20)])


def wrong(stage: Stage) -> str:
    return f"{(int(number(stage)) + 1) % 10**6:06d}"


def active(stage: Stage) -> list[str]:
    return [player.name for player in stage.room.players.values() if player.active]


def test_who_sees_the_number_is_let_in() -> None:
    made = stage("Ann")
    ann = made.players["Ann"]
    assert ann.private == {"door": {"wrong": 0, "until": None}} and active(made) == []
    with pytest.raises(Rejected, match="not_found"):
        ann.send(m.Rename("Anna"))
    ann.send(m.Join("Ann", challenge=number(made)))
    assert active(made) == ["Ann"] and ann.private["name"] == "Ann"
    ann.send(m.Join("Anna"))
    assert active(made) == ["Anna"], "and not asked again"


def test_three_tries_with_each_number() -> None:
    made = stage("Ann")
    ann = made.players["Ann"]
    for tried in range(1, TRIES + 1):
        ann.send(m.Join("Ann", challenge=wrong(made)))
        assert ann.private["door"]["wrong"] == tried
    with pytest.raises(Rejected) as refused:
        ann.send(m.Join("Ann", challenge=number(made)))
    assert refused.value.code == "slow_down" and 0 < (refused.value.retry_after_s or 0) <= 20
    made.table.advance(20)
    ann.send(m.Join("Ann", challenge=wrong(made)))
    assert ann.private["door"]["wrong"] == 1
    ann.send(m.Join("Ann", challenge=number(made)))
    assert active(made) == ["Ann"]


def test_a_number_that_has_just_gone_is_still_taken() -> None:
    made = stage("Ann", "Bob")
    old = number(made)
    made.table.advance(24)
    assert number(made) != old
    made.players["Ann"].send(m.Join("Ann", challenge=old))
    assert active(made) == ["Ann"]
    made.table.advance(2)
    made.players["Bob"].send(m.Join("Bob", challenge=old))
    assert active(made) == ["Ann"]


def test_new_numbers_are_drawn_every_hour_until_the_end() -> None:
    made = stage()
    first = made.room.challenge
    made.table.advance(NUMBERS * 20 + 1)
    assert first is not None and made.room.challenge is not None and made.room.challenge != first
    assert number(made) == made.room.challenge.numbers[0]
    made.host.send(m.Start())
    made.host.send(m.End())
    made.table.advance(1)
    assert made.host.shared["challenge"] is None
    assert "challenge" not in Quiz().deadlines(made.room)


def test_it_can_be_set_later_and_taken_back() -> None:
    made = Stage("Ann")
    assert made.room.challenge is None and made.host.shared["challenge"] is None
    made.host.send(m.ChangeSettings(made.room.settings.__class__(challenge=True, pre_read_s=0)))
    made.table.advance(1)
    bob, cyd = made.table.join("Bob"), made.table.join("Cyd")
    bob.send(m.Join("Bob", challenge=number(made)))
    made.host.send(m.ChangeSettings(made.room.settings.__class__(pre_read_s=0)))
    cyd.send(m.Join("Cyd"))
    assert active(made) == ["Ann", "Bob", "Cyd"]


def test_whoever_may_not_come_in_is_told_so_at_the_door() -> None:
    made = stage("Ann", max_players=1)
    made.players["Ann"].send(m.Join("Ann", challenge=number(made)))
    with pytest.raises(Rejected, match="full"):
        made.table.join("Bob")
    made.host.send(m.Lock())
    made.table.advance(6)
    with pytest.raises(Rejected, match="locked"):
        made.table.join("Cyd")


def test_the_screen_shows_it_and_nobody_else_is_told() -> None:
    made = stage("Ann")
    screen = made.table.watch()
    assert screen.shared["challenge"]["numbers"] == made.host.shared["challenge"]["numbers"]
    said = b"".join(made.players["Ann"].payloads)
    assert made.room.challenge is not None
    assert not any(one.encode() in said for one in made.room.challenge.numbers)


def test_a_game_is_played_by_those_inside_alone() -> None:
    made = Stage("Ann", "Bob", questions=(SINGLE,), settings={"challenge": True}, start=False)
    made.players["Ann"].send(m.Join("Ann", challenge=number(made)))
    made.host.send(m.Start())
    made.show(1.0)
    with pytest.raises(Rejected):
        made.answer("Bob", made.oid(0))
    made.answer("Ann", made.oid(0))
    assert made.ask.closed == "all" or made.room.phase in ("closed", "revealed")
