"""`gamekeeper chsh ...`."""

import typer

from gamekeeper_apps.chsh.cli_analyse import analyse
from gamekeeper_apps.chsh.cli_export import export_room
from gamekeeper_apps.chsh.cli_verify import verify

commands = typer.Typer(no_args_is_help=True, help="The Bell game: analyse tables, export rooms.")


@commands.callback()
def chsh() -> None:
    """The Bell game: analyse tables, export rooms."""


commands.command("analyse")(analyse)
commands.command("export")(export_room)
commands.command("verify")(verify)
