"""`gamekeeper new`."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from gamekeeper.server.cli.output import WRONG_CALL, fail, say

SKELETON = {
    "game.py.txt": "{name}.py",
    "test_game.py.txt": "test_{name}.py",
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
}


def command(
    name: Annotated[str, typer.Argument(help="What the game is called: letters, digits and _.", metavar="NAME")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it [default: NAME].", show_default=False)] = None,
) -> None:
    """Write the skeleton of a new game: rules, tests and packaging that run as they are."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name):
        fail("a name has 2 to 40 letters a-z, digits and _, and begins with a letter", WRONG_CALL)
    target = folder or Path(name)
    if target.exists() and any(target.iterdir()):
        fail(f"{target} is not empty", WRONG_CALL)
    write(name, target)
    say(f"wrote {target}. Next:")
    say(f"  cd {target}")
    say(f"  gamekeeper serve --app {name}:app")
    say("  python -m pytest")


def write(name: str, target: Path) -> None:
    """Write all files of the skeleton. Raises `OSError`."""
    title = name.replace("_", " ").capitalize()
    words = {"name": name, "title": title, "class_name": "".join(part.capitalize() for part in name.split("_"))}
    target.mkdir(parents=True, exist_ok=True)
    for source, file in SKELETON.items():
        text = (files("gamekeeper.server.cli") / "skeleton" / source).read_text()
        (target / file.format(**words)).write_text(_filled(text, words))


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace("{" + word + "}", value)
    return text
