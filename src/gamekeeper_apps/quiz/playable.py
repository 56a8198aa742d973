"""Which questions can be played: their limits, and keys that grading can work with."""

from collections.abc import Iterator

from gamekeeper import Rejected
from gamekeeper_apps.quiz.grading import exact
from gamekeeper_apps.quiz.marking import MAX_TYPED
from gamekeeper_apps.quiz.putting import WITH_OPTIONS
from gamekeeper_apps.quiz.questions import Accepted, Question
from gamekeeper_apps.quiz.settings import MAX_LIMIT_S, MAX_POINTS, MIN_LIMIT_S

MAX_TEXT, MAX_OPTION, MAX_EXPLANATION = 2_000, 300, 10_000
LEAST_OPTIONS, MOST_OPTIONS = 2, 12
MAX_ANSWERS = 100
MAX_TYPOS = 2
KEYED = ("single", "true_false", "multi", "typed")


def checked_question(question: Question, number: int, field: str = "questions") -> None:
    """Raises `Rejected`: `too_long`, or `bad_value` on a question that cannot be played."""
    for words in _too_long(question):
        raise Rejected("too_long", f"question {number}: {words}", field=field)
    for words in _unplayable(question):
        raise Rejected("bad_value", f"question {number}: {words}", field=field)


def _too_long(question: Question) -> Iterator[str]:
    if len(question.text) > MAX_TEXT:
        yield f"at most {MAX_TEXT} characters"
    if len(question.explanation or "") > MAX_EXPLANATION:
        yield f"at most {MAX_EXPLANATION} characters of explanation"
    most = MAX_TYPED if question.type == "typed" else MAX_OPTION
    sides = [side for pair in question.pairs for side in (pair.left or "", pair.right)]
    if any(len(text) > most for text in (*(one.text for one in question.options), *sides)):
        yield f"at most {most} characters in an answer"


def _unplayable(question: Question) -> Iterator[str]:
    if question.type in WITH_OPTIONS and not LEAST_OPTIONS <= len(question.options) <= MOST_OPTIONS:
        yield f"{LEAST_OPTIONS} to {MOST_OPTIONS} options"
    if question.type in KEYED and not any(one.weight > 0 for one in question.options):
        yield "no right answer"
    if len(question.options) > MAX_ANSWERS or any(not -100 <= one.weight <= 100 for one in question.options):
        yield f"at most {MAX_ANSWERS} answers, weights from -100 to 100"
    if question.type == "match":
        yield from _pairs(question)
    if question.type == "number":
        yield from _numbers(question)
    if question.limit_s is not None and not MIN_LIMIT_S <= question.limit_s <= MAX_LIMIT_S:
        yield f"{MIN_LIMIT_S:g} to {MAX_LIMIT_S:g} seconds"
    if question.points is not None and not 0 <= question.points <= MAX_POINTS:
        yield f"0 to {MAX_POINTS} points"
    if not 0 <= question.typos <= MAX_TYPOS:
        yield f"0 to {MAX_TYPOS} typos"


def _pairs(question: Question) -> Iterator[str]:
    lefts = [pair.left for pair in question.pairs if pair.left is not None]
    if not LEAST_OPTIONS <= len(lefts) <= MOST_OPTIONS or len(question.pairs) > 2 * MOST_OPTIONS:
        yield f"{LEAST_OPTIONS} to {MOST_OPTIONS} pairs"
    if any(pair.weight is not None and not 0 <= pair.weight <= 100 for pair in question.pairs):
        yield "weights of pairs from 0 to 100"


def _numbers(question: Question) -> Iterator[str]:
    accept = question.numeric.accept if question.numeric is not None else ()
    if not 0 < len(accept) <= MAX_ANSWERS or not any(one.weight > 0 for one in accept):
        yield "no right number"
    if not all(_bounded(one) for one in accept):
        yield "a range is a value and a tolerance, or two bounds"


def _bounded(accepted: Accepted) -> bool:
    """Whether it is numbers of a sensible size that say where a range begins and ends."""
    two = accepted.min is not None and accepted.max is not None
    given = (accepted.min, accepted.max) if two else (accepted.value, accepted.tolerance)
    if not two and accepted.value is None:
        return False
    try:
        return all(len(str(one)) <= 40 and abs(exact(one)) <= 10**30 for one in given)
    except (ValueError, ZeroDivisionError):
        return False
