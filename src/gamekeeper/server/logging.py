"""JSON lines: one object a line, with request, room, command and trace ids where there are any.

Everything logs with the standard library; structlog shapes it. Tokens, passwords and secrets are never logged; a key
that is called like one is blanked all the same.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter

from gamekeeper.core.record import MICROSECONDS, Entry
from gamekeeper.room.room import Room
from gamekeeper.server.settings import Settings
from gamekeeper.server.sink import LineSink
from gamekeeper.server.trace import trace_id_of_command

REQUESTS = "gamekeeper.requests"
"""The logger of answered requests; each record's `request` is what its line says."""
LOG_FILE_NAME = "server.log"
_SENSITIVE = re.compile("token|password|secret|cookie|authorization", re.IGNORECASE)
_encoder = msgspec.json.Encoder(enc_hook=str)


def open_log(settings: Settings) -> LineSink:
    """Send everything that is logged in this process to where the settings say. Raises `OSError`."""
    sink = LineSink(_target(settings))
    _route(sink, settings.log_level.upper())
    return sink


def _target(settings: Settings) -> Path | int:
    if settings.log_file == "-" or (not settings.log_file and settings.production):
        return sys.stderr.fileno()
    return Path(settings.log_file) if settings.log_file else settings.data / LOG_FILE_NAME


def _route(sink: LineSink, level: str) -> None:
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _blank,
    ]
    handler = _SinkHandler(sink)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(_to_json)],
        )
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _SinkHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("sqlalchemy", "aiosqlite", "alembic", "asyncio", "httpx", "gamekeeper.websocket"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _to_json(event: Any, **_: Any) -> str:
    return _encoder.encode(event).decode()


def _blank(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("message", None)  # the text again, where another handler came first
    event.pop("color_message", None)  # and again, in uvicorn's colours
    for key in event:
        if _SENSITIVE.search(key):
            event[key] = "***"
    return event


class _SinkHandler(logging.Handler):
    def __init__(self, sink: LineSink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink.put(_request_line(record) if record.name == REQUESTS else self.format(record).encode())


def _request_line(record: logging.LogRecord) -> bytes:
    """The line of an answered request. Straight, since there are as many as requests and the chain costs more than a
    cached answer; nothing in it needs blanking."""
    line: dict[str, Any] = structlog.contextvars.get_contextvars() | {
        "timestamp": datetime.fromtimestamp(record.created, UTC), "level": record.levelname.lower(),
        "logger": record.name, "event": record.msg, **record.__dict__["request"],
    }  # fmt: skip
    return _encoder.encode(line)


class _CommandLine(msgspec.Struct, gc=False):
    timestamp: datetime
    level: str
    event: str
    room: str
    seq: int
    events: int
    command: str
    actor: str
    seat: int
    command_id: str | None
    trace_id: str | None


class CommandLog:
    """One line per accepted command: room, seq, who, which command id. An observer of the registry."""

    def __init__(self, sink: LineSink) -> None:
        self._sink = sink

    def committed(self, room: Room, entries: list[Entry]) -> None:
        self._sink.put(b"\n".join([_encoder.encode(_line(room.id, entry)) for entry in entries]))


def _line(room: str, entry: Entry) -> _CommandLine:
    return _CommandLine(
        datetime.fromtimestamp(entry.at / MICROSECONDS, UTC),
        "info",
        "command",
        room,
        entry.seq,
        len(entry.events),
        entry.command,
        entry.actor,
        entry.seat,
        f"{entry.session}:{entry.n}" if entry.n else None,
        trace_id_of_command(room, entry.session, entry.n) if entry.n else None,
    )
