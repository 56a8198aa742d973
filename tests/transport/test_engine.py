"""Sessions on a clock of our own: pinged at their interval, ended when dead, and never more than there may be."""

import json
from typing import Any

import pytest

from gamekeeper.transport.engine import MAX_OUTBOX_BYTES, Carrier, Engine, Engines
from gamekeeper.transport.framing import payloads, text_frame
from gamekeeper.transport.heartbeat import Heartbeat, Patterns
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.wire.engineio import PacketError

PATTERNS = Patterns(ping_interval_s=15, ping_timeout_s=10, hello_timeout_s=10, slow_timeout_s=10, close_timeout_s=2)
WEBSOCKET = "EIO=4&transport=websocket"


class Peer:
    frame = staticmethod(text_frame)

    def __init__(self) -> None:
        self.buffered = 0
        self.written: list[bytes] = []
        self.closed: int | None = None
        self.aborted = False

    def write(self, framed: bytes) -> None:
        self.written += payloads(framed)

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def abort(self) -> None:
        self.aborted = True


class Nobody:
    """A door that lets everybody wait."""

    def enter(self, connection: Any, hello: Any) -> None: ...
    def left(self, connection: Any) -> None: ...


class Clockwork:
    def __init__(self, capacity: int = 10) -> None:
        self.now = 1_000.0
        self.reception = Reception(Nobody(), lambda: self.now)
        self.engines = Engines(self.reception, PATTERNS, capacity)
        self.heartbeat = Heartbeat(self.reception, PATTERNS, [self.engines.look])

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            self.heartbeat.look()

    def socket(self) -> tuple[Peer, Carrier]:
        peer = Peer()
        carrier = self.engines.carry(WEBSOCKET, {}, peer)
        assert isinstance(carrier, Carrier)
        carrier.opened()
        return peer, carrier

    def polling(self) -> Engine:
        opened = self.engines.open({"cookie": "gamekeeper_access=token"}, polling=True)
        assert not isinstance(opened, Refusal)
        return opened[0]

    def upgrade(self, engine: Engine) -> tuple[Peer, Carrier]:
        peer = Peer()
        carrier = self.engines.carry(f"{WEBSOCKET}&sid={engine.sid}", {}, peer)
        assert isinstance(carrier, Carrier)
        return peer, carrier


def enter(engine: Engine, now: float, room: str = "r") -> Any:
    """A room's connection that has been let in."""
    engine.take(f"40/rooms/{room},{{}}".encode(), now)
    connection = next(one for one in engine._rooms.values() if one.room_id == room)
    connection._session.joined()
    return connection


def test_a_websocket_is_told_of_its_session_when_it_is_open() -> None:
    clock = Clockwork()
    peer, _ = clock.socket()
    told = json.loads(peer.written[0][1:])
    assert told["sid"] in clock.engines.sessions
    assert (told["pingInterval"], told["pingTimeout"], told["upgrades"]) == (15_000, 10_000, [])


def test_pings_come_at_their_interval_however_much_is_said() -> None:
    """Clients count on them: a stock client that misses one thinks the server is dead."""
    clock = Clockwork()
    peer, carrier = clock.socket()
    engine = carrier._engine
    room = enter(engine, clock.now)
    peer.written.clear()
    for _ in range(4):
        for _ in range(15):
            clock.pass_by(1)
            carrier.received(b"6", clock.now)
        assert peer.written == [b"2"]
        clock.now += 0.05
        carrier.received(b"3", clock.now)
        assert room.rtt_ms == pytest.approx(50)
        peer.written.clear()
        clock.now -= 0.05
    carrier.received(b"3", clock.now + 9)
    assert room.rtt_ms == pytest.approx(50), "an answer nobody asked for measures nothing"


def test_the_dead_are_dropped_within_the_sum() -> None:
    """R0-45, R1-84: interval, timeout and a look."""
    clock = Clockwork()
    peer, carrier = clock.socket()
    enter(carrier._engine, clock.now)
    clock.pass_by(25)
    assert peer.closed is None
    clock.pass_by(1)
    assert (peer.closed, peer.aborted) == (4010, True)
    assert not clock.reception.connections
    clock.pass_by(4)
    assert not clock.engines.sessions


def test_a_session_without_a_room_does_not_live_long() -> None:
    clock = Clockwork()
    peer, _ = clock.socket()
    engine = clock.polling()
    clock.pass_by(10)
    assert not engine.closed
    clock.pass_by(1)
    assert (peer.closed, engine.closed) == (4011, True)
    clock.pass_by(4)
    assert not clock.engines.sessions


