"""What a reader finds: questions in the shape of docs/reference/quiz-formats.md, and a problem for everything else."""

import html
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, cast

MAX_QUESTIONS = 5_000
Item = dict[str, Any]
FURTHER = (
    "plain",
    "text_format",
    "limit_s",
    "points",
    "grading",
    "case",
    "id",
    "tags",
    "category",
    "difficulty",
    "media",
    "explanation_format",
)


class Refused(Exception):
    """A whole file that cannot be read. `code` is `error-not-readable` or `error-too-large`."""

    def __init__(self, code: str, words: str, line: int | None = None) -> None:
        super().__init__(words)
        self.code, self.words, self.line = code, words, line


class Found:
    """The questions and problems of one file, in order."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.questions: list[Item] = []
        self.problems: list[Item] = []

    def add(self, question: Item, line: int) -> None:
        """Keep a question. Raises `Skip` for one without words, `Refused` past `MAX_QUESTIONS`."""
        if len(self.questions) >= MAX_QUESTIONS:
            raise Refused("error-too-large", f"more than {MAX_QUESTIONS} questions", line)
        if not question["text"]:
            if not question["title"]:
                raise Skip("skip-no-question", "neither a text nor a title")
            question["text"] = question["title"]
            self.problem("warn-no-text", "the title stands in for the missing text", line)
        question["source"] = {"file": self.file, "line": line}
        self.questions.append(question)

    def problem(self, code: str, words: str, line: int | None) -> None:
        """Name an omission (`skip-`), a doubt (`warn-`) or a refusal (`error-`)."""
        self.problems.append({"file": self.file, "line": line, "reason": f"{code}: {words}"})


class Skip(Exception):
    """One item that is not imported."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


def listed(value: Any) -> list[Any]:
    """The elements of a JSON list; of anything else none."""
    return value if isinstance(cast("object", value), list) else []


def question(kind: str, text: str, **more: Any) -> Item:
    """A question with all keys of the contract; what is None beyond them is left out."""
    item: Item = {"type": kind, "title": more.pop("title", None) or None, "text": text}
    item["options"] = more.pop("options", [])
    item["numeric"] = more.pop("numeric", None)
    item["pairs"] = more.pop("pairs", [])
    item["explanation"] = more.pop("explanation", None) or None
    item["source"] = None
    if more.get("text_format") in ("html", "moodle") and plain(text) != text:
        more["plain"] = plain(text)
    item.update({name: more[name] for name in FURTHER if more.get(name) is not None})
    return item


def option(text: str, correct: bool, weight: int | float, feedback: str | None = None, **more: Any) -> Item:
    """An option; `weight` in per cent."""
    item: Item = {"text": text, "correct": correct, "weight": weight, "feedback": feedback or None}
    item.update({name: value for name, value in more.items() if value is not None})
    if item.get("format") == "html" and plain(text) != text:
        item["plain"] = plain(text)
    return item


def true_false(key: bool, feedback_true: str | None = None, feedback_false: str | None = None) -> list[Item]:
    """The two options of a true/false question."""
    return [
        option("True", key, 100 if key else 0, feedback_true),
        option("False", not key, 0 if key else 100, feedback_false),
    ]


def per_cent(value: Decimal | Fraction | int) -> int | float:
    """Per cent, clamped to -100..100, at most five decimals, whole numbers as integers."""
    return shortest(round(max(Fraction(-100), min(Fraction(100), Fraction(value))), 5))


def shortest(value: Decimal | Fraction) -> int | float:
    """A number as JSON writes it shortest."""
    return int(value) if value == int(value) else float(value)


def decimal(text: str) -> Decimal:
    """A number of at most 15 digits. Raises `Skip`."""
    text = re.sub(r"[\u2009\u202f\u00a0 ]", "", text.strip()).replace("\u2212", "-")
    text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text, re.ASCII) or len(text) > 40:
        raise Skip("skip-bad-answer", f"{text[:40]!r} is no number")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Skip("skip-bad-answer", f"{text[:40]!r} is no number") from None
    if len(value.normalize().as_tuple().digits) > 15:
        raise Skip("skip-bad-answer", f"{text[:40]!r} has more than 15 digits")
    return value


def accepted(
    value: Decimal | None,
    tolerance: Decimal | None,
    bounds: tuple[Decimal, Decimal],
    weight: int | float = 100,
    feedback: str | None = None,
) -> Item:
    """One range of a number question, bounds included."""
    return {
        "value": None if value is None else shortest(value),
        "tolerance": None if tolerance is None else shortest(tolerance),
        "min": shortest(min(bounds)),
        "max": shortest(max(bounds)),
        "weight": weight,
        "feedback": feedback or None,
    }


def around(value: Decimal, tolerance: Decimal, weight: int | float = 100, feedback: str | None = None) -> Item:
    """The range of `value` plus or minus `tolerance`."""
    tolerance = abs(tolerance)
    return accepted(value, tolerance, (value - tolerance, value + tolerance), weight, feedback)


def plain(text: str) -> str:
    """Text without markup; an image is its [alt]."""
    text = re.sub(r"<!--.*?(?:-->|$)", "", text, flags=re.S)
    text = re.sub(r"<img\b([^<>]*)>", lambda tag: f"[{_alt(tag[1])}]", text, flags=re.I)
    text = re.sub(r"<(?:br|/p|/div|/li)\b[^<>]*>", " ", text, flags=re.I)
    text = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", text))
    return " ".join(text.split())


def _alt(attributes: str) -> str:
    given = re.search(r"""\balt\s*=\s*("([^"]*)"|'([^']*)')""", attributes, re.I)
    return (given[2] or given[3] or "") if given else ""
