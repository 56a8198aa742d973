"""An application: a game and what belongs to it."""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from gamekeeper.core.errors import Misuse
from gamekeeper.core.game import Game
from gamekeeper.core.seats import HOST, Role

ENTRY_POINT_GROUP = "gamekeeper.apps"


@dataclass(frozen=True)
class App:
    """What `gamekeeper serve` needs to know of one application. The bundled ones use exactly this.

    `routes`, `cli`, `bots`, `projections` and `reactors` are named as "module:attribute" and imported only where they
    are used, so that a server starts without the libraries of a command line it does not run.
    """

    name: str
    title: str
    game: Game[Any, Any, Any]
    description: str = ""
    creator: Role = HOST
    """What the user who opens a room becomes: HOST, or PLAYER in a head-to-head game."""
    connections: Literal["replace", "allow", "reject"] = "replace"
    """What a second live connection of one seat and device does."""
    guests: bool = True
    """Whether guests may open and join its rooms; otherwise only those with an account."""
    routes: str | None = None
    """A function `(server) -> APIRouter`, mounted at `/api/NAME`."""
    cli: str | None = None
    """A typer app: `gamekeeper NAME ...`."""
    bots: str | None = None
    """A typer command: `gamekeeper bots NAME ...`; without it the game's own `bot` plays."""
    projections: tuple[str, ...] = ()
    reactors: tuple[str, ...] = ()
    page: str = "/room/{room}"
    """Where a player goes after joining."""
    host_page: str = ""
    spectator_page: str = ""


def resolve(reference: str) -> Any:
    """The object a "module:attribute" string names. Raises `Misuse` when there is none."""
    module_name, _, attribute = reference.partition(":")
    try:
        return getattr(import_module(module_name), attribute)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise Misuse(f"{reference!r} names nothing: {error}") from error


def load_apps(references: tuple[str, ...] = (), *, installed: bool = True) -> dict[str, App]:
    """The installed applications (entry point group `gamekeeper.apps`) and those named as "module:attribute"."""
    found: list[Any] = [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)] if installed else []
    found += [resolve(reference) for reference in references]
    apps: dict[str, App] = {}
    for app in found:
        if not isinstance(app, App):
            raise Misuse(f"{app!r} is no gamekeeper.App")
        if app.name in apps and apps[app.name] is not app:
            raise Misuse(f"two applications are called {app.name!r}")
        apps[app.name] = app
    return apps
