"""Closing a room while its server runs goes through the server."""

import asyncio
from pathlib import Path

import pytest

from gamekeeper.client import Client, ConnectionClosed
from gamekeeper.server.cli.operator import OPERATOR, close_room
from gamekeeper.server.settings import load
from tests.server import process

pytestmark = pytest.mark.anyio


async def test_everybody_in_it_is_told(tmp_path: Path) -> None:
    with process.server(tmp_path) as (_, ready):
        async with Client(ready["url"]) as ann:
            await ann.guest("Ann")
            room = await ann.open("tally")
            async with ann.connect(room["id"]) as live:
                await close_room(load(data=tmp_path), room["id"], "fire drill")
                with pytest.raises(ConnectionClosed, match="room_closed: fire drill"):
                    await live.until(lambda: False, 5)
    exported = await asyncio.to_thread(process.gamekeeper, "rooms", "export", room["id"], "--data", str(tmp_path))
    assert f'"by":"{OPERATOR}"' in exported.stdout
