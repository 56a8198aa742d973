"""The bus over a real Redis that goes away and comes back."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gamekeeper.cluster import bus_redis
from gamekeeper.cluster.bus_redis import RedisBus
from tests.cluster.nodes import until
from tests.cluster.redis import Redis, redis_in

pytestmark = pytest.mark.anyio


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with redis_in(tmp_path) as redis:
        yield redis


class End:
    """One node's bus and what it is told."""

    def __init__(self, redis: Redis, node: str) -> None:
        self.bus = RedisBus(redis.url, node)
        self.heard: list[bytes] = []
        self.losses = 0
        self.bus.listen(self.heard.append, self._lost)

    def _lost(self) -> None:
        self.losses += 1


@asynccontextmanager
async def running(*ends: End) -> AsyncGenerator[None, None]:
    tasks = [asyncio.create_task(end.bus.run()) for end in ends]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for end in ends:
            await end.bus.close()


async def test_messages_go_to_their_node_in_order(redis: Redis) -> None:
    a, b = End(redis, "a"), End(redis, "b")
    async with running(a, b):
        await until(lambda: a.bus.connected and b.bus.connected)
        sent = [b"%d" % number for number in range(1_000)]
        for message in sent:
            a.bus.publish("b", message)
        await a.bus.flush()
        await until(lambda: len(b.heard) == 1_000)
        assert (a.heard, b.heard) == ([], sent)
        assert (a.losses, b.losses) == (0, 0)


async def test_a_redis_that_dies_is_a_loss_and_its_return_is_found(redis: Redis) -> None:
    """R3-152: losing Redis delays."""
    a, b = End(redis, "a"), End(redis, "b")
    async with running(a, b):
        await until(lambda: a.bus.connected and b.bus.connected)
        redis.kill()
        await until(lambda: a.losses == b.losses == 1)
        a.bus.publish("b", b"into the void")
        redis.start()
        await until(lambda: a.bus.connected and b.bus.connected)
        a.bus.publish("b", b"back")
        await until(lambda: b.heard)
        assert b.heard == [b"back"]


async def test_a_redis_that_says_nothing_is_a_loss(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_redis, "DEAF_AFTER_S", 0.5)
    monkeypatch.setattr(bus_redis, "SELF_EVERY_S", 0.1)
    a = End(redis, "a")
    async with running(a):
        await until(lambda: a.bus.connected)
        redis.freeze()
        await until(lambda: a.losses == 1)
        redis.thaw()
        await until(lambda: a.bus.connected)


async def test_what_waits_is_bounded(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_redis, "MAX_QUEUED_BYTES", 10)
    a = End(redis, "a")
    async with running(a):
        await until(lambda: a.bus.connected)
        a.bus.publish("b", b"x" * 11)
        assert (a.losses, a.bus.connected) == (1, False)
        await until(lambda: a.bus.connected)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme"):
        RedisBus("nowhere", "a")
