"""Reading in a process of its own: whatever a file does to the reader, it is over after some seconds."""

import multiprocessing
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from gamekeeper_apps.quiz.formats.found import Found, Refused
from gamekeeper_apps.quiz.formats.reading import alone, read_data, read_file, refused

LIMIT_S = 10.0
Read = tuple[Found, bool]


def file_apart(path: Path, format_: str, limit_s: float = LIMIT_S) -> Read:
    """`read_file`, from a program with a single thread: the child is a fork of it where the system can."""
    method = "fork" if sys.platform == "linux" else "spawn"
    return _apart(method, path.name, limit_s, read_file, path, format_)


def data_apart(data: bytes, name: str, format_: str, limit_s: float = LIMIT_S) -> Read:
    """`read_data` of a file that nothing belongs to, from a server with threads. It blocks its own thread."""
    return _apart("spawn", name, limit_s, read_data, data, name, format_, alone)


def _apart(method: str, name: str, limit_s: float, reader: Callable[..., Read], *arguments: Any) -> Read:
    context: Any = multiprocessing.get_context(method)
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(there, reader, *arguments), daemon=True)
    child.start()
    there.close()
    try:
        if here.poll(limit_s):
            found: Read = here.recv()
            return found
        return refused(name, Refused("error-too-large", f"reading took more than {limit_s:g} seconds")), False
    except EOFError:
        return refused(name, Refused("error-not-readable", "the reader gave up")), False
    finally:
        child.kill()
        child.join()
        here.close()


def _work(there: Connection, reader: Callable[..., Read], *arguments: Any) -> None:
    there.send(reader(*arguments))
    there.close()
