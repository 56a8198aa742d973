"""Followers of the log: one node at a time."""

import asyncio

import pytest

from gamekeeper.cluster import following as following_module
from gamekeeper.cluster.following import Following
from gamekeeper.log.ownership import MemoryOwnership, Territory
from gamekeeper.log.protocol import LogUnavailable
from tests.cluster.nodes import until

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following_module, "LOOK_EVERY_S", 0.01)


class Node:
    def __init__(self, territory: Territory, name: str) -> None:
        self.ownership = MemoryOwnership(territory, name)
        self.working = False
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.ownership.register()
        self.following = Following(self.ownership)
        self.task = asyncio.create_task(self.following.run("directory", self._work))

    async def _work(self) -> None:
        self.working = True
        try:
            await asyncio.Event().wait()
        finally:
            self.working = False

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait({self.task})
        await self.following.release()


async def test_one_works_and_another_takes_over() -> None:
    territory = Territory()
    first, second = Node(territory, "a"), Node(territory, "b")
    await first.start()
    await until(lambda: first.working)
    await second.start()
    await asyncio.sleep(0)
    assert (first.working, second.working) == (True, False)
    await first.stop()
    await until(lambda: second.working)
    assert not first.working
    await second.stop()


async def test_who_has_lost_the_name_stops() -> None:
    territory = Territory()
    node = Node(territory, "a")
    await node.start()
    await until(lambda: node.working)
    territory.holdings["follower:directory"] = type(territory.holdings["follower:directory"])("b", 9)
    node.ownership.lost("follower:directory")
    await until(lambda: not node.working)
    await node.stop()


async def test_a_fault_of_the_follower_is_raised() -> None:
    ownership = MemoryOwnership()
    await ownership.register()

    async def fail() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await Following(ownership).run("directory", fail)


async def test_an_outage_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ownership = MemoryOwnership()
    await ownership.register()
    attempts = 0
    claim = ownership.claim

    async def refuse_once(room: str) -> object:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise LogUnavailable("away")
        return await claim(room)

    async def fail() -> None:
        raise RuntimeError("it ran")

    monkeypatch.setattr(ownership, "claim", refuse_once)
    with pytest.raises(RuntimeError, match="it ran"):
        await Following(ownership).run("directory", fail)
    assert attempts == 2
