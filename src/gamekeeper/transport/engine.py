"""Engine.IO sessions: what a stock client of Socket.IO has instead of one WebSocket.

A session lives over polling, over a WebSocket, or goes from the one to the other. Whatever carries it, what is written
to it is WebSocket frames, so that what many see is framed once; polling takes them apart again.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from secrets import token_urlsafe
from urllib.parse import parse_qsl

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.transport.connection import Peer
from gamekeeper.transport.framing import payloads, text_frame
from gamekeeper.transport.heartbeat import Patterns
from gamekeeper.transport.reception import Reception, Refusal
from gamekeeper.transport.socketio import RoomSocket
from gamekeeper.wire import engineio, socketio
from gamekeeper.wire.closing import ClosingCode
from gamekeeper.wire.engineio import BadRequest, PacketError, Query
from gamekeeper.wire.frames import Hello

SID_BYTES = 18
MAX_PARAMETERS = 16
MAX_OUTBOX_BYTES = 2 * 1024 * 1024
"""What waits for the next poll, at most: somewhat more than a slow reader's connections keep."""
NORMAL = 1000

_PING = text_frame(engineio.PING)
_CLOSE = text_frame(engineio.CLOSE)


class Engine:
    """One session: the far end of its rooms' connections, whatever carries it."""

    frame = staticmethod(text_frame)

    def __init__(self, sid: str, credential: str | None, engines: "Engines", now: float) -> None:
        self.sid = sid
        self.credential = credential
        """The token that came with the handshake, as a cookie. The sid is nobody's identity."""
        self.carrier: Carrier | None = None
        self.candidate: Carrier | None = None
        self.wake: Callable[[], None] | None = None
        """Set while a poll waits for something to send."""
        self.posting = False
        self.closed = False
        self._engines = engines
        self._upgrade = engineio.Upgrade()
        self._rooms: dict[bytes, RoomSocket] = {}
        self._outbox = bytearray()
        self._had_rooms = False
        self._ended_at = 0.0
        self._heard_at = self._pinged_at = self._ponged_at = self._roomless_since = now

    # -- what arrives ------------------------------------------------------------------------------------------------

    def take(self, packet: bytes, now: float) -> None:
        """One packet. Raises `PacketError`."""
        self._heard_at = now
        kind = packet[:1]
        if kind == engineio.MESSAGE:
            self._message(packet, now)
        elif kind == engineio.PONG:
            self._ponged(now)
        elif kind == engineio.CLOSE:
            self.lost()
        elif kind != engineio.NOOP:
            engineio.check(packet)
            raise PacketError("not a packet for a server")

    def _message(self, message: bytes, now: float) -> None:
        packet = socketio.read_packet(message)
        kind, room = packet.kind, self._rooms.get(packet.namespace)
        if kind == socketio.EVENT and room is not None:
            room.event(packet.ack, packet.data, now)
        elif kind == socketio.CONNECT and room is None:
            self._connect(packet, now)
        elif kind in (socketio.BINARY_EVENT, socketio.BINARY_ACK):
            if room is not None:
                room.refuse_binary(packet.ack)
            raise PacketError("binary is not taken: send JSON")
        elif not self._had_rooms or kind not in (socketio.EVENT, socketio.DISCONNECT, socketio.ACK):
            raise PacketError("not a packet for a server, or not in this order")
        elif kind == socketio.DISCONNECT and room is not None:
            self.leave(packet.namespace)
            room.lost()
        elif kind == socketio.EVENT and packet.ack:
            gone = Rejected(ErrorCode.BAD_FRAME, "not connected to this room")
            self.write(text_frame(socketio.acknowledgement(packet.namespace, packet.ack, gone)))

    def _connect(self, packet: socketio.Packet, now: float) -> None:
        namespace, hello = packet.namespace, socketio.read_hello(packet.data)
        room = socketio.room_of(namespace)
        if room is None:
            self._deny(namespace, ClosingCode.UNKNOWN_ROOM.word, "a namespace is /rooms/{id}")
        elif isinstance(hello, str):
            self._deny(namespace, ErrorCode.BAD_FRAME, hello)
        elif len(self._rooms) >= socketio.MAX_ROOMS:
            self._deny(namespace, ErrorCode.CAPACITY, f"at most {socketio.MAX_ROOMS} rooms in one session")
        elif (refusal := self._engines.reception.fullness()) is not None:
            self.end(ClosingCode.DRAINING, refusal.reason)
        else:
            self._enter(namespace, room, hello, now)

    def _enter(self, namespace: bytes, room_id: str, hello: Hello, now: float) -> None:
        reception = self._engines.reception
        sid = token_urlsafe(SID_BYTES)
        room = RoomSocket(namespace, room_id, self, reception.door, now, reception.patience, sid)
        self._rooms[namespace] = room
        self._had_rooms = True
        reception.connections.add(room)
        room.enter(hello)

    def _deny(self, namespace: bytes, code: str, reason: str) -> None:
        self.write(text_frame(socketio.denied(namespace, code, reason)))

    def _ponged(self, now: float) -> None:
        if self._pinged_at > self._ponged_at:
            self._ponged_at = now
            for room in self._rooms.values():
                room.measured(round((now - self._pinged_at) * 1000, 3))

    def probe(self, carrier: "Carrier", packet: bytes) -> None:
        """What comes over a WebSocket beside polling. Raises `PacketError`."""
        answer = self._upgrade.feed(packet)
        if answer is not None:
            carrier.peer.write(text_frame(answer))
        else:
            waiting, self._outbox = bytes(self._outbox), bytearray()
            self.carrier, self.candidate = carrier, None
            carrier.peer.write(waiting)
            self.drained()
        if self.wake is not None:
            self.wake()

    def unprobed(self) -> None:
        """The WebSocket beside polling is gone."""
        self.candidate = None
        self._upgrade.abandon()

    def drained(self) -> None:
        """What was written has left."""
        for room in tuple(self._rooms.values()):
            room.drained()

    def lost(self) -> None:
        """The client is gone, or says that it goes."""
        self._close(NORMAL, "")
        self._engines.forget(self)

    # -- what the server wants of it ---------------------------------------------------------------------------------

    @property
    def buffered(self) -> int:
        return self.carrier.peer.buffered if self.carrier is not None else len(self._outbox)

    def write(self, framed: bytes) -> None:
        if self.carrier is not None:
            self.carrier.peer.write(framed)
        elif not self.closed:
            self._outbox += framed
            if self.wake is not None:
                self.wake()
            if len(self._outbox) > MAX_OUTBOX_BYTES:
                self.end(ClosingCode.SLOW, "the reader is too slow")

    def collect(self) -> bytes | None:
        """What a poll is answered with; None: nothing yet."""
        if self._outbox:
            packets = payloads(bytes(self._outbox))
            self._outbox.clear()
            if self.closed:
                self._engines.forget(self)
            else:
                self.drained()
            return engineio.join(packets)
        return engineio.NOOP if self.closed or self._upgrade.probed else None

    def leave(self, namespace: bytes) -> None:
        """The room's connection has ended, or is about to."""
        room = self._rooms.pop(namespace, None)
        if room is not None:
            self._engines.reception.connections.discard(room)
        if not self._rooms:
            self._roomless_since = self._engines.reception.now()

    def end(self, code: ClosingCode, reason: str) -> None:
        """Say goodbye; whoever is still in a room is cut off and may come back."""
        if self.carrier is None and not self.closed:
            self._outbox += _CLOSE
        self._close(code.websocket_code, reason)

    def close(self, code: int, reason: str) -> None:
        """A connection never closes its session: its room does."""
        self._close(code, reason)

    def _close(self, code: int, reason: str) -> None:
        if self.closed:
            return
        self.closed = True
        for namespace, room in tuple(self._rooms.items()):
            self.leave(namespace)
            room.lost()
        for carrier in filter(None, (self.carrier, self.candidate)):
            carrier.peer.close(code, reason)
        if self.wake is not None:
            self.wake()

    def abort(self) -> None:
        if self.carrier is not None:
            self.carrier.peer.abort()

    def look(self, now: float, patterns: Patterns) -> None:
        """Once a second: ping, and end what is dead or asks for nothing."""
        if self.closed:
            self._see_off(now, patterns.close_timeout_s)
        elif not self._rooms and now - self._roomless_since > patterns.hello_timeout_s:
            self.end(ClosingCode.PROTOCOL, "no room was asked for")
        elif now - self._heard_at > patterns.ping_interval_s + patterns.ping_timeout_s:
            self.end(ClosingCode.IDLE, "no answer to a ping")
            self.abort()
        elif self._ponged_at >= self._pinged_at and self._ping_is_due(now, patterns.ping_interval_s):
            self._pinged_at = now
            self.write(_PING)
        if self.candidate is not None and now - self.candidate.since > patterns.hello_timeout_s:
            self.candidate.peer.abort()

    def _ping_is_due(self, now: float, interval_s: float) -> bool:
        """At the interval, however much is said otherwise: clients count on it."""
        return now - self._pinged_at >= interval_s or any(room.sampling for room in self._rooms.values())

    def _see_off(self, now: float, timeout_s: float) -> None:
        self._ended_at = self._ended_at or now
        if now - self._ended_at > timeout_s:
            self.abort()
            self._engines.forget(self)


