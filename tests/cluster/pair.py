"""Two nodes in virtual time: a room on one, sockets of our own on the other, a bus that loses what it is told to."""

import json
from collections.abc import Callable
from typing import Any

from gamekeeper import PLAYER, Seat
from gamekeeper.cluster.gateway import Gateway
from gamekeeper.cluster.post import Post
from gamekeeper.cluster.visitors import Visitor, Visitors
from gamekeeper.testing import Rehearsal
from gamekeeper.testing.tally import Tally
from gamekeeper.testing.virtual import VirtualTime
from gamekeeper.transport.connection import Admission, Connection, Patience
from gamekeeper.wire.frames import Hello
from gamekeeper.wire.relay import Enter

HELLO = b'{"type":"hello","token":"ann"}'


class Wires:
    """A bus in virtual time. `lose(message)` says what does not arrive."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self._members: dict[str, Callable[[bytes], None]] = {}
        self.lost: dict[str, Callable[[], None]] = {}
        self.sent: list[tuple[str, bytes]] = []
        self.lose: Callable[[str], bool] = lambda node: False

    def at(self, node: str) -> "Wire":
        return Wire(self, node)

    def join(self, node: str, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._members[node], self.lost[node] = received, lost

    def carry(self, node: str, message: bytes) -> None:
        self.sent.append((node, message))
        member = self._members.get(node)
        if member is not None and not self.lose(node):
            self._time.call_soon(lambda: member(message))


class Wire:
    """One node's end of it."""

    def __init__(self, wires: Wires, node: str) -> None:
        self._wires = wires
        self._node = node

    def publish(self, node: str, message: bytes) -> None:
        self._wires.carry(node, message)

    def listen(self, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self._wires.join(self._node, received, lost)

    async def run(self) -> None: ...

    async def flush(self) -> None: ...

    async def close(self) -> None: ...


def line(payload: bytes) -> bytes:
    return payload + b"\n"


class Socket:
    """A peer whose buffer fills when told."""

    frame = staticmethod(line)

    def __init__(self, desk: "Pair", patience: Patience) -> None:
        self.buffered = 0
        self.writes: list[bytes] = []
        self.closed: int | None = None
        self.connection = Connection("rehearsal", self, desk, desk.time.now(), patience)

    def write(self, framed: bytes) -> None:
        self.writes.append(framed)

    def close(self, code: int, reason: str) -> None:
        self.closed = code

    def abort(self) -> None: ...

    def hear(self, payload: bytes) -> None:
        self.connection.received(payload, 1.0)

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(one) for write in self.writes for one in write.splitlines()]

    @property
    def kinds(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


class Pair:
    """`owner` has the room, `gate` the sockets."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(Tally())
        self.time = self.rehearsal.time
        self.room = self.rehearsal.room
        for name in ("Ann", "Bob"):
            self.rehearsal.join(name)
        self.wires = Wires(self.time)
        self.owner = Post("owner", self.wires.at("owner"), self.time)
        self.gate = Post("gate", self.wires.at("gate"), self.time)
        self.gateway = Gateway(self.gate)
        self.visitors = Visitors(self.owner, self.time, self.receive)
        self.answers: list[bool] = []
        self.seats = iter((2, 3, 2, 3))
        self.received: list[Visitor] = []
        self.let_in = True

    def receive(self, visitor: Visitor, enter: Enter) -> None:
        self.received.append(visitor)
        if self.let_in:
            seat = Seat(next(self.seats))
            visitor.admit(Admission(self.room, seat, PLAYER, enter.user, enter.session or "session", ""))

    def enter(self, connection: Connection, hello: Hello) -> None:
        enter = Enter(0, connection.room_id, hello.token or "", session=hello.session)
        self.gateway.enter(connection, "owner", enter, self.answers.append)

    def left(self, connection: Connection) -> None:
        self.gateway.left(connection)

    def settle(self) -> None:
        self.time.settle()

    def socket(self, **patience: int) -> Socket:
        """A connection that has said hello; the room's first answers to it are forgotten when it was let in."""
        socket = Socket(self, Patience(**patience))
        socket.hear(HELLO)
        self.settle()
        if self.let_in:
            assert socket.kinds[:1] == ["welcome"]
            socket.writes.clear()
        return socket

    def add(self, socket: Socket, id: int, amount: int) -> None:
        socket.hear(b'{"type":"command","id":%d,"name":"add","data":{"amount":%d}}' % (id, amount))
        self.settle()
