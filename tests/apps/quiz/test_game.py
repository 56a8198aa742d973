"""A gathering from the lobby to the end: phases, clocks, people, and what every game owes the framework."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gamekeeper import Context, Lifecycle, Rejected, Started
from gamekeeper.testing import game_contract
from gamekeeper_apps.quiz import facts as e
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.closing import Steps
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.phases import begin_next_segment
from gamekeeper_apps.quiz.programme import add_segment, draw_remix
from gamekeeper_apps.quiz.state import Room
from tests.apps.quiz.stage import EVERY, MULTI, SINGLE, TYPED, Stage


class Unattended(Quiz):
    """A gathering of two segments and a remix that needs no host, and whose questions open at once."""

    def initial(self, config: Any) -> Room:
        return replace(super().initial(config), settings=replace(config.settings, lead_ms=0))

    def _steps(self, room: Room, command: m.Wish | Lifecycle, ctx: Context) -> Steps:
        room = yield from super()._steps(room, command, ctx)
        if isinstance(command, Started):
            room = yield from add_segment(room, m.AddSegment("One", EVERY), ctx)
            room = yield from add_segment(room, m.AddSegment("Two", (SINGLE, MULTI)), ctx)
        return room

    def _timed_out(self, room: Room, deadline: str, ctx: Context) -> Steps:
        if deadline == "go":
            if room.phase == "remix_ready":
                return (yield from draw_remix(room, m.DrawRemix(3), ctx))
            if room.phase == "open":
                return (yield e.Closed(room.ask_count, "host", ctx.now))
            if room.phase in ("lobby", "segment_done"):
                return (yield from begin_next_segment(room, ctx))
            return (yield from super()._timed_out(room, "next", ctx))
        return (yield from super()._timed_out(room, deadline, ctx))

    def deadlines(self, state: Room) -> Mapping[str, datetime]:
        due = super().deadlines(state)
        slide = state.ask is not None and state.phase == "open" and state.ask.closes_at is None
        if (
            state.pause is None
            and state.phase_at
            and (slide or state.phase in ("lobby", "intro", "segment_done", "remix_ready"))
        ):
            return {**due, "go": state.phase_at + timedelta(seconds=5)}
        return due


def test_the_contract_of_every_game() -> None:
    settings = {"advance": "auto", "shuffle": "seat", "streak": True, "penalty": 20, "allow_change": False}
    played = game_contract(
        Unattended,
        games=12,
        players=4,
        config={"settings": settings},
        rejections=("already_answered", "too_late"),
        rare_events=set(Quiz.catalogue.events) - {"answered", "revealed", "remix_drawn", "sealed", "ended"},
    )
    assert played.commands > 500


def test_a_whole_gathering() -> None:
    stage = Stage("Ann", "Bob", questions=(SINGLE, TYPED), start=False)
    stage.host.send(m.AddSegment("Two", (MULTI,)))
    assert stage.room.phase == "lobby"
    stage.host.send(m.Start())
    phases = [stage.room.phase]
    for _ in range(2):
        stage.show(1.0)
        stage.reveal()
        stage.host.send(m.Board())
        phases.append(stage.room.phase)
    stage.host.send(m.Next())
    phases.append(stage.room.phase)
    stage.host.send(m.Intro())
    stage.show(1.0)
    stage.reveal()
    stage.host.send(m.Next())
    stage.host.send(m.Next())
    phases.append(stage.room.phase)
    stage.host.send(m.DrawRemix(2))
    assert stage.room.segments[-1].remix_of is not None
    for _ in range(2):
        stage.show(1.0)
        stage.reveal()
    stage.host.send(m.Next())
    assert [*phases, stage.room.phase] == ["intro", "board", "board", "segment_done", "remix_ready", "ended"]
    assert [ask.id for ask in stage.room.asks.values()] and stage.room.ask_count == 5
    assert stage.table.replayed() == stage.room


def test_segment_boards_sum_to_the_gathering() -> None:
    """M23: two presenters, one hand-over, a skipped and a reopened segment, a remix over all."""
    stage = Stage("Ann", "Bob", "Cyd", questions=(SINGLE,), start=False)
    for title in ("Two", "Three"):
        stage.host.send(m.AddSegment(title, (SINGLE, MULTI)))
    seats = {name: player.seat for name, player in stage.players.items()}
    stage.host.send(m.SetPresenter(1, seats["Ann"]))
    stage.host.send(m.SetPresenter(2, seats["Bob"]))
    stage.host.send(m.Start())
    ann, bob = stage.players["Ann"], stage.players["Bob"]
    ann.send(m.Show())
    stage.table.advance(1.5)
    stage.answer("Cyd", stage.oid(0))
    with pytest.raises(Rejected, match="not_allowed"):
        stage.answer("Ann", stage.oid(0))
    ann.send(m.HandOver(seats["Bob"]))
    with pytest.raises(Rejected, match="not_allowed"):
        ann.send(m.Close())
    if stage.room.phase == "open":
        bob.send(m.Close())
    stage.table.advance(1)
    bob.send(m.Reveal())
    bob.send(m.Next())
    stage.host.send(m.SkipSegment(3))
    stage.host.send(m.Intro())
    bob.send(m.Show())
    stage.table.advance(1.5)
    stage.answer("Cyd", stage.oid(0))
    stage.answer("Ann", stage.oid(1))
    stage.reveal()
    stage.host.send(m.SkipSegment())
    stage.host.send(m.ReopenSegment(3))
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    stage.reveal()
    stage.host.send(m.SkipSegment())
    stage.host.send(m.Next())
    stage.host.send(m.DrawRemix(3, "hardest"))
    for _ in range(3):
        stage.show(1.0)
        stage.answer("Cyd", stage.oid(0) if stage.ask.question.type == "single" else [stage.oid(0)])
        stage.reveal()
    stage.host.send(m.Next())
    assert stage.room.phase == "ended"
    for player in stage.room.players.values():
        assert player.score == sum(player.by_segment.values())
    assert stage.score("Cyd") > 1_500


def test_pause_freezes_what_is_left_exactly() -> None:
    """M14: the remaining time after a pause is what it was, to the microsecond."""
    stage = Stage("Ann", "Bob")
    stage.show(4.0)
    before = (stage.ask.closes_at, stage.table.time.now())
    stage.host.send(m.Pause())
    with pytest.raises(Rejected, match="paused"):
        stage.answer("Ann", stage.oid(0))
    stage.table.advance(100)
    stage.host.send(m.Resume())
    assert before[0] is not None and stage.ask.closes_at is not None
    left = before[0].timestamp() - before[1]
    assert stage.ask.closes_at.timestamp() - stage.table.time.now() == pytest.approx(left, abs=1e-3)
    stage.answer("Ann", stage.oid(0))
    assert stage.room.players[stage.players["Ann"].seat].answers[1].raw_ms == pytest.approx(4_000, abs=1)


def test_extended_and_reopened_answers_score_as_at_the_limit() -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 10})
    stage.show(9.0)
    stage.host.send(m.Extend(30))
    stage.table.advance(15)
    stage.answer("Ann", stage.oid(0))
    stage.host.send(m.Close())
    stage.host.send(m.Reopen())
    stage.answer("Bob", stage.oid(0))
    stage.reveal()
    assert (stage.score("Ann"), stage.score("Bob")) == (500, 500)


def test_the_end_can_be_undone_for_ten_minutes() -> None:
    stage = Stage("Ann", "Bob")
    stage.host.send(m.End())
    stage.table.advance(599)
    stage.host.send(m.UndoEnd())
    assert stage.room.phase == "intro"
    stage.host.send(m.End())
    stage.table.advance(601)
    assert stage.room.sealed
    with pytest.raises(Rejected, match="ended"):
        stage.host.send(m.UndoEnd())


def test_an_empty_room_pauses_and_goes_on_with_the_first_who_is_back() -> None:
    stage = Stage("Ann", "Bob", settings={"limit_s": 300})
    stage.show(1.0)
    for player in stage.players.values():
        stage.table.leave(player)
    stage.table.advance(29)
    assert stage.room.pause is None
    stage.table.advance(2)
    assert stage.room.pause is not None and stage.room.pause.reason == "no_players"
    stage.table.reconnect(stage.players["Ann"])
    assert stage.room.pause is None


def test_a_lost_presenter_pauses_and_another_takes_over() -> None:
    """M6."""
    stage = Stage("Ann", "Bob", "Cyd", start=False)
    stage.host.send(m.SetPresenter(1, stage.players["Ann"].seat))
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.table.leave(stage.players["Ann"])
    stage.table.advance(12)
    assert stage.room.pause is not None and stage.room.pause.reason == "presenter_lost"
    stage.host.send(m.HandOver(stage.players["Bob"].seat))
    assert stage.room.pause is None and stage.room.phase == "open"


def test_a_lost_host_is_replaced_by_the_clock() -> None:
    """M6: nobody is thrown out, and the host resumes."""
    stage = Stage("Ann", "Bob")
    stage.show(1.0)
    stage.table.leave(stage.host)
    stage.table.advance(60)
    assert stage.room.phase == "segment_done" and stage.room.asks[1].revealed
    back = stage.table.reconnect(stage.host)
    assert stage.room.host_away is None
    back.send(m.End())
    assert stage.room.phase == "ended"


def test_seats_with_more_time_are_waited_for() -> None:
    """M22's time factor: scored with t / factor, and only the host knows."""
    stage = Stage("Ann", "Bob", settings={"limit_s": 10, "close_when_all": False})
    stage.host.send(m.SetTimeFactor(stage.players["Ann"].seat, "2"))
    stage.show(10.1)
    assert stage.room.phase == "open" and stage.ask.overtime
    with pytest.raises(Rejected, match="too_late"):
        stage.answer("Bob", stage.oid(0))
    stage.table.advance(3.9)
    stage.answer("Ann", stage.oid(0))
    stage.table.advance(6)
    assert stage.room.phase == "closed"
    stage.host.send(m.Reveal())
    stage.table.advance(0.3)
    assert stage.score("Ann") == 650
    assert "2" not in str(stage.players["Bob"].private["time_factor"])


