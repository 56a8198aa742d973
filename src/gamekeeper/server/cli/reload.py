"""`gamekeeper serve --reload`: the server in a child process that is started anew whenever the code changes.

For whoever develops a game: rooms are in the log, and the pages reconnect by themselves. Not for production.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NoReturn

from gamekeeper.app import ENTRY_POINT_GROUP
from gamekeeper.server.cli.output import complain

LOOK_EVERY_S = 0.5
STOP_TIMEOUT_S = 15.0

Stamps = dict[Path, int]
"""When each file was last written, in nanoseconds."""


def watched(references: Iterable[str]) -> list[Path]:
    """Folders (and single files) with the code of the framework and of every application."""
    names = [point.module for point in entry_points(group=ENTRY_POINT_GROUP)]
    names += [reference.partition(":")[0] for reference in references]
    found: set[Path] = set()
    for name in ("gamekeeper", *names):
        spec = find_spec(name.partition(".")[0])
        if spec is not None and spec.submodule_search_locations:
            found.update(map(Path, spec.submodule_search_locations))
        elif spec is not None and spec.origin:
            found.add(Path(spec.origin))
    return sorted(found)


def stamps(places: Iterable[Path]) -> Stamps:
    """Every Python file there."""
    found: Stamps = {}
    for place in places:
        for file in place.rglob("*.py") if place.is_dir() else (place,):
            try:
                found[file] = file.stat().st_mtime_ns
            except OSError:
                continue  # an editor is just replacing it
    return found


def supervise(arguments: Sequence[str], places: Sequence[Path]) -> NoReturn:
    """Run `gamekeeper` with these arguments, again after each change, until a signal ends it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    command = [sys.executable, "-m", "gamekeeper.server.cli", *arguments]
    while True:
        before = stamps(places)
        child = subprocess.Popen(command)
        try:
            while (now := stamps(places)) == before:
                time.sleep(LOOK_EVERY_S)
        finally:
            _stop(child)
        complain(f"changed: {', '.join(_changes(before, now))}; starting anew")


def _changes(before: Stamps, now: Stamps) -> list[str]:
    return sorted({os.path.relpath(file) for file, _ in before.items() ^ now.items()})


def _stop(child: "subprocess.Popen[bytes]") -> None:
    """Let it drain; a child that has ended already (a mistake in the code) is no hindrance."""
    child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(0 if number == signal.SIGTERM else 128 + number)
