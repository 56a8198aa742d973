"""Polling sessions whose requests come to any node."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from gamekeeper.cluster.polls import mark
from gamekeeper.server.lifecycle import Port
from tests.cluster.nodes import Nodes, guest, nodes_in, until
from tests.transport.talk import Polling

pytestmark = pytest.mark.anyio
SESSION_UNKNOWN = {"code": 1, "message": "there is no such session"}


@asynccontextmanager
async def pair(folder: Path) -> AsyncGenerator[tuple[Nodes, Port, Port], None]:
    async with nodes_in(folder) as nodes:
        yield nodes, await nodes.start("north"), await nodes.start("south")


async def session(stack: AsyncExitStack, *ports: Port) -> list[Polling]:
    """One session, opened at the first and spoken to at any of them."""
    ways = [Polling(port.port, {}) for port in ports]
    for way in ways:
        stack.push_async_callback(way.close)
    await ways[0].open()
    for way in ways[1:]:
        way.sid = ways[0].sid
    return ways


def engines(port: Port) -> int:
    return len(port.server.engines.sessions)


async def test_a_room_is_played_over_requests_to_any_node(tmp_path: Path) -> None:
    """R0-66 for those whose network lets no WebSocket through: no sticky sessions."""
    async with pair(tmp_path) as (_, north, south), AsyncExitStack() as stack:
        host, ann = await guest(north, "Host"), await guest(south, "Ann")
        room = await host.open("tally")
        await ann.join(room["code"])
        here, there = await session(stack, north, south)
        namespace = f"/rooms/{room['id']}"
        await there.send(f"40{namespace},{json.dumps({'token': ann.token})}")
        said = (await there.get()).text
        assert said.startswith(f"40{namespace},") and '"welcome"' in said
        for number in range(1, 7):
            waiting = asyncio.create_task((here, there)[number % 2].get())
            answer = await (there, here)[number % 2].post(f'42{namespace},{number}["add",{{"amount":2}}]')
            assert (answer.status_code, answer.text) == (200, "ok")
            told = (await waiting).text
            assert f'43{namespace},{number}[{{"ok":true}}]' in told and f'"total":[{number * 2}]' in told
        assert (engines(north), engines(south)) == (1, 0)


async def test_what_is_refused_is_refused_as_at_home(tmp_path: Path) -> None:
    async with pair(tmp_path) as (_, north, south), AsyncExitStack() as stack:
        here, there = await session(stack, north, south)
        waiting = asyncio.create_task(there.get())
        await until(lambda: all(engine.wake for engine in north.server.engines.sessions.values()))
        second = await there.get()
        assert (second.status_code, second.json()["code"]) == (400, 3)
        assert (await waiting).text == "1", "the session has ended"
        bad = await (await session(stack, north, south))[1].post("x")
        assert (bad.status_code, bad.json()["message"]) == (400, "not a packet")
        here.sid = there.sid = f"nobody.{mark('north')}"
        assert [(await way.get()).json() for way in (here, there)] == [SESSION_UNKNOWN] * 2
        here.sid = "nobody.elsewhere"
        assert (await here.get()).json() == SESSION_UNKNOWN


async def test_who_does_not_wait_any_more_has_left(tmp_path: Path) -> None:
    async with pair(tmp_path) as (_, north, south), AsyncExitStack() as stack:
        _, there = await session(stack, north, south)
        waiting = asyncio.create_task(there.get())
        await until(lambda: all(engine.wake for engine in north.server.engines.sessions.values()))
        waiting.cancel()
        await until(lambda: engines(north) == 0)


async def test_a_node_that_is_gone_takes_its_sessions_with_it(tmp_path: Path) -> None:
    async with pair(tmp_path) as (_, north, south), AsyncExitStack() as stack:
        _, there = await session(stack, north, south)
        waiting = asyncio.create_task(there.get())
        await until(lambda: all(engine.wake for engine in north.server.engines.sessions.values()))
        south.server.membership.post.ended("north")
        assert (await waiting).json() == SESSION_UNKNOWN
        await until(lambda: engines(north) == 0)


def test_a_mark_tells_nodes_apart_and_not_their_names() -> None:
    assert mark("north") != mark("south")
    assert "north" not in mark("north") and mark("north") == mark("north")
