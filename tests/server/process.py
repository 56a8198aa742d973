"""The command line in a process of its own, with a game that is not installed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GAME = "gamekeeper.testing.tally:app"


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GAMEKEEPER_")}
    return kept | {f"GAMEKEEPER_{name.upper()}": value for name, value in settings.items()}


def gamekeeper(
    *arguments: str, stdin: str = "", cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "gamekeeper.server.cli", *arguments],
        input=stdin, capture_output=True, text=True, timeout=60, cwd=cwd, env=environment(**settings),
    )  # fmt: skip


@contextmanager
def server(data: Path, *arguments: str, **settings: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """`gamekeeper serve` with the test game; the process and its ready line. Killed at the end if it still runs."""
    process = start(data, *arguments, **settings)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        process.kill()
        process.communicate()


def start(data: Path, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
    command = ["serve", "--json", "--port", "0", "--data", str(data), "--app", GAME, *arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "gamekeeper.server.cli", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**settings),
    )  # fmt: skip
