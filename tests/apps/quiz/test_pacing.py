"""S5: everybody at the own pace: deadline, attempts, graded on the server, keys never shipped before their time."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from gamekeeper import Rejected, Woken
from gamekeeper.testing import Rehearsal, Seated, assert_indistinguishable
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.export import export
from gamekeeper_apps.quiz.game import Quiz
from gamekeeper_apps.quiz.questions import Question
from gamekeeper_apps.quiz.recount import matches
from gamekeeper_apps.quiz.report import report
from tests.apps.quiz.stage import CLOSEST, EVERY, MULTI, NUMBER, SINGLE, SLIDE, TRUE_FALSE, TYPED, Stage
from tests.apps.quiz.test_secrecy import FIELDS, keys_in, rekeyed, secrets_of

PACED: dict[str, Any] = {"mode": "self_paced", "preset": "linear", "limit_s": 20}


def paced(*names: str, questions: tuple[Question, ...] = (SINGLE, TYPED), **settings: Any) -> Stage:
    return Stage(*names, questions=questions, settings=PACED | settings)


def begin(stage: Stage, name: str, ask: int, wait_s: float = 0.0) -> None:
    """Open a question and look at it for a while."""
    stage.players[name].send(m.BeginAsk(ask))
    stage.table.advance(0.8 + max(wait_s, 0.01))


def answer(stage: Stage, name: str, ask: int, value: Any) -> None:
    stage.players[name].send(m.Answer(ask, value))


def oid(stage: Stage, ask: int, at: int) -> str:
    one = stage.room.asks[ask]
    return dict(zip(one.order, one.oids, strict=True))[at]


def refused(stage: Stage, name: str, command: Any) -> str:
    with pytest.raises(Rejected) as rejected:
        stage.players[name].send(command)
    return rejected.value.code


def exported(stage: Stage) -> Any:
    return json.loads(export("r", stage.table.records, "json"))


def test_each_answers_in_the_own_time_which_runs_from_the_own_opening() -> None:
    stage = paced("Ann", "Bob")
    begin(stage, "Ann", 1, 5.0)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    begin(stage, "Bob", 1, 10.0)
    answer(stage, "Bob", 1, oid(stage, 1, 0))
    told = {name: stage.players[name].private["paced"]["result"] for name in ("Ann", "Bob")}
    assert (told["Ann"]["f"], told["Ann"]["points"], told["Bob"]["points"]) == (1.0, 750, 500)
    assert stage.players["Ann"].private["standing"] is None
    stage.host.send(m.End())
    assert [stage.score(name) for name in ("Ann", "Bob")] == [750, 500]
    assert stage.players["Bob"].private["paced"]["review"][0]["points"] == 500
    assert matches(exported(stage))


def test_questions_come_one_at_a_time_and_forwards_only() -> None:
    stage = paced("Ann", questions=(SINGLE, TYPED, SLIDE))
    assert stage.players["Ann"].private["paced"] == {
        "next": 1,
        "place": 0,
        "ask": None,
        "attempts_left": 0,
        "result": None,
    }
    assert refused(stage, "Ann", m.BeginAsk(2)) == "wrong_ask"
    assert refused(stage, "Ann", m.Answer(1, "x")) == "wrong_ask"
    stage.players["Ann"].send(m.BeginAsk(1))
    assert refused(stage, "Ann", m.Answer(1, oid(stage, 1, 0))) == "not_open"
    begin(stage, "Ann", 2)
    assert refused(stage, "Ann", m.Answer(1, oid(stage, 1, 0))) == "too_late"
    assert refused(stage, "Ann", m.BeginAsk(2)) == "wrong_ask"
    begin(stage, "Ann", 3)
    assert refused(stage, "Ann", m.Answer(3, "x")) == "bad_value"
    assert stage.players["Ann"].private["paced"]["next"] is None
    assert stage.host.shared["counters"]["finished"] == 1


def test_time_is_up_for_each_apart_and_a_time_factor_stretches_it() -> None:
    stage = paced("Ann", "Bob")
    stage.host.send(m.SetTimeFactor(stage.players["Bob"].seat, "2"))
    for name in ("Ann", "Bob"):
        begin(stage, name, 1)
    stage.table.advance(21.0)
    assert refused(stage, "Ann", m.Answer(1, oid(stage, 1, 0))) == "too_late"
    answer(stage, "Bob", 1, oid(stage, 1, 0))
    begin(stage, "Ann", 2)
    answer(stage, "Ann", 2, "dag hammarskjold")
    assert stage.players["Ann"].private["paced"]["result"]["f"] == 1


def test_attempts_are_counted_and_the_last_one_counts() -> None:
    """The key stays back until nothing may be answered any more."""
    stage = paced("Ann", attempts=2)
    begin(stage, "Ann", 1, 1.0)
    answer(stage, "Ann", 1, oid(stage, 1, 1))
    own = stage.players["Ann"].private["paced"]
    assert (own["result"]["f"], own["attempts_left"], own["ask"].get("key")) == (0.0, 1, None)
    stage.table.advance(1.0)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    own = stage.players["Ann"].private["paced"]
    assert (own["result"]["f"], own["attempts_left"], own["ask"].get("key")) == (1.0, 0, [oid(stage, 1, 0)])
    assert refused(stage, "Ann", m.Answer(1, oid(stage, 1, 1))) == "already_answered"
    stage.host.send(m.End())
    assert stage.score("Ann") == 900
    assert matches(exported(stage))


def test_at_the_end_means_that_nothing_is_told_before() -> None:
    stage = paced("Ann", feedback="at_end")
    begin(stage, "Ann", 1, 1.0)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    own = stage.players["Ann"].private["paced"]
    assert (own["result"], own["ask"].get("key")) == (None, None)
    stage.host.send(m.End())
    assert stage.players["Ann"].private["paced"]["review"][0]["f"] == 1


def test_the_nearest_number_is_known_at_the_end_only() -> None:
    stage = paced("Ann", "Bob", questions=(CLOSEST,), preset="flat")
    for name, text in (("Ann", "490"), ("Bob", "400")):
        begin(stage, name, 1, 1.0)
        answer(stage, name, 1, text)
        assert stage.players[name].private["paced"]["result"] is None
    stage.host.send(m.End())
    assert [stage.score(name) for name in ("Ann", "Bob")] == [1000, 0]


def test_the_deadline_closes_everything() -> None:
    now = Stage(start=False, questions=()).table.time.now()
    deadline = datetime.fromtimestamp(now + 60).astimezone()
    stage = paced("Ann", deadline=deadline)
    assert stage.players["Ann"].public["pace"]["deadline"] is not None
    begin(stage, "Ann", 1, 1.0)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    begin(stage, "Ann", 2)
    stage.table.advance(60.0)
    assert stage.room.phase == "ended"
    assert refused(stage, "Ann", m.Answer(2, "x")) == "ended"
    assert [one["answered"] for one in stage.players["Ann"].private["paced"]["review"]] == [True, False]
    assert matches(exported(stage))
    past = Stage("Ann", start=False, settings=PACED | {"deadline": deadline})
    past.table.advance(120.0)
    with pytest.raises(Rejected, match="bad_value"):
        past.host.send(m.Start())


def test_nobody_s_time_runs_while_the_server_is_away() -> None:
    stage = paced("Ann")
    begin(stage, "Ann", 1, 5.0)
    alive = stage.table.time.now()
    stage.table.advance(30.0)
    stage.table._tell(Woken(datetime.fromtimestamp(alive, UTC)))
    stage.table.advance(15.0)
    ask = stage.players["Ann"].private["paced"]["ask"]
    assert datetime.fromisoformat(ask["closes_at"]) - datetime.fromisoformat(ask["opens_at"]) == timedelta(seconds=60)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    assert stage.players["Ann"].private["paced"]["result"]["points"] == 500, "ten of twenty seconds"
    stage.host.send(m.End())
    assert matches(exported(stage))


def test_who_comes_late_has_every_question_and_who_comes_back_is_where_they_were() -> None:
    stage = paced("Ann")
    begin(stage, "Ann", 1, 1.0)
    stage.players["Late"] = stage.table.join("Late")
    assert stage.players["Late"].private["late_from"] is None
    begin(stage, "Late", 1, 1.0)
    answer(stage, "Late", 1, oid(stage, 1, 0))
    back = stage.table.reconnect(stage.players["Ann"])
    assert back.private["paced"]["ask"]["ask"] == 1
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    stage.host.send(m.End())
    assert stage.score("Late") > stage.score("Ann") > 0
    assert matches(exported(stage))


def test_the_report_a_void_question_and_a_fixed_key_are_as_in_any_gathering() -> None:
    stage = paced("Ann", "Bob", preset="flat")
    for name, at in (("Ann", 0), ("Bob", 1)):
        begin(stage, name, 1, 1.0)
        answer(stage, name, 1, oid(stage, 1, at))
    stage.host.send(m.End())
    first, second = report(stage.room)["asks"]
    assert (first["answered"], first["mean_f"], second["unanswered"]) == (2, 0.5, 2)
    other = tuple(replace(one, correct=at == 1, weight=100.0 * (at == 1)) for at, one in enumerate(SINGLE.options))
    stage.host.send(m.FixKey(1, replace(SINGLE, options=other)))
    assert [stage.score(name) for name in ("Ann", "Bob")] == [0, 1000]
    stage.host.send(m.Void(1))
    assert [stage.score(name) for name in ("Ann", "Bob")] == [0, 0]
    assert matches(exported(stage))


def test_a_presenter_passes_over_the_own_questions_and_one_made_later_keeps_theirs() -> None:
    stage = Stage("Ann", "Bob", questions=(SINGLE,), settings=PACED, start=False)
    stage.host.send(m.AddSegment("Two", (SINGLE,)))
    stage.host.send(m.SetPresenter(1, stage.players["Ann"].seat))
    stage.host.send(m.Start())
    stage.host.send(m.SetPresenter(2, stage.players["Bob"].seat))
    assert [stage.players[name].private["paced"]["next"] for name in ("Ann", "Bob")] == [2, 1]
    begin(stage, "Bob", 1, 1.0)
    for name in ("Ann", "Bob"):
        begin(stage, name, 2, 1.0)
        answer(stage, name, 2, oid(stage, 2, 0))
    stage.host.send(m.End())
    assert matches(exported(stage)) and stage.score("Bob") > 0


def test_the_host_puts_nothing_and_pauses_nothing_meanwhile() -> None:
    stage = paced("Ann")
    for command in (m.Show(), m.Close(), m.Reveal(), m.Next(), m.Pause(), m.Skip()):
        with pytest.raises(Rejected, match="wrong_phase"):
            stage.host.send(command)
    stage.host.send(m.End())
    stage.host.send(m.UndoEnd())
    assert stage.room.phase == "segment_done", "what was told cannot be played again"
    live = Stage("Ann")
    assert refused(live, "Ann", m.BeginAsk(1)) == "wrong_phase"


def test_bots_play_every_type_to_the_end_and_the_recount_agrees() -> None:
    stage = paced("Ann", "Bob", "Cy", questions=EVERY, attempts=2, streak=True)
    game = Quiz()
    for turn in range(3 * len(EVERY)):
        for number, player in enumerate(stage.players.values()):
            command = game.bot(player.public, player.private, Random(100 * turn + number))
            if command is not None:
                player.send(command)
        stage.table.advance(2.0)
    assert stage.host.shared["counters"]["finished"] == 3
    stage.host.send(m.End())
    told = exported(stage)
    assert sum(event["type"] == "answered" for event in told["events"]) == 3 * (len(EVERY) - 1)
    assert matches(told) and any(row["raw"] for row in told["totals"]["gathering"])


# -- secrecy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("feedback", ["at_once", "at_end"])
@pytest.mark.parametrize("question", EVERY, ids=lambda question: f"{question.type}-{question.grading}")
def test_no_field_of_a_key_before_the_own_result(question: Question, feedback: str) -> None:
    """A player with attempts left, one who has not answered, a screen, and one who comes back."""
    asked = (replace(question, explanation="BECAUSE"), TRUE_FALSE)
    stage = paced("Ann", "Bob", questions=asked, feedback=feedback, attempts=1)
    screen = stage.table.watch()
    for name in ("Ann", "Bob"):
        begin(stage, name, 1, 1.0)
    ann = stage.players["Ann"]
    for player in (ann, stage.table.reconnect(stage.players["Bob"]), screen):
        _clean(player, question)
    command = Quiz().bot(ann.public, ann.private, Random(1))
    ann.send(command)
    for player in (stage.table.reconnect(stage.players["Bob"]), screen, *([ann] if feedback == "at_end" else [])):
        _clean(player, question)
    stage.host.send(m.End())
    assert stage.room.asks[1].revealed


def _clean(player: Seated, question: Question) -> None:
    for payload in player.payloads:
        assert not keys_in(json.loads(payload)) & (FIELDS | {"key", "counts", "explanation"}), payload
        assert not any(secret in payload for secret in [*secrets_of(question), b"BECAUSE"]), payload


@pytest.mark.parametrize("viewer", ["waiting", "answered", "screen", "back"])
@pytest.mark.parametrize("question", [SINGLE, MULTI, TRUE_FALSE, TYPED, NUMBER], ids=lambda one: one.type)
def test_another_key_changes_no_byte_before_the_own_result(question: Question, viewer: str) -> None:
    def make() -> Rehearsal:
        return Rehearsal(Quiz(), seed="fork", config={"settings": PACED | {"feedback": "at_end", "shuffle": "seat"}})

    def play(asked: Question) -> Any:
        def game(table: Rehearsal) -> Seated:
            ann, bob = table.join("Ann"), table.join("Bob")
            screen = table.watch()
            table.host.send(m.AddSegment("One", (asked, SLIDE)))
            table.host.send(m.Start())
            for player in (ann, bob):
                player.send(m.BeginAsk(1))
            table.advance(4)
            command = Quiz().bot(ann.public, ann.private, Random(1))
            assert isinstance(command, m.Answer)
            ann.send(command)
            back = table.reconnect(bob)
            return {"waiting": bob, "answered": ann, "screen": screen, "back": back}[viewer]

        return game

    assert_indistinguishable(make, play(question), play(rekeyed(question)))


def test_nothing_is_sent_to_others_when_somebody_goes_on() -> None:
    stage = paced("Ann", "Bob")
    before = len(stage.players["Bob"].payloads)
    begin(stage, "Ann", 1, 1.0)
    answer(stage, "Ann", 1, oid(stage, 1, 0))
    assert len(stage.players["Bob"].payloads) == before
