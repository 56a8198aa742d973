"""S4: statistics of the questions, by a set computed by hand."""

import pytest

from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.items import item_statistics
from tests.apps.quiz.stage import MULTI, POLL, SINGLE, Stage

RIGHT = {"Ann": (1, 1, 1), "Bob": (1, 1, 0), "Cyd": (0, 1, 0), "Dan": (0, 0, None)}
"""What of three questions each got right; None: no answer."""


def played() -> Stage:
    stage = Stage(*RIGHT, questions=(SINGLE, SINGLE, SINGLE, POLL), settings={"limit_s": 10})
    for number in range(3):
        stage.show(2.5)
        for name, right in RIGHT.items():
            if right[number] is not None:
                stage.answer(name, stage.oid(0 if right[number] else 1))
        stage.reveal()
    stage.show(9.9)
    stage.answer("Ann", stage.oid(1))
    stage.reveal()
    return stage


def test_difficulty_discrimination_shares_and_times() -> None:
    """f of the first question: 1 1 0 0, of the two others together: 2 1 1 0, so r = 1/sqrt(2). Of the third, for the
    three who answered it: 1 0 0 and 2 2 1, so r = 1/2."""
    first, second, third, poll = item_statistics(played().room)
    assert (first.difficulty, second.difficulty) == (0.5, 0.75)
    assert third.difficulty == pytest.approx(1 / 3), "no answer is no wrong answer"
    assert (third.answered, third.unanswered) == (3, 1)
    assert first.discrimination == pytest.approx(0.5**0.5)
    assert third.discrimination == pytest.approx(0.5)
    assert sorted(first.shares.values()) == [0, 0, 0.5, 0.5]
    assert first.times == (0, 0, 4, 0, 0, 0, 0, 0, 0, 0)
    assert (poll.difficulty, poll.discrimination, poll.answered, poll.times[-1]) == (None, None, 1, 1)


def test_void_questions_and_small_or_equal_groups_have_none() -> None:
    stage = played()
    stage.host.send(m.Void(1))
    assert [item.ask for item in item_statistics(stage.room)] == [2, 3, 4]
    pair = Stage("Ann", "Bob", questions=(MULTI,))
    pair.show(1.0)
    pair.answer("Ann", pair.oid(0, 1, 3))
    pair.reveal()
    (item,) = item_statistics(pair.room)
    assert (item.difficulty, item.discrimination, item.unanswered) == (1.0, None, 1)
