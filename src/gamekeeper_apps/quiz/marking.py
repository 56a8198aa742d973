"""Where asks meet grading: what may be an answer to one, how right a stored answer is, and what it is worth."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec

from gamekeeper import Rejected
from gamekeeper_apps.quiz import grading, scoring
from gamekeeper_apps.quiz.scoring import half_up
from gamekeeper_apps.quiz.settings import Settings
from gamekeeper_apps.quiz.state import Ask, Given, Player, Room

MAX_TYPED, MAX_OPEN, MAX_CLOUD = 200, 1_000, 25
CLOUD_TEXTS = 3
ONE_OPTION = ("single", "true_false", "poll")


def checked_value(ask: Ask, value: Any) -> Any:
    """The answer as it is stored. Raises `Rejected`: `bad_value`, `too_long`."""
    return _CHECKS[ask.question.type](ask, value)


def _bad(message: str) -> Rejected:
    return Rejected("bad_value", message, field="value")


def _one(ask: Ask, value: Any) -> str:
    if isinstance(value, str) and value in ask.oids:
        return value
    raise _bad("not an option of this question")


def _words(value: Any) -> list[str] | None:
    """A list of texts; None: it is something else."""
    try:
        return msgspec.convert(value, type=list[str])
    except msgspec.ValidationError:
        return None


def _several(ask: Ask, value: Any) -> list[str]:
    oids = _words(value)
    if not oids or len(set(oids)) != len(oids) or not set(oids) <= set(ask.oids):
        raise _bad("options of this question, each once")
    return sorted(oids, key=ask.oids.index)


def _poll(ask: Ask, value: Any) -> Any:
    return _several(ask, value) if isinstance(value, list) else _one(ask, value)


def _order(ask: Ask, value: Any) -> list[str]:
    oids = _words(value)
    if not oids or len(oids) != len(ask.oids) or set(oids) != set(ask.oids):
        raise _bad("all options of this question, each once")
    return oids


def _match(ask: Ask, value: Any) -> dict[str, str]:
    try:
        pairs = msgspec.convert(value, type=dict[str, str])
    except msgspec.ValidationError as error:
        raise _bad("a right one for each left one") from error
    if not pairs or not all(left in ask.oids and right in ask.rights for left, right in pairs.items()):
        raise _bad("only what is on the screen")
    return {oid: pairs[oid] for oid in ask.oids if oid in pairs}


def _number(ask: Ask, value: Any) -> str:
    text = _text(value, MAX_TYPED)
    try:
        grading.read_number(text)
    except ValueError as error:
        raise _bad(str(error)) from error
    return text


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _bad("a text")
    if len(value) > most:
        raise Rejected("too_long", f"at most {most} characters", field="value")
    return value


def _cloud(ask: Ask, value: Any) -> list[str]:
    texts = _words(value)
    if not texts or len(texts) > CLOUD_TEXTS:
        raise _bad(f"up to {CLOUD_TEXTS} texts")
    return [_text(one, MAX_CLOUD) for one in texts]


def _nothing(ask: Ask, value: Any) -> Any:
    raise _bad("there is nothing to answer")


_CHECKS: dict[str, Callable[[Ask, Any], Any]] = {
    "single": _one,
    "true_false": _one,
    "multi": _several,
    "poll": _poll,
    "order": _order,
    "match": _match,
    "number": _number,
    "typed": lambda ask, value: _text(value, MAX_TYPED),
    "open": lambda ask, value: _text(value, MAX_OPEN),
    "word_cloud": _cloud,
    "slide": _nothing,
}


class Marker:
    """How right answers to one ask are. Where the nearest answer wins it looks at all of them once."""

    def __init__(self, room: Room, ask: Ask) -> None:
        self._ask = ask
        self._at = dict(zip(ask.oids, ask.order, strict=True))
        self._right = dict(zip(ask.rights, ask.right_order, strict=True))
        self._least: Fraction | None = None
        if ask.question.type == "number" and ask.question.grading == "closest":
            given = [one.answers[ask.id].value for one in room.players.values() if ask.id in one.answers]
            self._least = min((grading.distance(ask.question, text) for text in given), default=None)

    def fraction(self, player: Player, given: Given) -> Fraction | None:
        """0 to 1; None: this type is not graded, or not yet."""
        question, value = self._ask.question, given.value
        match question.type:
            case "single" | "true_false":
                return grading.grade_choice(question, self._at[value])
            case "multi":
                return grading.grade_multi(question, [self._at[oid] for oid in value])
            case "order":
                return grading.grade_order(question, [self._at[oid] for oid in value])
            case "match":
                pairs = question.pairs
                matched = {self._at[left]: pairs[self._right[right]].right for left, right in value.items()}
                return grading.grade_match(question, matched)
            case "typed":
                return grading.grade_typed(question, value)
            case "number":
                if self._least is not None:
                    return Fraction(int(grading.distance(question, value) == self._least))
                return grading.grade_number(question, value)
            case "open":
                grade = player.grades.get(self._ask.id)
                return grading.exact(grade) if grade is not None else None
            case _:
                return None

    def net_right(self, given: Given) -> int:
        return grading.net_right(self._ask.question, [self._at[oid] for oid in given.value])


def points_of(settings: Settings, ask: Ask, given: Given, f: Fraction, marker: Marker) -> int:
    """What an answer is worth without the streak; a wrong one may cost."""
    if given.confidence is not None and settings.confidence:
        return scoring.confidence_points(given.confidence, f == 1, ask.points)
    if f == 0:
        return -settings.penalty
    preset, limit, time = ask.preset, ask.limit_ms, given.credited_ms
    if ask.question.type == "multi" and ask.question.grading == "per_option":
        return scoring.points_per_option(preset, limit, time, ask.points, marker.net_right(given))
    return scoring.points(preset, limit, time, ask.points, f)


def bonus_of(settings: Settings, ask: Ask, streak: int) -> int:
    """For right answers in a row."""
    if not settings.streak or not ask.points or ask.preset == "off":
        return 0
    return scoring.streak_bonus(streak, settings.streak_cap)


__all__ = ["Marker", "bonus_of", "checked_value", "half_up", "points_of"]
