"""The storage of a simulated cluster."""

import random
from collections.abc import Coroutine
from typing import Any

import pytest

from gamekeeper.core.record import Entry, encode_entries
from gamekeeper.log.ownership import Claim, OwnedBy
from gamekeeper.log.protocol import Conflict, Fenced, LogUnavailable
from gamekeeper.testing.simulation.process import Process
from gamekeeper.testing.simulation.storage import LEASE_S, Storage, StoredLog, StoredOwnership
from gamekeeper.testing.virtual import VirtualTime


class Town:
    def __init__(self) -> None:
        self.time = VirtualTime()
        self.storage = Storage(self.time, random.Random(1), lambda room, entry: None)
        self.taken: list[tuple[str, str, str]] = []

    def node(self, name: str) -> tuple[Process, StoredOwnership, StoredLog]:
        process = Process(name, self.time, 0.0)
        ownership = StoredOwnership(self.storage, process, lambda *taken: self.taken.append(taken))
        return process, ownership, StoredLog(self.storage, process, ownership)

    def get(self, process: Process, work: Coroutine[Any, Any, Any]) -> Any:
        task = process.loop.create_task(work)
        process.soon(lambda: None)
        self.time.advance(2.0)
        return task.result()


def body(seq: int) -> bytes:
    return encode_entries([Entry(seq, 0, "", 0, "", 0, "x", ())])  # type: ignore[arg-type]


def test_leases_and_claims_go_over_the_way() -> None:
    town = Town()
    a, owner, _ = town.node("a")
    b, other, _ = town.node("b")
    for process, ownership in ((a, owner), (b, other)):
        town.get(process, ownership.register())
    assert town.get(a, owner.claim("room")) == Claim("room", 1)
    town.get(b, other.renew())
    assert town.get(b, other.claim("room")) == OwnedBy("room", "a", "a") or town.taken
    town.time.advance(LEASE_S)
    town.get(b, other.register())
    town.get(b, other.claim("room"))
    assert town.taken == [("room", "a", "b")]


def test_a_cut_way_says_nothing_of_what_was_done() -> None:
    town = Town()
    a, owner, log = town.node("a")
    town.storage.cut.add(a)
    with pytest.raises(LogUnavailable):
        town.get(a, owner.register())
    with pytest.raises(LogUnavailable):
        town.get(a, log.last_seq("room"))


def test_a_write_is_fenced_and_has_a_position() -> None:
    town = Town()
    a, owner, log = town.node("a")
    town.get(a, owner.register())
    told: list[Exception | None] = []
    log.append("room", 1, 1, body(1), told.append)
    town.time.advance(1)
    assert isinstance(told.pop(), Fenced)
    assert isinstance(town.storage.write("room", 1, body(1), "a", 1), Fenced)
    town.get(a, owner.register())
    town.get(a, owner.claim("room"))
    assert isinstance(town.storage.write("room", 7, body(7), "a", 1), Conflict)
