"""Open Trivia DB API responses, in each of its encodings."""

import base64
import binascii
import html
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import unquote_plus

from gamekeeper_apps.quiz.formats.found import Found, Item, Skip, listed, option, question, true_false

KINDS = ("multiple", "boolean")


def read(document: dict[str, Any], found: Found) -> None:
    """Read a whole response; a line is the index of the element."""
    for at, entry in enumerate(listed(document.get("results"))):
        try:
            if not isinstance(entry, dict):
                raise Skip("skip-bad-answer", "not an object")
            found.add(_question(cast("dict[str, Any]", entry)), at)
        except Skip as skip:
            found.problem(skip.code, skip.words, at)


def _base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _decoder(kind: str, fields: list[str]) -> Callable[[str], str]:
    if _base64(kind) in KINDS:
        return _base64
    if not any(" " in one for one in fields) and any(re.search("%[0-9A-Fa-f]{2}", one) for one in fields):
        return unquote_plus
    return html.unescape


def _question(entry: dict[str, Any]) -> Item:
    answers: list[Any] = [entry.get("correct_answer"), *listed(entry.get("incorrect_answers"))]
    given = [entry.get("type"), entry.get("question"), *answers]
    texts = [str(one) for one in given if isinstance(one, str)]
    if len(texts) < len(given):
        raise Skip("skip-bad-answer", "type, question and answers must be texts")
    more = {name: str(entry[name]) for name in ("category", "difficulty") if isinstance(entry.get(name), str)}
    decode = _decoder(texts[0], [*texts, *more.values()])
    kind, text, right, *others = [decode(one) for one in texts]
    details: dict[str, Any] = {name: decode(value) for name, value in more.items()} | {"text_format": "plain"}
    if not text:
        raise Skip("skip-no-question", "no text")
    if kind == "boolean":
        if right.lower() not in ("true", "false"):
            raise Skip("skip-no-key", f"{right[:40]!r} is neither True nor False")
        return question("true_false", text, options=true_false(right.lower() == "true"), **details)
    if kind != "multiple":
        raise Skip("skip-unsupported", kind[:40])
    if not right:
        raise Skip("skip-no-key", "no correct answer")
    if not others:
        raise Skip("skip-too-few-options", "no wrong answers")
    options = [option(right, True, 100), *(option(one, False, 0) for one in others)]
    return question("single", text, options=sorted(options, key=_order), **details)


def _order(one: Item) -> tuple[int, float, str]:
    """Numbers ascending, then texts."""
    text = str(one["text"]).strip()
    number = re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text.replace(",", ""))
    return (0, float(number[0]), "") if number else (1, 0, text.casefold())
