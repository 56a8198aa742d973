"""Joining, names, coming and going, being shown out."""

import json

import pytest

from gamekeeper import Rejected
from gamekeeper_apps.quiz import console
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.export import export
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.stage import SINGLE, Stage


def test_late_joiners_answer_from_the_next_question() -> None:
    stage = Stage("Ann", questions=(SINGLE, SINGLE))
    stage.show(1.0)
    late = stage.table.join("Late")
    with pytest.raises(Rejected, match="not_open"):
        late.send(m.Answer(1, stage.oid(0)))
    assert late.private["late_from"] == 2
    stage.reveal()
    stage.show(1.0)
    late.send(m.Answer(2, stage.oid(0)))
    stage.reveal()
    assert stage.room.players[late.seat].score == 975


def test_locking_lets_in_who_was_on_the_way() -> None:
    """M15: five seconds of grace, then `locked`."""
    stage = Stage("Ann")
    stage.host.send(m.Lock())
    stage.table.advance(4)
    stage.table.join("Bob")
    stage.table.advance(2)
    with pytest.raises(Rejected, match="locked"):
        stage.table.join("Cyd")
    stage.host.send(m.Unlock())
    stage.table.join("Dan")
    assert stage.room.entered == 3


def test_the_banned_stay_out_and_the_kicked_may_return() -> None:
    stage = Stage("Ann", "Bob")
    ann, bob = stage.players["Ann"], stage.players["Bob"]
    stage.host.send(m.Kick(ann.seat, ban=True))
    stage.host.send(m.Kick(bob.seat))
    with pytest.raises(Rejected, match="banned"):
        ann.send(m.Join("Ann"))
    bob.send(m.Join("Bob"))
    assert [player.active for player in stage.room.players.values()] == [False, True]


def test_one_purge_removes_the_flood() -> None:
    """M16."""
    stage = Stage("Ann", "Bob")
    stage.host.send(m.SetRate(1_000, 1_000))
    stage.table.advance(60)
    for number in range(40):
        stage.table.join(f"Flood {number}")
    stage.host.send(m.Purge(30))
    assert [player.name for player in stage.room.players.values() if player.active] == ["Ann", "Bob"]


def test_names_wait_for_approval() -> None:
    stage = Stage(settings={"approve_names": True}, start=False)
    ann = stage.table.join("Ann")
    assert stage.room.players[ann.seat].name == f"Player {ann.seat}"
    stage.host.send(m.Approve(f"name:{ann.seat}"))
    assert ann.private["name"] == "Ann" and not stage.room.queue


def test_whoever_asks_to_be_forgotten_is() -> None:
    stage = Stage("Ann", "Bob")
    stage.players["Ann"].send(m.Join("Ann", custom_id="s123"))
    stage.players["Ann"].send(m.ForgetMe())
    assert "Ann" not in [player.name for player in stage.room.players.values()]
    assert stage.room.players[stage.players["Ann"].seat].custom_id == ""


def test_the_room_is_full_at_its_limit_and_slow_at_its_rate() -> None:
    """M15."""
    stage = Stage("Ann", settings={"max_players": 3})
    stage.host.send(m.SetRate(1, 1))
    stage.table.join("Bob")
    with pytest.raises(Rejected, match="slow_down"):
        stage.table.join("Cyd")
    stage.table.advance(1.5)
    stage.table.join("Cyd")
    stage.table.advance(1.5)
    with pytest.raises(Rejected, match="full"):
        stage.table.join("Dan")


def test_names_are_unlike_and_filtered() -> None:
    stage = Stage("Ann", "ann", questions=(), start=False)
    assert {one.name for one in stage.room.players.values()} == {"Ann", "ann 2"}
    with pytest.raises(Rejected, match="name_rejected"):
        stage.players["Ann"].send(m.Rename("sh1t"))
    with pytest.raises(Rejected, match="too_long"):
        stage.players["Ann"].send(m.Join("Ann", custom_id="x" * 81))
    stage.players["Ann"].send(m.Rename("  "))
    assert len(stage.room.players[stage.players["Ann"].seat].name) > 3


def test_teams_are_chosen_in_the_lobby() -> None:
    """S4."""
    stage = Stage("Ann", "Bob", settings={"teams": ("Red", "Blue")}, start=False)
    stage.players["Ann"].send(m.JoinTeam("Red"))
    with pytest.raises(Rejected, match="not_found"):
        stage.players["Bob"].send(m.JoinTeam("Green"))
    stage.host.send(m.JoinTeam("Blue", stage.players["Bob"].seat))
    assert [one.team for one in stage.room.players.values()] == ["Red", "Blue"]


def test_a_host_who_plays_answers_like_anybody_and_is_not_ranked() -> None:
    """2.1: keys stay hidden from the host, and whoever wrote the quiz takes no place."""
    stage = Stage("Ann", settings={"host_plays": True}, start=False)
    stage.host.send(m.Join("Quizmaster"))
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    assert stage.room.phase == "open"
    stage.host.send(m.Answer(1, stage.oid(0)))
    assert stage.room.phase == "closed"
    stage.reveal()
    stage.host.send(m.Board())
    assert stage.room.players[stage.host.seat].score == 975
    assert stage.host.private["standing"] is None and stage.host.private["result"]["points"] == 975
    assert [row[1] for row in stage.players["Ann"].public["board"]] == ["Ann"]
    stage.table.leave(stage.host)
    stage.table.advance(12)
    assert stage.room.host_away is not None and not stage.room.players[stage.host.seat].online
    stage.table.reconnect(stage.host)
    assert stage.room.host_away is None and stage.room.players[stage.host.seat].online
    assert matches(json.loads(export("R", stage.table.records, "json")))


def test_a_host_who_does_not_play_has_no_seat_to_answer_from() -> None:
    stage = Stage("Ann")
    stage.show(1.0)
    for command in (m.Join("Quizmaster"), m.Answer(1, stage.oid(0))):
        with pytest.raises(Rejected, match="not_allowed"):
            stage.host.send(command)


def test_both_presenters_of_a_segment_may_run_it() -> None:
    stage = Stage("Ann", "Bob", "Cyd", start=False)
    for name in ("Ann", "Bob"):
        stage.host.send(m.SetPresenter(1, stage.players[name].seat))
    stage.host.send(m.Start())
    stage.players["Ann"].send(m.Show())
    stage.table.advance(1)
    stage.players["Bob"].send(m.Close())
    assert stage.room.phase == "closed"


def test_of_a_crowd_the_host_s_list_begins_with_who_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PEOPLE", 2)
    stage = Stage("Ann", "Bob", "Cy")
    stage.show(1.0)
    stage.answer("Ann", stage.oid(0))
    assert [(row["name"], row["answered"]) for row in console.people(stage.room)] == [("Bob", False), ("Cy", False)]
    stage.reveal()
    assert [row["name"] for row in console.people(stage.room)] == ["Ann", "Bob"]
