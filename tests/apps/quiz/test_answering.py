"""An answer in time, an answer at all, and what it is not: M8, and the credit vectors of the specification."""

from typing import Any

import pytest

from gamekeeper import NO_SEAT, Rejected
from gamekeeper.room.mailbox import Envelope
from gamekeeper_apps.quiz import messages as m
from tests.apps.quiz.stage import CLOUD, MATCH, MULTI, NUMBER, OPEN, ORDER, SINGLE, TYPED, Stage

MICROSECONDS = 1_000_000


def answer_at(stage: Stage, name: str, after_open_s: float, elapsed_ms: float | None = None, rtt_ms: float = 0) -> str:
    """Send an answer whose frame was read at that time on a line of that round trip; the rejection's code or ''."""
    player, ask = stage.players[name], stage.ask
    command = m.Answer(ask.id, stage.oid(0), elapsed_ms)
    outcome: list[Rejected | None] = []
    received = int((ask.opens_at.timestamp() + after_open_s) * MICROSECONDS)
    envelope = Envelope(command, player.seat, player.role, player.user, player.session, 900 + len(player.payloads))
    envelope.reply, envelope.received_at, envelope.rtt_ms = outcome.append, received, rtt_ms
    stage.table.room.submit(envelope)
    stage.table.time.settle()
    refused = outcome[0]
    return refused.code if refused is not None else ""


@pytest.mark.parametrize(
    ("rtt_ms", "client_ms", "credited"),
    [(180, 900, 1_020), (180, 1_100, 1_100), (180, 5_000, 1_200), (180, None, 1_200), (900, 0, 950)],
)
def test_credit_vectors(rtt_ms: float, client_ms: float | None, credited: int) -> None:
    """Opens 0, received 1 200 ms."""
    stage = Stage("Ann", "Bob")
    stage.show(1.3)
    assert answer_at(stage, "Ann", 1.2, client_ms, rtt_ms) == ""
    given = stage.room.players[stage.players["Ann"].seat].answers[1]
    assert given.credited_ms == pytest.approx(credited, abs=1)
    assert given.raw_ms == pytest.approx(1_200, abs=1)


@pytest.mark.parametrize("lie", [-3_600_000.0, 0.0, 3_600_000.0, 1e300, float("nan"), float("-inf")])
def test_a_forged_time_wins_at_most_the_credit(lie: float) -> None:
    """M8: an hour early or late, nonsense, infinity: at most 250 ms, and never worse than honest silence."""
    stage = Stage("Ann", "Bob")
    stage.show(3.0)
    assert answer_at(stage, "Ann", 3.0, lie, 10_000) == ""
    credited = stage.room.players[stage.players["Ann"].seat].answers[1].credited_ms
    assert 2_749 <= credited <= 3_000


def test_the_window_is_opening_to_close_and_credit() -> None:
    """M8: before `opens_at` not_open; after the close and the credit too_late, whatever the client says."""
    stage = Stage("Ann", "Bob", "Cyd", settings={"limit_s": 5})
    stage.show(5.3)
    assert stage.room.phase == "closed"
    assert answer_at(stage, "Ann", -0.001) == "not_open"
    assert answer_at(stage, "Ann", 5.3, 0, 250) == "too_late"
    assert answer_at(stage, "Ann", 5.1, 0, 0) == "too_late"
    assert answer_at(stage, "Ann", 5.1, None, 250) == ""
    assert stage.room.players[stage.players["Ann"].seat].answers[1].credited_ms == 5_000


def test_the_frame_s_time_counts_and_not_the_queue_s() -> None:
    """2.3(1): load costs nobody points."""
    stage = Stage("Ann", "Bob")
    stage.show(8.0)
    assert answer_at(stage, "Ann", 1.0) == ""
    assert stage.room.players[stage.players["Ann"].seat].answers[1].credited_ms == pytest.approx(1_000, abs=1)


def test_reveal_waits_for_what_is_under_way() -> None:
    stage = Stage("Ann", "Bob")
    stage.show(1.0)
    stage.host.send(m.Close())
    stage.host.send(m.Reveal())
    assert stage.room.phase == "closed"
    stage.table.advance(0.26)
    assert stage.room.phase == "revealed"
    with pytest.raises(Rejected, match="too_late"):
        stage.answer("Ann", stage.oid(0))


def test_one_answer_counts_unless_changing_is_allowed() -> None:
    stage = Stage("Ann", "Bob")
    stage.show(1.0)
    stage.answer("Ann", stage.oid(1))
    with pytest.raises(Rejected, match="already_answered"):
        stage.answer("Ann", stage.oid(0))
    changing = Stage("Ann", "Bob", settings={"allow_change": True})
    changing.show(1.0)
    changing.answer("Ann", changing.oid(1))
    changing.table.advance(4)
    changing.answer("Ann", changing.oid(0))
    changing.reveal()
    assert (changing.score("Ann"), changing.room.asks[1].answered) == (875, 1)


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        (SINGLE, "nope", "bad_value"),
        (SINGLE, None, "bad_value"),
        (SINGLE, ["x"], "bad_value"),
        (MULTI, [], "bad_value"),
        (MULTI, [{}], "bad_value"),
        (ORDER, ["a"], "bad_value"),
        (MATCH, [], "bad_value"),
        (MATCH, {"x": "y"}, "bad_value"),
        (NUMBER, "nan", "bad_value"),
        (NUMBER, "1e5", "bad_value"),
        (NUMBER, "1234567890123456", "bad_value"),
        (TYPED, "x" * 201, "too_long"),
        (TYPED, "  ", "bad_value"),
        (OPEN, "x" * 1_001, "too_long"),
        (CLOUD, ["a", "b", "c", "d"], "bad_value"),
        (CLOUD, ["x" * 26], "too_long"),
    ],
)
def test_what_is_no_answer_is_refused_by_name(question: Any, value: Any, code: str) -> None:
    stage = Stage("Ann", questions=(question,))
    stage.show(1.0)
    with pytest.raises(Rejected) as refused:
        stage.answer("Ann", value)
    assert (refused.value.code, refused.value.field) == (code, "value")


def test_confidence_is_asked_for_or_not() -> None:
    """S4: Gardner-Medwin's table in thirds of the points."""
    stage = Stage("Ann", "Bob", "Cyd", "Dan", settings={"confidence": True, "floor": "none"})
    stage.show(1.0)
    with pytest.raises(Rejected, match="bad_value"):
        stage.answer("Ann", stage.oid(0))
    for name, sure, right in (("Ann", "high", 0), ("Bob", "high", 1), ("Cyd", "mid", 0), ("Dan", "low", 1)):
        stage.answer(name, stage.oid(right), confidence=sure)
    stage.reveal()
    assert [stage.score(name) for name in stage.players] == [1_000, -2_000, 667, 0]


def test_answers_to_other_questions_are_refused() -> None:
    stage = Stage("Ann", questions=(SINGLE, SINGLE))
    stage.show(1.0)
    with pytest.raises(Rejected, match="wrong_ask"):
        stage.players["Ann"].send(m.Answer(7, "x"))
    stage.reveal()
    stage.host.send(m.Void(1))
    with pytest.raises(Rejected, match="voided"):
        stage.players["Ann"].send(m.Answer(1, "x"))
    stage.show(1.0)
    assert NO_SEAT not in stage.room.players
