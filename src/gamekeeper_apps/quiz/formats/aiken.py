"""Aiken: question lines, options `A)` or `A.` in sequence, `ANSWER: X`."""

import re

from gamekeeper_apps.quiz.formats.found import Found, Item, option, question

OPTION = re.compile(r"\s*([A-Z])[).]\s*(.*?)\s*$")
ANSWER = re.compile(r"\s*ANSWER:\s*(.*?)\s*$")


class _Piece:
    """What was read since the last item ended."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.text: list[str] = []
        self.options: list[str] = []
        self.gap = False


def read(text: str, found: Found) -> None:
    """Read a whole file."""
    piece: _Piece | None = None
    for line, row in enumerate(text.split("\n"), 1):
        if not row.strip():
            if piece and not piece.text:
                _unfinished(piece, found)
                piece = None
            continue
        if answer := ANSWER.match(row):
            _finished(piece or _Piece(line), answer[1], found)
            piece = None
            continue
        marked = OPTION.match(row)
        if marked and piece and (piece.options or marked[1] == "A"):
            piece.gap = piece.gap or ord(marked[1]) != ord("A") + len(piece.options)
            piece.options.append(marked[2])
        elif marked and piece is None and marked[1] == "A":
            piece = _Piece(line)
            piece.options.append(marked[2])
        else:
            if piece and piece.options:
                _unfinished(piece, found)
                piece = None
            piece = piece or _Piece(line)
            piece.text.append(row.strip())
    if piece:
        _unfinished(piece, found)


def _unfinished(piece: _Piece, found: Found) -> None:
    if piece.text:
        found.problem("skip-unfinished", "no ANSWER: line", piece.line)
    else:
        found.problem("skip-no-question", "options without a question", piece.line)


def _finished(piece: _Piece, answer: str, found: Found) -> None:
    if not piece.text:
        found.problem("skip-no-question", "no question before the answer", piece.line)
    elif len(piece.options) < 2:
        found.problem("skip-too-few-options", "fewer than two options", piece.line)
    elif piece.gap:
        found.problem("skip-bad-answer", "the options are not in sequence", piece.line)
    elif not re.fullmatch("[A-Z]", answer) or ord(answer) - ord("A") >= len(piece.options):
        found.problem("skip-bad-answer", f"{answer[:40]!r} is none of the options", piece.line)
    else:
        found.add(_single(piece, ord(answer) - ord("A")), piece.line)


def _single(piece: _Piece, key: int) -> Item:
    options = [option(text, at == key, 100 if at == key else 0) for at, text in enumerate(piece.options)]
    return question("single", "\n".join(piece.text), options=options, text_format="plain")
