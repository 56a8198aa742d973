"""`gamekeeper restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import Data, load_settings
from gamekeeper.server.cli.output import WRONG_CALL, fail, progress, say

if TYPE_CHECKING:
    from gamekeeper.server.settings import Settings

FORMATS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"]


def command(
    source: Annotated[
        Path | None, typer.Argument(help="A folder that `backup` wrote.", metavar="FOLDER", show_default=False)
    ] = None,
    database: Annotated[
        bool, typer.Option("--database", help="PostgreSQL: pg_restore has put a backup back; begin a new epoch.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the log that is there; it is kept.")] = False,
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="Rooms as they were at this time; UTC unless an offset is given."),
    ] = None,
    data: Data = None,
) -> None:
    """Put a backup into the data folder of a stopped server. Every client starts over from what it then sees."""
    from gamekeeper.log.backup import restore

    settings = load_settings(data=data)
    if database != (source is None):
        fail("name a FOLDER, or say --database", WRONG_CALL)
    if source is None:
        say(f"the log is now in epoch {offline.run(_new_epoch(settings))}")
        return
    moment = microseconds(until) if until is not None else None

    async def put_back() -> int:
        with progress("Copying") as advance:
            return restore(source, settings.data, overwrite=overwrite, until=moment, progress=advance)

    say(f"restored into {settings.data}; the log is now in epoch {offline.run(put_back())}")


def microseconds(time: datetime) -> int:
    """Since the epoch."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000_000)


async def _new_epoch(settings: "Settings") -> int:
    if settings.log_kind != "postgres":
        fail("the log is not in PostgreSQL; name a FOLDER", WRONG_CALL)
    from gamekeeper.log.postgres.schema import new_epoch
    from gamekeeper.server.storage import owner_url

    return await new_epoch(owner_url(settings) or settings.database_url)
