"""JSON lines with ids and without secrets."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog import contextvars

from gamekeeper import Seat
from gamekeeper.core.seats import PLAYER
from gamekeeper.server.logging import REQUESTS, CommandLog, open_log
from gamekeeper.server.sink import LineSink
from gamekeeper.server.trace import trace_id_of_command
from gamekeeper.testing.tally import Add
from tests.server.kit import settings_in, site_in

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def the_root_logger_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    contextvars.clear_contextvars()


def lines(folder: Path, sink: LineSink) -> list[dict[str, Any]]:
    sink.close()
    return [json.loads(line) for line in (folder / "data" / "server.log").read_text().splitlines()]


def test_a_line_is_an_object_with_the_ids_at_hand(tmp_path: Path) -> None:
    sink = open_log(settings_in(tmp_path))
    contextvars.bind_contextvars(request_id="r1", trace_id="t1")
    logging.getLogger("gamekeeper.test").info("hello %s", "world", extra={"room": "abc", "count": 3})
    (line,) = [line for line in lines(tmp_path, sink) if line["logger"] == "gamekeeper.test"]
    timestamp = line.pop("timestamp")
    assert timestamp.endswith("Z")
    assert line == {
        "event": "hello world", "room": "abc", "count": 3, "request_id": "r1", "trace_id": "t1",
        "logger": "gamekeeper.test", "level": "info",
    }  # fmt: skip


def test_an_answered_request_has_the_same_line(tmp_path: Path) -> None:
    sink = open_log(settings_in(tmp_path))
    contextvars.bind_contextvars(request_id="r1", trace_id="t1")
    logging.getLogger(REQUESTS).info("request", extra={"request": {"route": "/time", "status": 200}})
    (line,) = [line for line in lines(tmp_path, sink) if line["logger"] == REQUESTS]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request", "route": "/time", "status": 200, "request_id": "r1", "trace_id": "t1", "logger": REQUESTS,
        "level": "info",
    }  # fmt: skip


def test_what_is_called_like_a_secret_is_blanked(tmp_path: Path) -> None:
    sink = open_log(settings_in(tmp_path))
    logging.getLogger("gamekeeper.test").info("x", extra={"access_token": "hunter2", "Password": "hunter2"})
    sink.close()
    assert "hunter2" not in (tmp_path / "data" / "server.log").read_text()


def test_a_fault_is_one_line_with_its_traceback(tmp_path: Path) -> None:
    sink = open_log(settings_in(tmp_path))
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("gamekeeper.test").exception("fault")
    (line,) = [line for line in lines(tmp_path, sink) if line["logger"] == "gamekeeper.test"]
    assert line["level"] == "error" and "RuntimeError: broken" in line["exception"]


def test_the_level_and_the_file_are_settings(tmp_path: Path) -> None:
    sink = open_log(settings_in(tmp_path, log_level="warning", log_file=str(tmp_path / "other.log")))
    for level in ("info", "warning"):
        getattr(logging.getLogger("gamekeeper.test"), level)("about %s", level)
    sink.close()
    assert "about warning" in (tmp_path / "other.log").read_text()
    assert "about info" not in (tmp_path / "other.log").read_text()


async def test_each_accepted_command_is_one_line(tmp_path: Path) -> None:
    sink = LineSink(tmp_path / "data" / "server.log")
    async with site_in(tmp_path) as site:
        site.server.registry.observers.append(CommandLog(sink))
        host = await site.guest("Host")
        room = await site.room(host)
        await site.server.registry.join(room["id"], "ann", "Ann", PLAYER)
        who = {"seat": Seat(2), "role": PLAYER, "user": "ann", "session": "s", "command_id": 1}
        await site.server.registry.ask(room["id"], Add(1), **who)
        await site.server.registry.ask(room["id"], Add(1), **who)
    found = lines(tmp_path, sink)
    assert [line["command"] for line in found] == ["open_room", "join_room", "add"], "the repeat took no effect"
    assert found[2] | {"room": room["id"], "seq": 5, "actor": "ann", "seat": 2, "command_id": "s:1"} == found[2]
    assert found[2]["trace_id"] == trace_id_of_command(room["id"], "s", 1)
