"""A server within a program."""

from pathlib import Path

import pytest
from examples.pennies import app

from gamekeeper.client import Client, ConnectionClosed
from gamekeeper.embedded import Embedded, find_room, records_of, serving

pytestmark = pytest.mark.anyio


async def test_a_server_for_a_block(tmp_path: Path) -> None:
    async with serving(app, tmp_path, log_store="sqlite") as server:
        assert isinstance(server, Embedded)
        async with Client(server.url) as ann:
            await ann.guest("Ann")
            room = await server.open("pennies", ann, seed="seven")
            assert room["code"]
            async with ann.connect(room["id"]) as live:
                assert live.public["winner"] is None
        with pytest.raises(LookupError):
            await records_of("x", tmp_path / "nowhere")
    records = await records_of(room["id"], tmp_path)
    assert b'"seed":"seven"' in bytes(records[0].data)
    for name in (room["id"], room["code"]):
        assert await find_room(name, "pennies", tmp_path) == (room["id"], records)
    assert await find_room(room["id"], "another", tmp_path) == (room["id"], [])
    assert await find_room("NOSUCH", "pennies", tmp_path) == ("NOSUCH", [])


async def test_a_closed_connection_says_so(tmp_path: Path) -> None:
    async with serving(app, tmp_path) as server, Client(server.url) as ann:
        await ann.guest("Ann")
        room = await server.open("pennies", ann)
        async with ann.connect(room["id"]) as live:
            await live.close()
            with pytest.raises(ConnectionClosed):
                await live.changed()
            with pytest.raises(ConnectionClosed):
                await live.send("show", {"side": "heads"})
