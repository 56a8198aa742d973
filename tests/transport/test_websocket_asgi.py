"""The ASGI transport beyond the conformance suite (`test_websocket.py` runs all of it over this one too)."""

import asyncio
import time
from typing import Any

import pytest

from gamekeeper.transport.reception import Reception
from gamekeeper.transport.websocket_asgi import AsgiPeer

pytestmark = pytest.mark.anyio


class Door:
    def enter(self, connection: Any, hello: Any) -> None: ...
    def left(self, connection: Any) -> None: ...


async def test_a_refused_handshake_is_closed_before_it_is_accepted() -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/elsewhere", "headers": []}
    await AsgiPeer().serve(Reception(Door(), time.time), scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_what_is_buffered_is_counted_until_it_is_sent() -> None:
    release = asyncio.Event()
    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    incoming.put_nowait({"type": "websocket.receive", "text": "rubbish"})

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await release.wait()

    peer = AsgiPeer()
    reception = Reception(Door(), time.time)
    scope = {"type": "websocket", "path": "/rooms/r/socket", "headers": []}
    task = asyncio.create_task(peer.serve(reception, scope, incoming.get, send))
    await asyncio.sleep(0.05)
    assert peer.buffered > 0
    release.set()
    await asyncio.sleep(0.05)
    assert peer.buffered == 0
    incoming.put_nowait({"type": "websocket.disconnect"})
    await task
    assert not reception.connections
