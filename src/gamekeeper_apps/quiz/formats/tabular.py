"""Rows of cells: Kahoot's sheet, CSV, TSV and Anki's text export."""

import csv
import io
import re
from decimal import Decimal
from typing import Any

from gamekeeper_apps.quiz.formats.found import (
    MAX_QUESTIONS,
    Found,
    Item,
    Refused,
    Skip,
    decimal,
    option,
    question,
    shortest,
    true_false,
)

LIMITS = (5, 10, 20, 30, 60, 90, 120, 240)
MAX_POINTS = 10_000
MAX_CELL = 100_000
MAX_ROWS = 2 * MAX_QUESTIONS
HEADER_ROWS = 50  # a workbook's header may stand below a letterhead; a text's is its first row
ANKI = r"#(separator|html|tags|columns|deck|notetype|guid|if matches|(deck|notetype|tags|guid) column):"
NAMES = {
    "text": r"question( ?text)?|text|front",
    "key": r"answer|correct|correct ?answers?( ?\(s\))?|key|back",
    "limit": r"time( ?limit)?( ?\(?(sec|seconds|s)\)?)?|time in seconds|limit( s)?",
    "points": r"points|score",
    "type": r"type|question type",
    "explanation": r"explanation|feedback|comment",
    "category": r"category|topic|deck",
    "wrong": r"(wrong|incorrect|false)( ?answers?)?( ?\d*)?|distractor ?\d*",
    "option": r"(option|answer|choice) ?(\d+|[a-h])",
}
Columns = dict[str, list[int]]


def columns(header: list[str]) -> Columns:
    """Which columns hold what, by their names."""
    found: Columns = {}
    for at, cell in enumerate(header):
        name = re.split(r"\s[-–—]\s|\s*\(", cell.strip().lower().replace("_", " "), maxsplit=1)[0].strip(" :")
        for kind, pattern in NAMES.items():
            if re.fullmatch(pattern, name):
                found.setdefault(kind, []).append(at)
    return found


def header(rows: list[tuple[int, list[str]]], within: int = HEADER_ROWS) -> tuple[int, Columns] | None:
    """The first row that names a question and its answers, and its columns."""
    for at, (_, row) in enumerate(rows[:within]):
        found = columns(row)
        if "text" in found and ({"key", "option"} & set(found)):
            return at, found
    return None


def read(rows: list[tuple[int, list[str]]], found: Found, kahoot: bool) -> None:
    """Rows with their line numbers."""
    named = header(rows, HEADER_ROWS if kahoot else 1)
    if named is None and kahoot:
        found.problem("skip-no-question", "no header row with a question and its answers", rows[0][0] if rows else 1)
        return
    start, where = (named[0] + 1, named[1]) if named else (0, {"text": [0], "key": [1], "wrong": [*range(2, 30)]})
    for line, row in rows[start:]:
        cells = {kind: [row[at].strip() for at in places if at < len(row)] for kind, places in where.items()}
        if not any(value for kind in cells for value in cells[kind]):
            continue
        try:
            found.add(_question(cells, found, line, kahoot), line)
        except Skip as skip:
            found.problem(skip.code, skip.words, line)


def _one(cells: dict[str, list[str]], kind: str) -> str:
    return next((value for value in cells.get(kind, []) if value), "")


def _question(cells: dict[str, list[str]], found: Found, line: int, kahoot: bool) -> Item:
    text, key, options = _one(cells, "text"), _one(cells, "key"), cells.get("option", [])
    if not text:
        raise Skip("skip-no-question", "no question text")
    more: dict[str, Any] = {
        "explanation": _one(cells, "explanation"),
        "category": _one(cells, "category") or None,
        "text_format": "plain",
    }
    if limit := _one(cells, "limit"):
        value = _amount(limit, found, line)
        more["limit_s"] = value
        if kahoot and value is not None and value not in LIMITS:
            found.problem("warn-time-limit", f"{limit[:20]} s is not one of Kahoot's limits", line)
    if points := _one(cells, "points"):
        worth = _amount(points, found, line)
        more["points"] = worth if isinstance(worth, int) and worth <= MAX_POINTS else None
    if kahoot and (len(text) > 120 or any(len(one) > 75 for one in options)):
        found.problem("warn-long-text", "longer than Kahoot's 120 and 75 characters", line)
    if not key:
        raise Skip("skip-no-key", "no correct answer")
    if any(options):
        return _chosen(text, key, options, more)
    return _told(text, key, [one for one in cells.get("wrong", []) if one], _one(cells, "type").lower(), more)


