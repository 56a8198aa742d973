"""M12: how right an answer is, by the vectors of the specification."""

from fractions import Fraction

import pytest

from gamekeeper_apps.quiz.grading import edits, grade_match, grade_multi, grade_number, grade_order, grade_typed
from gamekeeper_apps.quiz.questions import Accepted, Grading, Numeric, Option, Pair, Question
from gamekeeper_apps.quiz.scoring import half_up
from tests.apps.quiz.stage import options


def worth(f: Fraction) -> int:
    return half_up(1000 * f)


def multi(grading: Grading, *weights: float) -> Question:
    return Question("multi", "?", options=tuple(Option(str(w), w > 0, w) for w in weights), grading=grading)


def test_partial() -> None:
    question = Question("multi", "?", options=options(*"ABCDE", right=(0, 1, 2)), grading="partial")
    chosen = [(0, 1), (0, 1, 3), (0, 1, 2, 3, 4), (3,)]
    assert [worth(grade_multi(question, one)) for one in chosen] == [667, 333, 333, 0]


def test_three_thirds_are_a_whole() -> None:
    question = multi("weights", 33.33333, 33.33333, 33.33333, -100, -100)
    assert [worth(grade_multi(question, one)) for one in [(0, 1, 2), (0, 1), (0, 1, 2, 3)]] == [1000, 667, 0]


def test_order() -> None:
    question = Question("order", "?", options=options(*"abcd"), grading="partial")
    assert [worth(grade_order(question, order)) for order in ([0, 1, 3, 2], [3, 2, 1, 0], [0, 1, 2, 3])] == [
        667,
        0,
        1000,
    ]
    strict = Question("order", "?", options=options(*"abcd"))
    assert grade_order(strict, [0, 1, 3, 2]) == 0


@pytest.mark.parametrize(
    ("text", "f"), [("1817", 1), ("1827", 1), ("1816.99", 0), ("1817,0", 1), ("\u2212 5", 0), ("1 822", 1)]
)
def test_numbers(text: str, f: int) -> None:
    assert grade_number(Question("number", "?", numeric=Numeric((Accepted(1822, 5, 1817, 1827),))), text) == f


def test_bounds_are_decimal() -> None:
    question = Question("number", "?", numeric=Numeric((Accepted(3.1415, 0.0005, 3.141, 3.142),)))
    assert [grade_number(question, text) for text in ("3.141", "3.142", "3.1409")] == [1, 1, 0]
    falling = Question("number", "?", numeric=Numeric((Accepted(10, 4, 6, 14),)), grading="falloff")
    assert [grade_number(falling, text) for text in ("10", "12", "15")] == [1, Fraction(1, 2), 0]


@pytest.mark.parametrize(("text", "f"), [("dag hammarskjold", 1), ("dag hamarskjold", 1), ("dag hamarskold", 0)])
def test_typos(text: str, f: int) -> None:
    assert grade_typed(Question("typed", "?", options=options("Dag Hammarskjöld"), typos=1), text) == f


def test_typed_answers_keep_their_own_weights_and_stars() -> None:
    york = Question("typed", "?", options=(Option("York", True, 100), Option("york", True, 50)), case=True)
    assert [grade_typed(york, text) for text in ("York", "york", "YORK")] == [1, Fraction(1, 2), 0]
    star = Question("typed", "?", options=(Option("new *", True, 100), Option(r"5 \* 3", True, 50)))
    assert [grade_typed(star, text) for text in ("New York", "newer", "5 * 3")] == [1, 0, Fraction(1, 2)]


def test_a_typo_is_never_nearer_to_another_listed_answer() -> None:
    question = Question("typed", "?", options=(Option("Austria", True, 100), Option("Australia", False, 0)), typos=2)
    assert [grade_typed(question, text) for text in ("austrai", "australi")] == [1, 0]


def test_match_by_weight() -> None:
    weights = (1, 0.5, 0.5, 1)
    pairs = tuple(Pair(f"L{n}", f"R{n}", w) for n, w in enumerate(weights))
    question = Question("match", "?", pairs=pairs, grading="partial")
    assert worth(grade_match(question, {0: "R0", 1: "R1", 2: "R3"})) == 500


def test_transpositions_are_one_edit() -> None:
    assert [edits(a, b) for a, b in (("ab", "ba"), ("ca", "abc"), ("", "xy"), ("same", "same"))] == [1, 3, 2, 0]