def test_sessions_are_bounded() -> None:
    clock = Clockwork(capacity=3)
    for _ in range(3):
        clock.polling()
    refused = clock.engines.open({}, polling=True)
    assert isinstance(refused, Refusal)
    assert refused.status == 503
    assert isinstance(clock.engines.carry(WEBSOCKET, {}, Peer()), Refusal)
    clock.pass_by(15)
    clock.polling()


def test_what_waits_for_a_poll_is_bounded() -> None:
    clock = Clockwork()
    engine = clock.polling()
    room = enter(engine, clock.now)
    big = text_frame(b"4" + b"x" * 50_000)
    for _ in range(MAX_OUTBOX_BYTES // 50_000 + 1):
        engine.write(big)
    assert engine.closed
    assert room.closed
    engine.write(big)
    assert engine.buffered < MAX_OUTBOX_BYTES + 60_000
    last = engine.collect()
    assert last is not None
    assert last.endswith(b"\x1e1"), "and the client is told that it is over"
    assert not clock.engines.sessions


def test_a_cookie_of_the_handshake_goes_with_every_room() -> None:
    clock = Clockwork()
    assert enter(clock.polling(), clock.now).credential == "token"


def test_an_upgrade_takes_along_what_waits() -> None:
    clock = Clockwork()
    engine = clock.polling()
    woken: list[int] = []
    engine.wake = lambda: woken.append(1)
    peer, carrier = clock.upgrade(engine)
    carrier.received(b"2probe", clock.now)
    assert peer.written == [b"3probe"]
    assert woken
    assert engine.collect() == b"6"
    engine.write(text_frame(b"4x") + text_frame(b"4y"))
    carrier.received(b"5", clock.now)
    assert peer.written == [b"3probe", b"4x", b"4y"]
    engine.write(text_frame(b"4z"))
    assert peer.written[-1] == b"4z"
    assert engine.collect() == b"6"


def test_a_failed_upgrade_leaves_polling_as_it_was() -> None:
    clock = Clockwork()
    engine = clock.polling()
    peer, carrier = clock.upgrade(engine)
    carrier.received(b"4x", clock.now)
    assert peer.closed == 4011
    carrier.lost()
    assert not engine.closed
    peer, carrier = clock.upgrade(engine)
    carrier.received(b"2probe", clock.now)
    carrier.lost()
    assert engine.collect() is None
    peer, carrier = clock.upgrade(engine)
    enter(engine, clock.now)
    clock.pass_by(11)
    assert peer.aborted, "a WebSocket that never becomes one of the session"
    assert not engine.closed


@pytest.mark.parametrize("query", ["", "EIO=4", "EIO=4&transport=polling", f"{WEBSOCKET}&sid=nobody"])
def test_a_websocket_for_nobody(query: str) -> None:
    refused = Clockwork().engines.carry(query, {}, Peer())
    assert isinstance(refused, Refusal)
    assert refused.status == 400


def test_one_websocket_for_a_session() -> None:
    clock = Clockwork()
    engine = clock.polling()
    clock.upgrade(engine)
    assert isinstance(clock.engines.carry(f"{WEBSOCKET}&sid={engine.sid}", {}, Peer()), Refusal)
    _, carrier = clock.socket()
    assert isinstance(clock.engines.carry(f"{WEBSOCKET}&sid={carrier._engine.sid}", {}, Peer()), Refusal)


def test_who_says_goodbye_is_seen_off() -> None:
    clock = Clockwork()
    peer, carrier = clock.socket()
    room = enter(carrier._engine, clock.now)
    carrier.received(b"1", clock.now)
    assert (peer.closed, room.closed, clock.engines.sessions) == (1000, True, {})
    carrier.lost()


@pytest.mark.parametrize("packet", [b"", b"x", b"2probe", b"5", b"0", b"44/rooms/r,{}", b"40/rooms/r,{}"])
def test_what_a_server_is_not_sent(packet: bytes) -> None:
    clock = Clockwork()
    engine = clock.polling()
    enter(engine, clock.now)
    with pytest.raises(PacketError):
        engine.take(packet, clock.now)


def test_a_full_server_sends_away() -> None:
    clock = Clockwork()
    engine = clock.polling()
    clock.reception.closing = True
    engine.take(b"40/rooms/r,{}", clock.now)
    assert engine.closed
    assert engine.collect() == b"1"


def test_a_drain_ends_every_session() -> None:
    clock = Clockwork()
    peer, _ = clock.socket()
    engine = clock.polling()
    clock.engines.drain()
    assert (peer.closed, engine.collect()) == (4012, b"1")
