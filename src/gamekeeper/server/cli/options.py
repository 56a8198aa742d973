"""Options that several commands have, and the settings that follow from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gamekeeper.server.cli.output import WRONG_CALL, complain, fail

if TYPE_CHECKING:
    from gamekeeper.server.settings import Settings

Data = Annotated[Path | None, typer.Option(help="Folder of log and database [default: data].", show_default=False)]
AppReferences = Annotated[
    list[str] | None,
    typer.Option("--app", help="An application that is not installed, as module:attribute; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with JSON.")]


def load_settings(**chosen: Any) -> "Settings":
    """The settings, or the end of the command with every problem listed."""
    from gamekeeper.server.settings import BadSettings, load

    try:
        return load(**chosen)
    except BadSettings as error:
        for name, problem in sorted(error.problems.items()):
            complain(f"{name}: {problem}")
        fail("the settings cannot be used", WRONG_CALL)
