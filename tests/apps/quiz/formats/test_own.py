"""Our own files: written, read and written again they are equal to the byte."""

import json

from gamekeeper_apps.quiz.formats.found import Found
from gamekeeper_apps.quiz.formats.own import written
from gamekeeper_apps.quiz.formats.reading import read
from tests.apps.quiz.formats.samples import reasons, text

GIFT = "::t::A {=b#c ~%50%d}\n\nN {#1..2}\n\nM {=a->b =c->d}\n\n[html]<b>x</b> {T#y}\n\nE {}\n"


def _file(found: Found) -> bytes:
    counts = {"questions": len(found.questions), "skipped": 0}
    return written({"questions": found.questions, "problems": [], "counts": counts})


def test_the_round_trip_is_byte_equal() -> None:
    first = _file(text(GIFT, "gift"))
    again = Found("other")
    read(first, "auto", again)
    assert _file(again) == first
    assert not again.problems


def test_simple_questions_and_bad_ones() -> None:
    simple = {"question_text": "Q", "correct_answer": 4, "wrong_answers": [5]}
    found = text(json.dumps({"questions": [simple, {"type": "none", "text": "x"}, 3]}), "auto")
    assert [one["text"] for one in found.questions[0]["options"]] == ["4", "5"]
    assert reasons(found) == [(1, "skip-bad-answer"), (2, "skip-bad-answer")]


def test_what_must_be_there_is_added() -> None:
    options = [{"text": "a", "correct": True}, {"text": "b", "correct": True}, {"text": "c"}]
    found = text(json.dumps({"questions": [{"type": "multi", "text": "Q", "options": options}]}), "auto")
    assert [(one["weight"], one["correct"], one["feedback"]) for one in found.questions[0]["options"]] == [
        (50, True, None),
        (50, True, None),
        (0, False, None),
    ]


def test_questions_that_nobody_could_answer_are_named() -> None:
    whole = {"text": "Q", "options": [{"text": "a"}, {"text": "b"}]}
    given = [
        whole | {"type": "single"},
        {"type": "typed", "text": "Q"},
        {"type": "number", "text": "Q"},
        {"type": "poll", "text": "Q", "options": [{"text": "a"}]},
        {"type": "match", "text": "Q", "pairs": [{"left": "a", "right": "b"}]},
        whole | {"type": "multi", "options": [{"text": "a", "weight": 101}, {"text": "b"}]},
    ]
    codes = [code for _, code in reasons(text(json.dumps(given), "auto"))]
    assert codes == ["skip-no-key"] * 3 + ["skip-too-few-options"] * 2 + ["skip-bad-answer"]
