"""M10: nothing of a key leaves before the reveal: a field search over all that is sent, and runs that differ in it."""

import json
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from gamekeeper.testing import Rehearsal, Seated, assert_indistinguishable
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.questions import Accepted, Numeric, Option, Question
from tests.apps.quiz.stage import EVERY, MULTI, NUMBER, SINGLE, TRUE_FALSE, TYPED, Stage

FIELDS = {"correct", "weight", "accept", "numeric", "pairs", "tolerance", "feedback"}
SHUFFLES = ("off", "room", "seat")


def keys_in(value: Any) -> set[str]:
    """Every object key with something behind it, at any depth."""
    if isinstance(value, dict):
        inner = {name for name, part in value.items() if part not in (None, [None], [], {})}
        return inner | {name for part in value.values() for name in keys_in(part)}
    if isinstance(value, list):
        return {name for part in value for name in keys_in(part)}
    return set()


def secrets_of(question: Question) -> list[bytes]:
    """What a search for would find of a key that is not on the screen anyway."""
    if question.type == "typed":
        return [option.text.encode() for option in question.options]
    return [b"1817", b"1827", b"1822"] if question is NUMBER else []


@pytest.mark.parametrize("shuffle", SHUFFLES)
@pytest.mark.parametrize("question", EVERY, ids=lambda question: f"{question.type}-{question.grading}")
def test_no_field_of_a_key_before_the_reveal(question: Question, shuffle: str) -> None:
    """Players, screens, those who come back in the middle, and those who came late."""
    stage = Stage("Ann", "Bob", questions=(replace(question, explanation="BECAUSE"),), settings={"shuffle": shuffle})
    screen = stage.table.watch()
    stage.show(1.0)
    command = Quiz().bot(stage.players["Ann"].public, stage.players["Ann"].private, Random(1))
    if command is not None:
        stage.players["Ann"].send(command)
    watching = [stage.players["Ann"], stage.table.reconnect(stage.players["Bob"]), screen, stage.table.join("Late")]
    if stage.room.phase == "open":
        stage.host.send(m.Close())
    for seated in watching:
        for payload in seated.payloads:
            frame = json.loads(payload)
            assert not keys_in(frame) & (FIELDS | {"key", "counts", "explanation"}), payload
            assert not any(b'"%s"' % name in payload for name in (b"key", b"correct", b"weight")), payload
            assert not any(secret in payload for secret in [*secrets_of(question), b"BECAUSE"]), payload
    stage.table.advance(0.3)
    stage.host.send(m.Reveal())
    assert b"BECAUSE" in stage.players["Ann"].payloads[-2] + stage.players["Ann"].payloads[-1]


def rekeyed(question: Question) -> Question:
    """The same question to look at, with another key."""
    if question.type == "number":
        return replace(question, numeric=Numeric((Accepted(7, 1, 6, 8),)))
    if question.type == "typed":
        return replace(question, options=(Option("Someone Else", True, 100), Option("Yet Another", True, 50)))
    last = len(question.options) - 1
    return replace(
        question,
        options=tuple(Option(one.text, at == last, 100.0 * (at == last)) for at, one in enumerate(question.options)),
    )


@pytest.mark.parametrize("viewer", ["player", "screen", "late", "back"])
@pytest.mark.parametrize("shuffle", SHUFFLES)
@pytest.mark.parametrize("question", [SINGLE, MULTI, TRUE_FALSE, TYPED, NUMBER], ids=lambda one: one.type)
def test_another_key_changes_no_byte_before_the_reveal(question: Question, shuffle: str, viewer: str) -> None:
    def make() -> Rehearsal:
        return Rehearsal(Quiz(), seed="fork", config={"settings": {"pre_read_s": 2, "shuffle": shuffle}})

    def play(asked: Question) -> Any:
        def game(table: Rehearsal) -> Seated:
            ann, bob = table.join("Ann"), table.join("Bob")
            screen = table.watch()
            table.host.send(m.AddSegment("One", (asked,)))
            table.host.send(m.Start())
            table.host.send(m.Show())
            table.advance(4)
            command = Quiz().bot(ann.public, ann.private, Random(1))
            assert command is not None
            ann.send(command)
            late = table.join("Late")
            back = table.reconnect(bob)
            table.host.send(m.Close())
            return {"player": ann, "screen": screen, "late": late, "back": back}[viewer]

        return game

    assert_indistinguishable(make, play(question), play(rekeyed(question)))


def test_nothing_is_sent_to_others_when_somebody_answers() -> None:
    """M4: an answer is a frame to its sender and to nobody else, so neither is its time a hint."""
    stage = Stage("Ann", "Bob", "Cyd")
    stage.show(1.0)
    before = {name: len(player.payloads) for name, player in stage.players.items()}
    stage.answer("Ann", stage.oid(0))
    sent = {name: len(player.payloads) - before[name] for name, player in stage.players.items()}
    assert sent["Bob"] == sent["Cyd"] == 0 < sent["Ann"]


def test_what_others_answer_is_not_to_be_told_apart() -> None:
    """Right or wrong, early or late: the others' bytes are the same until the reveal."""

    def make() -> Rehearsal:
        return Rehearsal(Quiz(), seed="fork", config={"settings": {"pre_read_s": 0}})

    def play(choice: int, after_s: float) -> Any:
        def game(table: Rehearsal) -> Seated:
            ann, bob = table.join("Ann"), table.join("Bob")
            table.host.send(m.AddSegment("One", (SINGLE,)))
            table.host.send(m.Start())
            table.host.send(m.Show())
            table.advance(1 + after_s)
            ann.send(m.Answer(1, ann.public["ask"]["options"][choice]["oid"]))
            table.advance(10 - after_s)
            table.host.send(m.Close())
            return bob

        return game

    assert_indistinguishable(make, play(0, 0.5), play(3, 5.0))


def test_a_host_who_plays_sees_no_key() -> None:
    stage = Stage("Ann", settings={"host_plays": True})
    stage.show(1.0)
    stage.table.advance(1)
    assert stage.host.shared["questions"] is None
    assert not keys_in(stage.host.shared) & {"weight", "correct"}


def test_presenters_see_the_keys_of_their_own_segment_only() -> None:
    stage = Stage("Ann", "Bob", start=False)
    stage.host.send(m.AddSegment("Two", (TYPED,)))
    stage.host.send(m.SetPresenter(1, stage.players["Ann"].seat))
    stage.host.send(m.Start())
    ann = stage.players["Ann"].private
    assert "weight" in keys_in(ann["presenting"]) and "Dag" not in json.dumps(ann)
    assert stage.players["Bob"].private["presenting"] is None
