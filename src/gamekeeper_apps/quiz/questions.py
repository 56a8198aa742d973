"""A question as importers make it, as quiz files keep it and as a gathering plays it."""

from typing import Any, Literal

from gamekeeper import Frozen

QuestionType = Literal[
    "single", "multi", "true_false", "number", "order", "typed", "match", "poll", "word_cloud", "open", "slide"
]
Grading = Literal["all_or_nothing", "partial", "weights", "per_option", "range", "falloff", "closest"]
TextFormat = Literal["plain", "moodle", "html", "markdown"]


class Option(Frozen, forbid_unknown_fields=False, omit_defaults=False):
    """`weight` in per cent, -100 to 100."""

    text: str
    correct: bool = False
    weight: float = 0
    feedback: str | None = None


class Accepted(Frozen, forbid_unknown_fields=False):
    """Numbers that count, both bounds included. Bounds are decimal numbers as text or as JSON numbers."""

    value: float | str | None = None
    tolerance: float | str | None = None
    min: float | str | None = None
    max: float | str | None = None
    weight: float = 100
    feedback: str | None = None


class Numeric(Frozen, forbid_unknown_fields=False):
    accept: tuple[Accepted, ...] = ()
    else_feedback: str | None = None


class Pair(Frozen, forbid_unknown_fields=False):
    """`left` None: a distractor."""

    left: str | None
    right: str
    weight: float | None = None


class Source(Frozen, forbid_unknown_fields=False):
    file: str = ""
    line: int = 0


class Question(Frozen, forbid_unknown_fields=False):
    """See the format in docs/reference/quiz.md. What only importers need passes through unread."""

    type: QuestionType
    text: str
    title: str | None = None
    options: tuple[Option, ...] = ()
    numeric: Numeric | None = None
    pairs: tuple[Pair, ...] = ()
    explanation: str | None = None
    source: Source | None = None
    text_format: TextFormat | None = None
    limit_s: float | None = None
    points: int | None = None
    grading: Grading | None = None
    case: bool = False
    accents: bool = False
    typos: int = 0
    id: str | None = None
    media: Any = None
