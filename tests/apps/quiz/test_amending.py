"""Void questions, fixed keys, grades, and what moderators let through."""

import json

import pytest
from msgspec.structs import replace

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.export import export
from gamekeeper_apps.quiz.questions import Option
from gamekeeper_apps.quiz.recount import matches
from tests.apps.quiz.stage import CLOUD, OPEN, SINGLE, TYPED, Stage


def test_void_and_a_fixed_key_equal_a_fresh_run() -> None:
    """M14."""
    fixed = Stage("Ann", "Bob", questions=(SINGLE, SINGLE, TYPED), settings={"streak": True, "penalty": 100})
    for right in (0, 2, None):
        fixed.show(2.0)
        fixed.answer("Ann", fixed.oid(right) if right is not None else "dag hammarskjold")
        fixed.reveal()
    before = fixed.score("Ann")
    options = tuple(Option(one.text, at == 2, 100 * (at == 2)) for at, one in enumerate(SINGLE.options))
    other = replace(SINGLE, options=options)
    fixed.host.send(m.FixKey(2, other))
    fresh = Stage("Ann", "Bob", questions=(SINGLE, other, TYPED), settings={"streak": True, "penalty": 100})
    for right in (0, 2, None):
        fresh.show(2.0)
        fresh.answer("Ann", fresh.oid(right) if right is not None else "dag hammarskjold")
        fresh.reveal()
    assert before != fixed.score("Ann") == fresh.score("Ann")
    fixed.host.send(m.Void(2))
    short = Stage("Ann", "Bob", questions=(SINGLE, TYPED), settings={"streak": True, "penalty": 100})
    for right in (0, None):
        short.show(2.0)
        short.answer("Ann", short.oid(right) if right is not None else "dag hammarskjold")
        short.reveal()
    assert fixed.score("Ann") == short.score("Ann")
    with pytest.raises(Rejected, match="voided"):
        fixed.host.send(m.Void(2))


def test_a_moderator_sees_the_queue_and_texts_wait_for_them() -> None:
    """Free text never reaches a screen unmoderated."""
    stage = Stage("Ann", "Mod", questions=(CLOUD,))
    mod = stage.players["Mod"]
    stage.host.send(m.SetModerator(mod.seat))
    stage.show(1.0)
    stage.answer("Ann", ["Freedom", "rude word"])
    stage.reveal()
    assert stage.players["Ann"].public["ask"]["texts"] == []
    assert [item["text"] for item in mod.private["queue"]] == ["Freedom", "rude word"]
    mod.send(m.Approve("text:1:1"))
    mod.send(m.Reject("text:1:2"))
    assert stage.players["Ann"].public["ask"]["texts"] == [["Freedom", 1]]


def test_open_answers_are_graded_by_hand() -> None:
    stage = Stage("Ann", "Bob", questions=(OPEN,))
    stage.show(1.0)
    stage.answer("Ann", "Because.")
    stage.reveal()
    seat = stage.players["Ann"].seat
    assert stage.score("Ann") == 0
    stage.host.send(m.Grade(1, seat, 0.5))
    assert stage.score("Ann") == 488
    with pytest.raises(Rejected, match="bad_value"):
        stage.host.send(m.Grade(1, seat, 2))
    with pytest.raises(Rejected, match="not_found"):
        stage.host.send(m.Grade(1, stage.players["Bob"].seat, 1))


def test_a_key_of_another_shape_is_refused() -> None:
    stage = Stage("Ann")
    stage.show(1.0)
    with pytest.raises(Rejected, match="wrong_phase"):
        stage.host.send(m.FixKey(1, SINGLE))
    stage.reveal()
    with pytest.raises(Rejected, match="bad_value"):
        stage.host.send(m.FixKey(1, TYPED))


def test_a_hand_over_changes_nothing_of_the_questions_before_it() -> None:
    """Counting anew asks who presented then, not who presents now."""
    stage = Stage("Ann", "Bob", "Cyd", questions=(SINGLE, SINGLE, SINGLE), start=False)
    ann, bob = stage.players["Ann"].seat, stage.players["Bob"].seat
    stage.host.send(m.SetPresenter(1, ann))
    stage.host.send(m.Start())
    for names in (("Bob", "Cyd"), ("Ann", "Cyd"), ("Ann", "Cyd")):
        stage.show(2.0)
        for name in names:
            stage.answer(name, stage.oid(0))
        stage.reveal()
        if stage.ask.id == 1:
            stage.host.send(m.HandOver(bob))
    before = {name: stage.score(name) for name in stage.players}
    stage.host.send(m.Void(3))
    assert {name: stage.score(name) for name in stage.players} == {"Ann": 950, "Bob": 950, "Cyd": 1_900}
    assert before == {"Ann": 1_900, "Bob": 950, "Cyd": 2_850}
    assert matches(json.loads(export("R", stage.table.records, "json")))


def test_who_comes_back_after_a_kick_keeps_what_was_earned() -> None:
    stage = Stage("Ann", "Bob", questions=(SINGLE, SINGLE, SINGLE))
    ann = stage.players["Ann"]
    for number in range(3):
        stage.show(2.0)
        for name in ("Ann", "Bob"):
            if stage.room.players[stage.players[name].seat].active:
                stage.answer(name, stage.oid(0))
        stage.reveal()
        if number == 0:
            stage.host.send(m.Kick(ann.seat))
        if number == 1:
            ann.send(m.Join("Ann"))
    assert stage.score("Ann") == 1_900
    stage.host.send(m.Void(3))
    assert stage.score("Ann") == 950
    assert matches(json.loads(export("R", stage.table.records, "json")))
