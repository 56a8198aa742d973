"""`gamekeeper quiz export ROOM --format xlsx|csv|json [-o FILE]`."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gamekeeper_apps.quiz.export import export

UNKNOWN = 2


class Format(StrEnum):
    """What can be written."""

    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


def export_room(
    room: Annotated[str, typer.Argument(help="The room's id or join code.")],
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file instead of standard output.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder; default: the configured one.")] = None,
) -> None:
    """Write a played room. A server may be running. Exit status 2: there is no such room."""
    from gamekeeper.embedded import find_room

    try:
        room, records = asyncio.run(find_room(room, "quiz", data))
    except LookupError as error:
        _refuse(str(error))
    if not records:
        _refuse(f"there is no quiz room {room!r}")
    body = export(room, records, form.value)
    if output is None:
        sys.stdout.buffer.write(body)
        return
    try:
        output.write_bytes(body)
    except OSError as error:
        _refuse(f"cannot write {output}: {error.strerror}")


def _refuse(reason: str) -> NoReturn:
    sys.stderr.write(reason + "\n")
    raise typer.Exit(UNKNOWN)
