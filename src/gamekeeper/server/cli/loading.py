"""Commands and applications from their names, and how a command ends."""

from importlib.metadata import entry_points
from typing import Any, NoReturn

from gamekeeper.app import ENTRY_POINT_GROUP, App, resolve
from gamekeeper.core.errors import Misuse
from gamekeeper.server.cli.output import WRONG_CALL, complain


def application_names() -> list[str]:
    """Installed applications, without importing any."""
    return sorted({point.name for point in entry_points(group=ENTRY_POINT_GROUP)})


def find_app(name: str) -> App:
    """One application: installed under this name, or given as "module:attribute". Ends the program without one."""
    try:
        points = [point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name == name]
        found = points[0].load() if points else resolve(name) if ":" in name else None
    except (Misuse, ImportError, AttributeError) as error:
        end(WRONG_CALL, str(error))
    if not isinstance(found, App):
        end(WRONG_CALL, f"there is no command or application {name!r}; see gamekeeper --help")
    return found


def run_application(name: str, arguments: list[str]) -> NoReturn:
    """`gamekeeper NAME ...`: what an application brings along."""
    app = find_app(name)
    if app.cli is None:
        end(WRONG_CALL, f"application {name!r} brings no commands along")
    run(resolve(app.cli), f"gamekeeper {name}", arguments)


def run_bots(arguments: list[str]) -> NoReturn:
    """`gamekeeper bots NAME ...`: an application's own bots, else those that play by `Game.bot`."""
    if not arguments or arguments[0].startswith("-"):
        end(WRONG_CALL, f"usage: gamekeeper bots APP [OPTIONS]; applications: {', '.join(application_names())}")
    app = find_app(arguments[0])
    program = f"gamekeeper bots {arguments[0]}"
    if app.bots is not None:
        run(resolve(app.bots), program, arguments[1:])
    from gamekeeper.server.cli.bots import command_for

    run(command_for(app, arguments[0]), program, arguments[1:])


def run(command: Any, program: str, arguments: list[str]) -> NoReturn:
    """Run a typer app, or a function as one, and exit with its status."""
    import typer

    app = command
    if not isinstance(command, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command()(command)
    typer.main.get_command(app).main(arguments, prog_name=program)
    raise SystemExit(0)


def end(status: int, message: str) -> NoReturn:
    complain(f"gamekeeper: {message}")
    raise SystemExit(status)


__all__ = ["application_names", "end", "find_app", "resolve", "run", "run_application", "run_bots"]
