"""Who says nothing, reads nothing or never says hello is found, on a clock of our own."""

import json
from typing import Any

import pytest

from gamekeeper.transport.connection import Connection
from gamekeeper.transport.heartbeat import Heartbeat, Patterns
from gamekeeper.transport.reception import Reception
from gamekeeper.wire.session import Phase

PATTERNS = Patterns(ping_interval_s=15, ping_timeout_s=10, hello_timeout_s=10, slow_timeout_s=10, close_timeout_s=2)


class Peer:
    frame = staticmethod(bytes)

    def __init__(self) -> None:
        self.buffered = 0
        self.written: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.aborted = False

    def write(self, framed: bytes) -> None:
        self.written.append(json.loads(framed))

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def abort(self) -> None:
        self.aborted = True

    def enter(self, connection: Any, hello: Any) -> None: ...
    def left(self, connection: Any) -> None: ...


class Clockwork:
    def __init__(self, *, live: bool = True) -> None:
        self.now = 1_000.0
        self.peer = Peer()
        self.reception = Reception(self.peer, lambda: self.now)
        self.heartbeat = Heartbeat(self.reception, PATTERNS)
        connection = self.reception.accept("/rooms/r/socket", {}, self.peer)
        assert isinstance(connection, Connection)
        self.connection = connection
        if live:
            connection._session.phase = Phase.LIVE

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            self.heartbeat.look()


def test_the_silent_are_pinged_and_the_dead_dropped_within_the_sum() -> None:
    """R0-45, R1-84, R1-100, R1-105."""
    clock = Clockwork()
    clock.pass_by(15)
    assert clock.peer.written == []
    clock.pass_by(1)
    assert clock.peer.written == [{"type": "ping", "t": 1_016_000.0}]
    clock.pass_by(9)
    assert clock.peer.closed is None
    clock.pass_by(2)
    assert clock.peer.aborted


def test_whoever_answers_stays_and_the_round_trip_is_known() -> None:
    clock = Clockwork()
    clock.pass_by(16)
    clock.now += 0.05
    clock.connection.received(b'{"type":"pong","t":1016000.0}', clock.now)
    assert clock.connection.rtt_ms == pytest.approx(50)
    clock.pass_by(20)
    assert clock.peer.closed is None
    assert clock.peer.written[-1]["rtt_ms"] == pytest.approx(50)


def test_no_hello_no_place() -> None:
    clock = Clockwork(live=False)
    clock.pass_by(10)
    assert clock.peer.closed is None
    clock.pass_by(1)
    assert clock.peer.closed == 4011


def test_who_reads_nothing_is_let_go_to_come_back() -> None:
    clock = Clockwork()
    clock.connection._behind = True
    clock.pass_by(10)
    assert clock.peer.closed is None
    clock.pass_by(2)
    assert (clock.peer.closed, clock.peer.aborted) == (4008, True)


def test_a_close_that_is_not_answered_is_cut() -> None:
    clock = Clockwork(live=False)
    clock.pass_by(11)
    assert not clock.peer.aborted
    clock.pass_by(4)
    assert clock.peer.aborted
