"""Moodle XML: `<quiz>` with `<question type=...>`."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from gamekeeper_apps.quiz.formats.found import (
    Found,
    Item,
    Skip,
    around,
    decimal,
    option,
    per_cent,
    question,
    true_false,
)
from gamekeeper_apps.quiz.formats.xml import Element

FORMATS = {"html": "html", "moodle_auto_format": "moodle", "plain_text": "plain", "markdown": "markdown"}
ALLOWED = {
    *(Fraction(mark) for mark in (0, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)),
    *(Fraction(mark) for mark in ("11.11111", "12.5", "14.28571", "16.66667", "33.33333", "66.66667", "83.33333")),
}


def read(root: Element, found: Found) -> None:
    """Read a whole file."""
    category: str | None = None
    for item in root.elements("question"):
        kind = item.get("type")
        if kind == "category":
            category = _inside(item, "category") or None
            continue
        try:
            found.add(_question(kind, item, category, found), item.line)
        except Skip as skip:
            found.problem(skip.code, skip.words, item.line)


def _child(item: Element, name: str) -> Element | None:
    return next(iter(item.elements(name)), None)


def _inside(item: Element, name: str) -> str:
    """The text of `<name><text>...</text></name>` or of `<name>...</name>`."""
    child = _child(item, name)
    return "" if child is None else ((_child(child, "text") or child).text()).strip()


def _format(item: Element | None, inherited: str) -> str:
    return inherited if item is None else FORMATS.get(item.get("format"), inherited)


def _question(kind: str, item: Element, category: str | None, found: Found) -> Item:
    format_ = _format(_child(item, "questiontext"), "moodle")
    told = _format(_child(item, "generalfeedback"), format_)
    explanation = _inside(item, "generalfeedback")
    more: dict[str, Any] = {
        "title": _inside(item, "name"),
        "text_format": format_,
        "explanation": explanation,
        "explanation_format": told if explanation and told != format_ else None,
        "category": category,
        "id": _inside(item, "idnumber") or None,
        "tags": [tag.text().strip() for tag in item.all("tag")] or None,
        "media": _media(item) or None,
    }
    reader = READERS.get(kind)
    if reader is None:
        raise Skip("skip-unsupported", f"{kind[:40] or 'no type'}")
    type_, details = reader(item, format_, found)
    return question(type_, _inside(item, "questiontext"), **details, **more)


def _media(item: Element) -> list[Item]:
    files = [one for one in item.all("file") if one.get("encoding") == "base64"]
    return [{"name": one.get("name"), "base64": "".join(one.text().split())} for one in files]


def _weight(answer: Element, found: Found, line: int) -> int | float:
    fraction = decimal(answer.get("fraction") or "0")
    if round(abs(Fraction(fraction)), 5) not in ALLOWED:
        found.problem("warn-fraction", f"{fraction} is not one of Moodle's fractions", line)
    return per_cent(fraction)


def _options(item: Element, format_: str, found: Found, right: int) -> list[Item]:
    options: list[Item] = []
    for answer in item.elements("answer"):
        weight = _weight(answer, found, item.line)
        own = _format(answer, format_)
        text = (_child(answer, "text") or answer).text().strip()
        if not text:
            raise Skip("skip-empty-option", "an answer without text")
        told = _inside(answer, "feedback")
        options.append(option(text, weight >= right, weight, told, format=own if own != format_ else None))
    if not any(one["weight"] > 0 for one in options):
        raise Skip("skip-no-key", "no answer is right")
    return options


def _multichoice(item: Element, format_: str, found: Found) -> tuple[str, dict[str, Any]]:
    single = _inside(item, "single").lower() not in ("false", "0")
    tiny = Decimal("0.00001")
    options = _options(item, format_, found, 100 if single else 1)
    for one in options:
        one["correct"] = one["weight"] == 100 if single else one["weight"] >= tiny
    if len(options) < 2:
        raise Skip("skip-too-few-options", "fewer than two options")
    return ("single", {"options": options}) if single else ("multi", {"options": options, "grading": "weights"})


def _truefalse(item: Element, _: str, __: Found) -> tuple[str, dict[str, Any]]:
    key: bool | None = None
    told: dict[bool, str] = {}
    for answer in item.elements("answer"):
        word = (_child(answer, "text") or answer).text().strip().lower()
        if word not in ("true", "false"):
            raise Skip("skip-bad-answer", f"{word[:40]!r} is neither true nor false")
        told[word == "true"] = _inside(answer, "feedback")
        if decimal(answer.get("fraction") or "0") > 0:
            key = word == "true"
    if key is None:
        raise Skip("skip-no-key", "neither true nor false is right")
    return "true_false", {"options": true_false(key, told.get(True), told.get(False))}


def _shortanswer(item: Element, format_: str, found: Found) -> tuple[str, dict[str, Any]]:
    options = _options(item, format_, found, 0)
    for one in options:
        one["correct"] = one["weight"] > 0
        one.pop("format", None)
    return "typed", {"options": options, "case": True if _inside(item, "usecase") == "1" else None}


def _numerical(item: Element, _: str, found: Found) -> tuple[str, dict[str, Any]]:
    ranges: list[Item] = []
    otherwise: str | None = None
    for answer in item.elements("answer"):
        text = (_child(answer, "text") or answer).text().strip()
        told = _inside(answer, "feedback") or None
        if text == "*":
            otherwise = told
            continue
        weight = _weight(answer, found, item.line)
        ranges.append(around(decimal(text), decimal(_inside(answer, "tolerance") or "0"), weight, told))
    if not any(one["weight"] > 0 for one in ranges):
        raise Skip("skip-no-key", "no number is right")
    return "number", {"numeric": {"accept": ranges, "else_feedback": otherwise}}


def _matching(item: Element, _: str, __: Found) -> tuple[str, dict[str, Any]]:
    pairs: list[Item] = []
    for part in item.elements("subquestion"):
        left = (_child(part, "text") or Element("", 0, {})).text().strip()
        right = _inside(part, "answer")
        if right:
            pairs.append({"left": left or None, "right": right})
        elif left:
            raise Skip("skip-bad-answer", "a pair without its right side")
    if len(pairs) < 2:
        raise Skip("skip-too-few-options", "fewer than two pairs")
    if not any(pair["left"] for pair in pairs):
        raise Skip("skip-no-key", "no pair has a left side")
    return "match", {"pairs": pairs}


def _essay(_: Element, __: str, ___: Found) -> tuple[str, dict[str, Any]]:
    return "open", {}


def _description(_: Element, __: str, ___: Found) -> tuple[str, dict[str, Any]]:
    return "slide", {}


READERS = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "essay": _essay,
    "description": _description,
}
