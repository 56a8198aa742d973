"""The bus between nodes of one process."""

import asyncio

import pytest

from gamekeeper.cluster.bus import Exchange

pytestmark = pytest.mark.anyio


async def test_messages_arrive_later_and_in_order() -> None:
    exchange = Exchange(asyncio.get_running_loop().call_soon)
    heard: list[bytes] = []
    exchange.bus("a").listen(heard.append, lambda: None)
    other = exchange.bus("b")
    other.publish("a", b"1")
    other.publish("a", b"2")
    other.publish("nobody", b"3")
    assert heard == []
    await other.run()
    await other.flush()
    await asyncio.sleep(0)
    assert heard == [b"1", b"2"]


async def test_who_has_closed_hears_nothing() -> None:
    exchange = Exchange(asyncio.get_running_loop().call_soon)
    heard: list[bytes] = []
    bus = exchange.bus("a")
    bus.listen(heard.append, lambda: None)
    bus.publish("a", b"1")
    await bus.close()
    await asyncio.sleep(0)
    assert heard == []
