"""`gamekeeper`: one command, its parts imported only when they are called, so that `--help` and `serve` start fast.

Exit status: 0 done; 1 it was tried and failed, or a check found something; 2 the call or its input is wrong.
"""

import sys
from importlib.metadata import version
from typing import NoReturn

from gamekeeper.server.cli import output

PACKAGE = "gamekeeper.server.cli"
COMMANDS = {
    "serve": "Start the server.",
    "bots": "Let bots play an application: gamekeeper bots APP.",
    "load": "Put an application under load and measure: gamekeeper load APP.",
    "rooms": "List, show, close, export and replay rooms.",
    "users": "Add, list and revoke accounts, and say who is an administrator.",
    "verify": "Replay every room and check all that can be checked.",
    "backup": "Copy the data of a running server.",
    "restore": "Put a backup into a data folder.",
    "migrate": "Bring the database to the newest schema.",
    "new": "Write the skeleton of a new game.",
    "schema": "Print the protocol or an application's messages as a schema.",
    "settings": "Show every setting, its value and what it means.",
    "doctor": "Look at this machine and say what is amiss.",
}


def main(arguments: list[str] | None = None) -> NoReturn:
    """The entry point. Applications of the working folder are found without being installed."""
    if "" not in sys.path:
        sys.path.insert(0, "")
    given = sys.argv[1:] if arguments is None else arguments
    name, rest = (given[0], given[1:]) if given else ("--help", [])
    if name in {"--help", "-h", "help"}:
        output.say(help_text())
        sys.exit(0)
    if name == "--version":
        output.say(f"gamekeeper {version('gamekeeper')}")
        sys.exit(0)
    from gamekeeper.server.cli import loading

    if name == "bots":
        loading.run_bots(rest)
    if name in COMMANDS:
        loading.run(loading.resolve(f"{PACKAGE}.{name}:command"), f"gamekeeper {name}", rest)
    loading.run_application(name, rest)


def help_text() -> str:
    """What `gamekeeper --help` says."""
    from gamekeeper.server.cli import loading

    width = max(map(len, COMMANDS)) + 2
    lines = ["Usage: gamekeeper COMMAND [OPTIONS]", "", "An authoritative, durable real-time session server.", ""]
    lines += ["Commands (each has --help):", *[f"  {name:<{width}}{text}" for name, text in COMMANDS.items()]]
    if names := loading.application_names():
        lines += ["", "Applications:", *[f"  {name:<{width}}What {name} brings along." for name in names]]
    return "\n".join(lines)