class Carrier:
    """A WebSocket that carries a session, or is about to take it over from polling."""

    def __init__(self, engine: Engine, peer: Peer, since: float, greeting: bytes | None = None) -> None:
        self.peer = peer
        self.since = since
        self._engine = engine
        self._greeting = greeting

    @property
    def closed(self) -> bool:
        return self._engine.closed

    def opened(self) -> None:
        if self._greeting is not None:
            self.peer.write(text_frame(self._greeting))

    def received(self, payload: bytes, now: float) -> None:
        engine = self._engine
        try:
            if engine.carrier is self:
                engine.take(payload, now)
            else:
                engine.probe(self, payload)
        except PacketError as error:
            if engine.carrier is self:
                engine.end(ClosingCode.PROTOCOL, str(error))
            else:
                self.peer.close(ClosingCode.PROTOCOL.websocket_code, str(error))

    def drained(self) -> None:
        if self._engine.carrier is self:
            self._engine.drained()

    def lost(self) -> None:
        if self._engine.carrier is self:
            self._engine.lost()
        elif self._engine.candidate is self:
            self._engine.unprobed()

    def end(self, code: ClosingCode, reason: str) -> None:
        self._engine.end(code, reason)


class Engines:
    """All sessions of one server: who may open one, and how many there are."""

    def __init__(self, reception: Reception, patterns: Patterns, capacity: int = 20_000) -> None:
        self.reception = reception
        self.sessions: dict[str, Engine] = {}
        self.mark = ""
        """What tells this node's sessions from those of others; empty: there are no others."""
        self._patterns = patterns
        self._capacity = capacity
        reception.endpoints[engineio.PATH] = self.carry

    def open(self, headers: Mapping[str, str], *, polling: bool) -> tuple[Engine, bytes] | Refusal:
        """A new session and the packet that tells the client of it."""
        if len(self.sessions) >= self._capacity:
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "no room for another session")
        sid = engineio.marked(token_urlsafe(SID_BYTES), self.mark)
        engine = Engine(sid, self.reception.credential(headers), self, self.reception.now())
        self.sessions[sid] = engine
        patterns = self._patterns
        return engine, engineio.handshake(sid, polling, patterns.ping_interval_s, patterns.ping_timeout_s)

    def carry(self, query: str, headers: Mapping[str, str], peer: Peer) -> Carrier | Refusal:
        """A WebSocket's handshake: a session of its own, or the upgrade of one."""
        found = read_query(query)
        if isinstance(found, BadRequest) or found.polling:
            reason = found if isinstance(found, BadRequest) else BadRequest.TRANSPORT
            return Refusal(HTTPStatus.BAD_REQUEST, reason.body.decode())
        if found.sid is not None:
            return self._candidate(found.sid, peer)
        opened = self.open(headers, polling=False)
        if isinstance(opened, Refusal):
            return opened
        engine, greeting = opened
        engine.carrier = Carrier(engine, peer, self.reception.now(), greeting)
        return engine.carrier

    def _candidate(self, sid: str, peer: Peer) -> Carrier | Refusal:
        engine = self.sessions.get(sid)
        if engine is None or engine.closed:
            return Refusal(HTTPStatus.BAD_REQUEST, BadRequest.SESSION.body.decode())
        if engine.carrier is not None or engine.candidate is not None:
            return Refusal(HTTPStatus.BAD_REQUEST, BadRequest.REQUEST.body.decode())
        engine.candidate = Carrier(engine, peer, self.reception.now())
        return engine.candidate

    def forget(self, engine: Engine) -> None:
        self.sessions.pop(engine.sid, None)

    def look(self, now: float) -> None:
        for engine in tuple(self.sessions.values()):
            engine.look(now, self._patterns)

    def drain(self) -> None:
        """Send home who is in no room either."""
        for engine in tuple(self.sessions.values()):
            engine.end(ClosingCode.DRAINING, "the server restarts")


def read_query(query: str) -> Query | BadRequest:
    """What a request asks for."""
    try:
        return engineio.read_query(dict(parse_qsl(query, max_num_fields=MAX_PARAMETERS)))
    except ValueError:
        return BadRequest.REQUEST
