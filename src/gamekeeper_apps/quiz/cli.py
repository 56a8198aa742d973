"""`gamekeeper quiz ...`."""

import typer

from gamekeeper_apps.quiz.cli_export import export_room
from gamekeeper_apps.quiz.cli_import import import_files
from gamekeeper_apps.quiz.cli_score import score

commands = typer.Typer(no_args_is_help=True, help="Live quizzes: import questions, score answers, export rooms.")


@commands.callback()
def quiz() -> None:
    """Live quizzes: import questions, score answers, export rooms."""


commands.command("export")(export_room)
commands.command("score")(score)
commands.command("import")(import_files)
