"""Addresses that are called: over real sockets, for rooms that are no more than a state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gamekeeper import Rejected
from gamekeeper.server import hooks
from gamekeeper.server.hooks import ATTEMPTS, Hooks
from gamekeeper.server.keys import Keyring
from tests.receiver import Receiver, receiving, verified

pytestmark = pytest.mark.anyio

SECRETS = ["first-" * 8, "second-" * 8]


class Rooms:
    """One room whose state is a number and the addresses it has called."""

    def __init__(self, hosts: list[str], keys: Keyring | None = None) -> None:
        self.state: dict[str, Any] = {"n": 0, "urls": {}}
        stage = SimpleNamespace(state=self.state)
        self.room: Any = SimpleNamespace(id="r", stage=stage, fold=SimpleNamespace(opened=SimpleNamespace(app="app")))
        self.rooms = {"r": self.room}
        registry: Any = self
        self.hooks = Hooks(registry, keys or Keyring(SECRETS[:1]), hosts, first_retry_s=0.01)
        self.hooks.follow("app", self.calls)

    def calls(self, state: dict[str, Any]) -> list[hooks.Call]:
        return [(id, url, lambda: b'{"n":%d}' % state["n"]) for id, url in state["urls"].items()]

    def commit(self) -> None:
        self.state["n"] += 1
        self.hooks.committed(self.room, [])

    async def quiet(self) -> None:
        """Until nothing is under way."""
        async with asyncio.timeout(10):
            while tasks := [line.task for line in self.hooks._lines.values() if line.task]:
                await asyncio.wait(tasks)


@asynccontextmanager
async def calling(keys: Keyring | None = None) -> AsyncIterator[tuple[Rooms, Receiver]]:
    async with receiving() as receiver:
        rooms = Rooms([receiver.host], keys)
        rooms.state["urls"]["a"] = receiver.url
        try:
            yield rooms, receiver
        finally:
            await rooms.hooks.close()


async def test_changes_that_come_together_are_one_call_of_the_newest() -> None:
    async with calling() as (rooms, receiver):
        for _ in range(20):
            rooms.commit()
        await receiver.until(1)
        await rooms.quiet()
        assert receiver.bodies == [{"n": 20}] and verified(receiver.calls[0], rooms.hooks.secret("r", "a"))
        assert not verified(receiver.calls[0], rooms.hooks.secret("r", "b"))
        rooms.hooks.committed(rooms.room, [])
        await rooms.quiet()
        assert len(receiver.calls) == 1, "what has not changed is not told again"


async def test_what_failed_is_tried_again_with_what_is_newest_and_then_given_up() -> None:
    async with calling() as (rooms, receiver):
        receiver.answer = b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"
        rooms.commit()
        await receiver.until(2)
        rooms.state["n"] = 50
        await rooms.quiet()
        assert len(receiver.calls) == ATTEMPTS and rooms.hooks.failing("r", "a")
        ids = [headers["webhook-id"] for headers, _ in receiver.calls]
        assert ids[0] == ids[1] and receiver.bodies[-1] == {"n": 50} and ids[-1] != ids[0]
        receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
        rooms.commit()
        await rooms.quiet()
        assert receiver.bodies[-1] == {"n": 51} and not rooms.hooks.failing("r", "a")


async def test_one_that_hangs_is_called_once_at_a_time_and_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "TIMEOUT_S", 3.0)
    async with calling() as (rooms, slow), receiving() as quick:
        rooms.hooks._hosts |= Hooks(rooms.hooks._registry, rooms.hooks._keys, [quick.host])._hosts
        rooms.state["urls"]["b"] = quick.url
        slow.hangs = True
        for number in range(1, 4):
            rooms.commit()
            await quick.until(number)
        assert len(slow.calls) == 1 and [body["n"] for body in quick.bodies] == [1, 2, 3]
        await slow.until(2)
        assert slow.bodies[-1] == {"n": 3} and quick.most_at_once == 1


async def test_redirects_are_not_followed_and_long_answers_not_read() -> None:
    async with calling() as (rooms, receiver), receiving() as other:
        receiver.answer = b"HTTP/1.1 307 Over there\r\nlocation: %s\r\ncontent-length: 0\r\n\r\n" % other.url.encode()
        rooms.commit()
        await rooms.quiet()
        assert rooms.hooks.failing("r", "a") and not other.calls
        receiver.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n" + b"x" * 100_000
        rooms.commit()
        async with asyncio.timeout(2):
            await rooms.quiet()
        assert not rooms.hooks.failing("r", "a")


async def test_a_room_that_sleeps_and_an_address_that_is_revoked_are_silent() -> None:
    async with calling() as (rooms, receiver):
        rooms.commit()
        rooms.rooms.clear()
        await rooms.quiet()
        rooms.rooms["r"] = rooms.room
        rooms.commit()
        rooms.state["urls"].clear()
        await rooms.quiet()
        assert not receiver.calls


async def test_only_hosts_that_are_named_are_called() -> None:
    async with calling() as (rooms, receiver), receiving() as other:
        rooms.hooks.check(receiver.url)
        with pytest.raises(Rejected) as caught:
            rooms.hooks.check(other.url)
        assert caught.value.code == "hook_not_allowed"
        rooms.state["urls"]["a"] = other.url
        rooms.commit()
        await rooms.quiet()
        assert not other.calls and rooms.hooks.failing("r", "a")
        assert rooms.hooks.on and not Rooms([]).hooks.on


async def test_a_secret_that_is_replaced_verifies_until_it_is_dropped() -> None:
    keys = Keyring(SECRETS[:1])
    async with calling(keys) as (rooms, receiver):
        old = rooms.hooks.secret("r", "a")
        keys.replace([SECRETS[1], SECRETS[0]])
        rooms.commit()
        await receiver.until(1)
        new = rooms.hooks.secret("r", "a")
        assert new != old and verified(receiver.calls[0], old) and verified(receiver.calls[0], new)
