"""Quiz files of our own, and the plain JSON list of questions with a correct answer."""

import json
from fractions import Fraction
from typing import Any, cast

import msgspec

from gamekeeper_apps.quiz.formats.found import Found, Item, Skip, listed, option, per_cent, question
from gamekeeper_apps.quiz.questions import Question

FORMAT = "gamekeeper-quiz/1"
OPTION = ("text", "correct", "weight", "feedback")
CHOSEN = ("single", "true_false", "multi", "order", "poll")
KEYED = ("single", "true_false", "multi", "typed", "number")


def read(document: Any, found: Found) -> None:
    """Read a decoded document; a line is the index of the element."""
    whole = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    entries: Any = whole.get("questions") if isinstance(document, dict) else document
    for at, entry in enumerate(listed(entries)):
        try:
            if not isinstance(entry, dict):
                raise Skip("skip-bad-answer", "not an object")
            item = cast("Item", entry)
            kept = item.get("source")
            found.add(_simple(item) if "question_text" in item else _checked(item), at)
            if whole.get("format") == FORMAT and kept is not None:
                found.questions[-1]["source"] = kept
        except Skip as skip:
            found.problem(skip.code, skip.words, at)


def _checked(item: Item) -> Item:
    """A question in our own shape; what is there stays as it is, what must be there is added. Raises `Skip`."""
    try:
        known = msgspec.convert(_whole(item), Question)
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise Skip("skip-bad-answer", str(error)[:160]) from None
    if not known.text and not known.title:
        raise Skip("skip-no-question", "no text")
    _keyed(known)
    return _whole(item)


def _whole(item: Item) -> Item:
    """With every key of the contract, in the question and in its options."""
    full: Item = {"type": "", "title": None, "text": "", "options": [], "numeric": None, "pairs": []}
    full |= {"explanation": None, "source": None}
    item = item if set(full) <= set(item) else full | item
    options = listed(item["options"])
    if all(set(OPTION) <= set(one) for one in options):
        return item
    right = sum(bool(one.get("correct")) for one in options)
    share = 100 if item["type"] != "multi" or right < 2 else per_cent(Fraction(100, right))
    return item | {"options": [_option(one, item["type"], share) for one in options]}


def _option(one: Item, kind: str, share: int | float) -> Item:
    weight = one.get("weight", share if one.get("correct") or kind == "order" else 0)
    right = weight > 0 if kind in ("multi", "typed") else kind == "order" or weight == 100
    return dict(zip(OPTION, ("", right, weight, None), strict=True)) | one | {"weight": weight}


def _keyed(known: Question) -> None:
    """Raises `Skip` for a question that nobody could answer rightly."""
    weights = [one.weight for one in known.options]
    weights += [one.weight for one in known.numeric.accept] if known.numeric is not None else []
    if any(not -100 <= weight <= 100 for weight in weights):
        raise Skip("skip-bad-answer", "a weight is from -100 to 100")
    if known.type in CHOSEN and len(known.options) < 2:
        raise Skip("skip-too-few-options", "fewer than two options")
    if known.type == "match" and sum(pair.left is not None for pair in known.pairs) < 2:
        raise Skip("skip-too-few-options", "fewer than two pairs")
    if known.type in KEYED and not any(weight > 0 for weight in weights):
        raise Skip("skip-no-key", "no answer is right")


def _simple(item: Item) -> Item:
    text, right = item.get("question_text"), item.get("correct_answer")
    wrong: Any = item.get("wrong_answers") or []
    if not isinstance(text, str) or not text.strip():
        raise Skip("skip-no-question", "no question_text")
    if not isinstance(right, str | int | float) or right == "":
        raise Skip("skip-no-key", "no correct_answer")
    if not isinstance(wrong, list):
        raise Skip("skip-bad-answer", "wrong_answers is no list")
    others = [option(str(one), False, 0) for one in listed(wrong)]
    kind = "single" if others else "typed"
    return question(kind, text, options=[option(str(right), True, 100), *others], text_format="plain")


def written(report: Item) -> bytes:
    """A quiz file of a report with `questions`, `problems` and `counts`: UTF-8, fixed key order, a final newline."""
    return (json.dumps({"format": FORMAT} | report, ensure_ascii=False, indent=2) + "\n").encode()
