"""Questions that cannot be played are refused by name, before anybody sees them."""

from typing import Any

import pytest
from msgspec.structs import replace

from gamekeeper import Rejected
from gamekeeper_apps.quiz import messages as m
from gamekeeper_apps.quiz.playable import checked_question
from gamekeeper_apps.quiz.questions import Accepted, Numeric, Option, Pair, Question
from tests.apps.quiz.stage import CLOSEST, EVERY, MATCH, MULTI, NUMBER, OPEN, SINGLE, TYPED, Stage, options

HUGE = "9" * 50


def numbers(*accept: Accepted) -> Question:
    return replace(NUMBER, numeric=Numeric(accept))


@pytest.mark.parametrize("question", EVERY, ids=lambda one: f"{one.type}-{one.grading}")
def test_every_type_can_be_played(question: Question) -> None:
    checked_question(question, 1)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (replace(OPEN, text="x" * 2_001), "too_long"),
        (replace(SINGLE, options=options("x" * 301, "b")), "too_long"),
        (replace(TYPED, options=options("x" * 201)), "too_long"),
        (replace(MATCH, pairs=(Pair("a", "x" * 301), Pair("b", "c"))), "too_long"),
        (replace(OPEN, explanation="x" * 10_001), "too_long"),
        (replace(SINGLE, options=options("only")), "bad_value"),
        (replace(SINGLE, options=options(*map(str, range(13)))), "bad_value"),
        (replace(MULTI, options=options("a", "b", right=())), "bad_value"),
        (replace(TYPED, options=()), "bad_value"),
        (replace(TYPED, options=options(*map(str, range(101)))), "bad_value"),
        (replace(SINGLE, options=(Option("a", True, 101), Option("b"))), "bad_value"),
        (replace(MATCH, pairs=(Pair("a", "b"), Pair(None, "c"))), "bad_value"),
        (replace(MATCH, pairs=(Pair("a", "b", -1), Pair("b", "c"))), "bad_value"),
        (replace(NUMBER, numeric=None), "bad_value"),
        (numbers(Accepted("many", 0)), "bad_value"),
        (numbers(Accepted(float("nan"), 0)), "bad_value"),
        (numbers(Accepted(min=1)), "bad_value"),
        (numbers(Accepted("1/0")), "bad_value"),
        (numbers(Accepted(HUGE, 0)), "bad_value"),
        (numbers(Accepted(1, 0, weight=0)), "bad_value"),
        (replace(CLOSEST, limit_s=4), "bad_value"),
        (replace(CLOSEST, limit_s=301), "bad_value"),
        (replace(CLOSEST, points=10_001), "bad_value"),
        (replace(TYPED, typos=3), "bad_value"),
    ],
)
def test_what_cannot_be_played_is_refused(question: Question, code: str) -> None:
    stage = Stage(start=False)
    for command in (m.AddSegment("Two", (SINGLE, question)), m.EditDraft(1, question)):
        with pytest.raises(Rejected) as refused:
            stage.host.send(command)
        assert refused.value.code == code
    stage.host.send(m.Start())
    stage.show(1.0)
    stage.reveal()
    if question.type == "single" and len(question.options) == len(SINGLE.options):
        with pytest.raises(Rejected, match=code):
            stage.host.send(m.FixKey(1, question))


def test_a_bound_may_be_written_as_a_text() -> None:
    given: Any = ("1.5", "0.25")
    checked_question(numbers(Accepted(*given), Accepted(min="-1", max="1e3")), 1)
