"""What a witness takes for a moment: never the middle of what a lagging reader is brought up to date with."""

import random
from types import SimpleNamespace
from typing import Any

import pytest
from bench.crash import Watched

from gamekeeper.testing import Rehearsal
from gamekeeper.transport.connection import Patience
from gamekeeper.wire.frames import decode_from_server
from gamekeeper.wire.replica import Replica
from tests.transport.test_connection import Wire, room, send

__all__ = ["room"]


class Looking:
    """A witness behind a wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        stub: Any = SimpleNamespace(replica=Replica(), listen=None)
        self.watched = Watched(stub, "rehearsal", random.Random(1))
        self.replica: Replica = stub.replica

    def read(self) -> None:
        for write in self.wire.writes:
            for payload in write.splitlines():
                frame = decode_from_server(payload)
                self.watched.connection.listen(frame)  # type: ignore[misc]
                self.replica.feed(frame)
        self.wire.writes.clear()

    @property
    def seen(self) -> list[tuple[str | None, int]]:
        """Cursors, and the total that was seen at each."""
        return [(moment.cursor, moment.public["total"]) for moment in self.watched.witness.moments]


@pytest.mark.parametrize("again", [0, 3])
def test_moments_are_whole(room: Rehearsal, again: int) -> None:
    """A reader that lags has cursors of events whose views were left out."""
    wire = Wire(room, Patience(high_water_bytes=100))
    looking = Looking(wire)
    wire.connection.received(b'{"type":"hello","token":"ann"}', 1.0)
    room.time.settle()
    cursors = room.room.stage.cursors
    totals = {cursors.at(room.room.stage.seq): 0}
    for id in range(1, 12 + again):
        wire.buffered = 10_000 if 4 <= id < 9 else 0
        send(room, wire, id, "add", '{"amount":1}')
        totals[cursors.at(room.room.stage.seq)] = id
        if id == 9:
            wire.connection.drained()
            room.time.settle()
        looking.read()
    looking.watched.observe()
    assert len(looking.seen) >= 5 + again
    assert all(totals[str(cursor)] == total for cursor, total in looking.seen)
    assert looking.seen[-1][1] == 11 + again