def _amount(text: str, found: Found, line: int) -> int | float | None:
    try:
        value = decimal(re.sub(r"\s*(s|sec|seconds)\.?$", "", text))
    except Skip:
        value = Decimal(-1)
    if 0 <= value <= 100_000:
        return shortest(value)
    found.problem("warn-time-limit", f"{text[:20]!r} is no limit or number of points and is left out", line)
    return None


def _chosen(text: str, key: str, options: list[str], more: dict[str, Any]) -> Item:
    """Options with a key that is a list of numbers, of letters, or a text."""
    right = _places(key, options)
    for at in right:
        if at >= len(options) or not options[at]:
            raise Skip("skip-bad-answer", f"{key[:40]!r} names an answer that is not there")
    many = len(right) > 1
    share = 100 / len(right) if right else 100
    filled = [(at, one) for at, one in enumerate(options) if one]
    if len(filled) < 2:
        raise Skip("skip-too-few-options", "fewer than two answers")
    if not right:
        raise Skip("skip-bad-answer", f"{key[:40]!r} is none of the answers")
    worth = shortest(round(Decimal(share), 5)) if many else 100
    listed = [option(one, at in right, worth if at in right else 0) for at, one in filled]
    if not many and [one.lower() for _, one in filled] == ["true", "false"]:
        return question("true_false", text, options=true_false(options[right[0]].lower() == "true"), **more)
    return question("multi" if many else "single", text, options=listed, grading="per_option" if many else None, **more)


def _places(key: str, options: list[str]) -> list[int]:
    exact = [at for at, one in enumerate(options) if one and one == key][:1]
    if exact and not re.fullmatch(r"\d+|[A-Za-z]", key):
        return exact
    parts = [part.strip() for part in re.split(r"[,;]", key) if part.strip()]
    numbered: list[int] = []
    if parts and all(re.fullmatch(r"\d{1,2}(\.0)?", part) and float(part) >= 1 for part in parts):
        numbered = sorted({int(float(part)) - 1 for part in parts})
    elif parts and all(re.fullmatch("[A-Za-z]", part) for part in parts):
        numbered = sorted({ord(part.upper()) - ord("A") for part in parts})
    there = all(at < len(options) and options[at] for at in numbered)
    return exact if exact and not there else numbered or exact


def _told(text: str, key: str, wrong: list[str], kind: str, more: dict[str, Any]) -> Item:
    """The right answer with wrong ones; without any it is typed, alternatives between bars."""
    if kind in ("boolean", "true_false", "true/false") or {key.lower(), *map(str.lower, wrong)} == {"true", "false"}:
        return question("true_false", text, options=true_false(key.lower() in ("true", "t", "1")), **more)
    if wrong:
        options = [option(key, True, 100), *(option(one, False, 0) for one in wrong)]
        return question("single", text, options=options, **more)
    typed = [one.strip() for one in key.split("|") if one.strip()]
    return question("typed", text, options=[option(one, True, 100) for one in typed], **more)


def delimited(text: str) -> list[tuple[int, list[str]]]:
    """CSV, TSV or Anki rows with their line numbers."""
    names = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "space": " ", "colon": ":"}
    lines = text.split("\n")
    skipped, delimiter = 0, ""
    for line in lines:
        if not re.match(ANKI, line, re.I):
            break
        skipped += 1
        if line.lower().startswith("#separator:"):
            named = line[11:].strip()
            delimiter = names.get(named.lower(), named[:1])
    body = "\n".join(lines[skipped:])
    delimiter = delimiter or _sniffed(body)
    rows: list[tuple[int, list[str]]] = []
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    number = skipped + 1
    for row in reader:
        if any(row):
            rows.append((number, row))
        if len(rows) > MAX_ROWS:
            raise Refused("error-too-large", f"more than {MAX_ROWS} rows", number)
        number = skipped + reader.line_num + 1
    return rows


def _sniffed(body: str) -> str:
    first = next((line for line in body.split("\n") if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max("\t;,|", key=lambda mark: (bare.count(mark), mark == ","))
