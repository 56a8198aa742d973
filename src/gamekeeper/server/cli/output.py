"""What commands say: tables for people, JSON for programs, bars for what takes long."""

import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

FAILED = 1
WRONG_CALL = 2


class Advance(Protocol):
    """Tell a bar how far it is."""

    def __call__(self, done: int, total: int) -> None: ...


def say(text: str = "") -> None:
    """One line for whoever called, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """One JSON value, alone on standard output."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def fail(text: str, status: int = FAILED) -> NoReturn:
    """End with a message on standard error."""
    complain(f"gamekeeper: {text}")
    raise SystemExit(status)


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows under their column names; nothing is cut off."""
    cells = [["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in [columns, *cells]:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@contextmanager
def progress(label: str) -> Generator[Advance, None, None]:
    """A bar on standard error, where a person is looking."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
