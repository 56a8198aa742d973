"""GIFT, as Moodle documents it: items between blank lines, answers in braces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gamekeeper_apps.quiz.formats.found import (
    Found,
    Item,
    Skip,
    accepted,
    around,
    decimal,
    option,
    per_cent,
    question,
    true_false,
)

# An escaped character travels as a control character, so that blanks collapse and marks are found before un-escaping.
ESCAPED = "~=#{}:\\n"
HIDDEN = {mark: chr(number) for number, mark in enumerate(ESCAPED, 1)}
SHOWN = {ord(hidden): "\n" if mark == "n" else mark for mark, hidden in HIDDEN.items()}
CONTROL = dict.fromkeys(range(1, 9))
FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.I)
WEIGHT = re.compile(r"\s*%\s*([-+]?[\d.]+)\s*%")
TRUTH = re.compile(r"\s*(T|TRUE|F|FALSE)\s*(?:#(.*))?$", re.I | re.S)
MARKS = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
ASCII_BLANKS = " \t\r\n\f\v"
BLANKS = re.compile(rf"[{ASCII_BLANKS}]+")


@dataclass
class _Block:
    line: int = 0
    rows: list[str] = field(default_factory=list[str])
    category: str | None = None
    id: str | None = None
    tags: list[str] = field(default_factory=list[str])
    closed: bool = True


def read(text: str, found: Found) -> None:
    """Read a whole file."""
    for block in _blocks(text.translate(CONTROL)):
        try:
            if not block.closed:
                raise Skip("skip-unfinished", "an answer block is not closed")
            found.add(_question(block, found), block.line)
        except Skip as skip:
            found.problem(skip.code, skip.words, block.line)


def _hide(text: str) -> str:
    return re.sub(r"\\([~=#{}:\\n])", lambda mark: HIDDEN[mark[1]], text)


def _shown(text: str) -> str:
    return BLANKS.sub(" ", text).strip(" ").translate(SHOWN)


def _blocks(text: str) -> Iterator[_Block]:
    """Items, by blank lines outside braces. A brace left open ends at the last blank line before the next."""
    block, following, category, depth, gap = _Block(), _Block(), None, False, 0
    for line, row in enumerate(_hide(text).split("\n"), 1):
        bare = row.strip()
        if bare.startswith("//"):
            _comment(bare, following if block.rows else block)
            continue
        if not depth and bare.upper().startswith("$CATEGORY:"):
            if block.rows:
                yield block
                block, following = following, _Block()
            category = _shown(bare[10:])
            continue
        if depth and gap and "{" in row:
            yield _cut(block, gap)
            block, following, depth, gap = _after(block, gap, following), _Block(), False, 0
        if not bare and depth:
            gap = len(block.rows)
        if not bare and not depth:
            if block.rows:
                yield block
                block, following = following, _Block()
            continue
        if not block.rows:
            block.line, block.category = line, category
        block.rows.append(row)
        for mark in re.findall("[{}]", row):
            depth = mark == "{"
        gap = gap if depth else 0
    if block.rows and depth:
        yield from _torn(block)
    elif block.rows:
        yield block


def _cut(block: _Block, gap: int) -> _Block:
    return _Block(block.line, block.rows[:gap], block.category, block.id, block.tags, closed=False)


def _after(block: _Block, gap: int, marks: _Block) -> _Block:
    rest = block.rows[gap + 1 :]
    return _Block(block.line + gap + 1 if rest else 0, rest, block.category, marks.id, marks.tags)


def _torn(block: _Block) -> Iterator[_Block]:
    """An open brace at the end of the file: each paragraph is an item of its own."""
    part, first = _Block(category=block.category), True
    for at, row in enumerate([*block.rows, ""]):
        if row.strip():
            part.line = part.line or block.line + at
            part.rows.append(row)
        elif part.rows:
            part.closed = not first and "{" not in "".join(part.rows)
            yield part
            part, first = _Block(category=block.category), False


def _comment(row: str, block: _Block) -> None:
    for kind, value in MARKS.findall(row):
        if kind == "id":
            block.id = _shown(value)
        else:
            block.tags.append(_shown(value))


def _marked(text: str, inherited: str) -> tuple[str, str]:
    """A text without its format mark, and its format."""
    mark = FORMAT.match(text)
    return (_shown(text[mark.end() :]), mark[1].lower()) if mark else (_shown(text), inherited)


def _question(block: _Block, found: Found) -> Item:
    whole = "\n".join(block.rows)
    title = re.match(r"\s*::(.*?)::", whole, re.S)
    stem = whole[title.end() :] if title else whole
    mark = FORMAT.match(stem)
    format_ = mark[1].lower() if mark else "moodle"
    stem = stem[mark.end() :] if mark else stem
    before, opened, rest = stem.partition("{")
    body, closed, tail = rest.partition("}")
    if bool(opened) != bool(closed) or "}" in before or set("{}") & set(tail):
        raise Skip("skip-bad-answer", "braces do not pair up, or there are two answer blocks")
    more: dict[str, Any] = {"title": _shown(title[1]) if title else None, "text_format": format_}
    more |= {"id": block.id, "tags": block.tags or None, "category": block.category}
    if not opened:
        return question("slide", _shown(stem), **more)
    text, tail = _shown(before), _shown(tail)
    if tail and not set(tail) - set('"; '):
        found.problem("warn-stray-text", f"{tail[:40]!r} after the answers is dropped", block.line)
    elif tail:
        text = f"{text} _____ {tail}".strip()
    body, _, explanation = body.partition("####")
    if explanation.strip():
        more["explanation"], told = _marked(explanation, format_)
        more["explanation_format"] = told if told != format_ else None
    kind, details = _answers(body, format_)
    return question(kind, text, **details, **more)


def _answers(body: str, format_: str) -> tuple[str, dict[str, Any]]:
    bare = body.strip(ASCII_BLANKS)
    if not bare:
        return "open", {}
    if bare.startswith("#"):
        return "number", {"numeric": _numeric(bare[1:], format_)}
    if truth := TRUTH.match(bare):
        first, _, second = (truth[2] or "").partition("#")
        key = truth[1].upper().startswith("T")
        return "true_false", {"options": true_false(key, _marked(first, format_)[0], _marked(second, format_)[0])}
    if "~" in bare:
        return _choices(bare, format_)
    if "=" in bare and "->" in bare:
        return "match", {"pairs": _pairs(bare, format_)}
    if "=" not in bare and not BLANKS.search(bare.partition("#")[0].strip()):
        bare = "=" + bare
    options = [_option(sign, entry, format_, typed=True) for sign, entry in _entries(bare)]
    if not any(one["weight"] > 0 for one in options):
        raise Skip("skip-no-key", "no answer is worth anything")
    return "typed", {"options": options}


def _entries(body: str) -> list[tuple[str, str]]:
    parts = re.split("([=~])", body)
    if parts[0].strip():
        raise Skip("skip-bad-answer", f"{_shown(parts[0])[:40]!r} is neither marked right nor wrong")
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _weighed(entry: str, usual: int) -> tuple[int | float, str]:
    weight = WEIGHT.match(entry)
    return (per_cent(decimal(weight[1])), entry[weight.end() :]) if weight else (usual, entry)


def _option(sign: str, entry: str, format_: str, typed: bool = False, multi: bool = False) -> Item:
    weight, rest = _weighed(entry, 100 if sign == "=" else 0)
    text, _, feedback = rest.partition("#")
    shown, own = _marked(text, format_)
    if not shown:
        raise Skip("skip-empty-option", "an answer without text")
    right = weight > 0 if typed or multi else weight == 100
    return option(shown, right, weight, _marked(feedback, own)[0], format=own if own != format_ else None)


def _choices(body: str, format_: str) -> tuple[str, dict[str, Any]]:
    entries = _entries(body)
    multi = all(sign == "~" for sign, _ in entries)
    options = [_option(sign, entry, format_, multi=multi) for sign, entry in entries]
    if len(options) < 2:
        raise Skip("skip-too-few-options", "fewer than two options")
    if not any(one["weight"] > 0 for one in options):
        raise Skip("skip-no-key", "no option is right")
    return ("multi", {"options": options, "grading": "weights"}) if multi else ("single", {"options": options})


def _pairs(body: str, format_: str) -> list[Item]:
    pairs: list[Item] = []
    for _, entry in _entries(body):
        left, arrow, right = entry.partition("->")
        if not arrow or not _shown(right):
            raise Skip("skip-bad-answer", "a pair without `->` or without its right side")
        pairs.append({"left": _marked(left, format_)[0] or None, "right": _marked(right, format_)[0]})
    if len(pairs) < 2:
        raise Skip("skip-too-few-options", "fewer than two pairs")
    if not any(pair["left"] for pair in pairs):
        raise Skip("skip-no-key", "no pair has a left side")
    return pairs


def _numeric(body: str, format_: str) -> Item:
    otherwise: str | None = None
    ranges: list[Item] = []
    if not body.strip():
        raise Skip("skip-no-key", "no number is given")
    for sign, entry in _entries(body if body.strip()[0] in "=~" else "=" + body):
        weight, rest = _weighed(entry, 100)
        text, _, feedback = rest.partition("#")
        told = _marked(feedback, format_)[0] or None
        if sign == "~" or _shown(text) == "*":
            otherwise = told
        else:
            ranges.append(_range(_shown(text), weight, told))
    if not any(one["weight"] > 0 for one in ranges):
        raise Skip("skip-no-key", "no number is worth anything")
    return {"accept": ranges, "else_feedback": otherwise}


def _range(text: str, weight: int | float, feedback: str | None) -> Item:
    low, between, high = text.partition("..")
    if between:
        return accepted(None, None, (decimal(low), decimal(high)), weight, feedback)
    value, colon, tolerance = text.partition(":")
    return around(decimal(value), decimal(tolerance) if colon else Decimal(0), weight, feedback)
