"""`gamekeeper backup`."""

from pathlib import Path
from typing import Annotated

import typer

from gamekeeper.server.cli import offline
from gamekeeper.server.cli.options import Data, load_settings
from gamekeeper.server.cli.output import WRONG_CALL, fail, progress, say


def command(
    target: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="FOLDER")], data: Data = None
) -> None:
    """Copy log and database while the server runs. The copy is checked; the secret is not in it."""
    from gamekeeper.log.backup import backup

    settings = load_settings(data=data)
    if settings.log_kind == "postgres":
        fail("the log is in PostgreSQL: use pg_dump, and read docs/howto/deploy.md about putting it back", WRONG_CALL)

    async def copy() -> None:
        with progress("Copying") as advance:
            for file in backup(settings.data, target, advance):
                say(f"wrote {file}")

    offline.run(copy())