def test_a_restart_stops_the_clock_of_an_open_question() -> None:
    """2.3(8): from the last sign of life until three seconds after the first player is back."""
    from gamekeeper import Woken

    stage = Stage("Ann", "Bob")
    stage.show(5.0)
    alive = stage.room.ask and stage.table.time.now()
    stage.table.advance(4)
    stage.table._tell(Woken(datetime.fromtimestamp(alive or 0, stage.ask.opens_at.tzinfo)))
    assert stage.room.pause is not None and stage.room.pause.reason == "server_restart"
    left = (stage.ask.closes_at - stage.room.pause.at).total_seconds() if stage.ask.closes_at else 0
    stage.table.leave(stage.players["Ann"])
    stage.table.advance(11)
    assert stage.room.pause is None and stage.ask.closes_at is not None
    assert left == pytest.approx(15, abs=0.01)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (m.Show(9), "not_found"),
        (m.Close(), "wrong_phase"),
        (m.Reveal(), "wrong_phase"),
        (m.Extend(5), "wrong_phase"),
        (m.SkipSegment(7), "not_found"),
        (m.Void(1), "not_found"),
        (m.Grade(1, 2, 0.5), "not_found"),  # type: ignore[arg-type]
        (m.Kick(99), "not_found"),  # type: ignore[arg-type]
        (m.Approve("name:9"), "not_found"),
        (m.DrawRemix(), "wrong_phase"),
        (m.UndoEnd(), "wrong_phase"),
        (m.SetRate(0, 0), "bad_value"),
        (m.Purge(0), "bad_value"),
    ],
)
def test_refusals_have_their_names(command: Any, code: str) -> None:
    stage = Stage("Ann")
    with pytest.raises(Rejected) as refused:
        stage.host.send(command)
    assert refused.value.code == code


def test_a_presenter_is_told_who_else_presents() -> None:
    stage = Stage("Ann", "Bob", start=False)
    ann, bob = (stage.players[name].seat for name in ("Ann", "Bob"))
    stage.host.send(m.AddSegment("Two", (SINGLE,)))
    stage.host.send(m.SetPresenter(1, ann))
    stage.host.send(m.SetPresenter(2, bob))
    stage.host.send(m.Start())
    assert Quiz().private(stage.room, ann)["presenting"]["colleagues"] == [{"player": bob, "name": "Bob"}]
    assert Quiz().private(stage.room, bob)["presenting"] is None
